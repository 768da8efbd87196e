/// What the lines of k-space along the phase-encoding axis are multiplied by.
///
/// In the image this is a convolution around a circle with the inverse Fourier transform of these
/// factors, g(m) = 1/n · Σ factor(k) · exp(2πi·k·m/n), k running from -⌊n/2⌋ on. It is calculated by
/// direct sums: patches are short, n products a voxel cost no more than transforms there and back.
struct PhaseSpectrum {
  /// A complex number.
  struct Factor {
    var real: Double
    var imaginary: Double

    /// A real number.
    static func real(_ value: Double) -> Factor { Factor(real: value, imaginary: 0) }

    /// exp(2πi · turns).
    static func turn(_ turns: Double) -> Factor {
      Factor(real: cosine(2 * .pi * turns), imaginary: sine(2 * .pi * turns))
    }
  }

  /// The kernel g in the image.
  private(set) var kernel: [Factor]

  /// The kernel of lines of `length` voxels; `factor` is asked for each line of k-space, counted from
  /// its middle.
  init(length: Int, factor: (Int) -> Factor) {
    let lines = (0..<length).map { $0 - length / 2 }
    let factors = lines.map(factor)
    // The exponentials repeat after n steps: one table for all products k · m.
    let table = (0..<length).map { Factor.turn(Double($0) / Double(length)) }
    kernel = (0..<length).map { place in
      var sum = Factor.real(0)
      for (line, factor) in zip(lines, factors) {
        let wave = table[((line * place) % length + length) % length]
        sum.real += factor.real * wave.real - factor.imaginary * wave.imaginary
        sum.imaginary += factor.real * wave.imaginary + factor.imaginary * wave.real
      }
      return Factor(real: sum.real / Double(length), imaginary: sum.imaginary / Double(length))
    }
  }
}

extension LineOperator {
  /// The convolution, and the magnitude of what comes out.
  init(_ spectrum: PhaseSpectrum) {
    self.init(
      circular: spectrum.kernel.map { Float($0.real) },
      imaginary: spectrum.kernel.map { Float($0.imaginary) })
  }
}
