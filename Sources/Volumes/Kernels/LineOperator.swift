/// Sixteen lines side by side.
private typealias Bundle = SIMD16<Float>

/// A linear map of the lines of a patch along one axis, each n voxels long: a sparse n×n matrix.
///
/// Blurring, a lower resolution, and all that magnetic resonance does along the phase-encoding axis
/// are such maps. Sixteen lines are worked on at once; the matrix is read once for all of them.
struct LineOperator: Sendable {
  /// The length n of a line.
  let length: Int
  /// Where the taps of each output voxel start, and where the last one's end.
  private var starts = [0]
  private var sources: [Int32] = []
  private var weights: [Float] = []
  /// The imaginary parts of the weights; empty where the map is real.
  private var imaginary: [Float] = []

  /// A map of lines of `length` voxels; `row` gives the taps of an output voxel: where they lie in
  /// the line (0..<length; a place may come more than once) and their weights.
  init(length: Int, row: (Int) -> [(source: Int, weight: Float)]) {
    self.length = length
    for target in 0..<length {
      for (source, weight) in row(target) where weight != 0 {
        precondition((0..<length).contains(source), "a tap lies in the line")
        sources.append(Int32(source))
        weights.append(weight)
      }
      starts.append(sources.count)
    }
  }

  /// A convolution around a circle with a complex kernel, of which the magnitude is taken.
  init(circular real: [Float], imaginary: [Float]) {
    precondition(real.count == imaginary.count, "a number has two parts")
    length = real.count
    for target in 0..<length {
      for source in 0..<length {
        let place = (target - source + length) % length
        guard real[place] != 0 || imaginary[place] != 0 else { continue }
        sources.append(Int32(source))
        weights.append(real[place])
        self.imaginary.append(imaginary[place])
      }
      starts.append(sources.count)
    }
  }

  /// Replaces every line of one channel along `axis`.
  ///
  /// - Parameters:
  ///   - patch: `[channels, d, h, w]`.
  ///   - range: the channel's voxels.
  ///   - size: (d, h, w); `size[axis]` is ``length``.
  ///   - axis: along which lines run.
  ///   - offset: subtracted from the voxels before, added after: where the map is not one that
  ///     keeps constants, or takes a magnitude.
  func apply(
    to patch: inout MutableSpan<Float>, _ range: Range<Int>, size: [Int], axis: Int,
    offset: Float = 0
  ) {
    precondition(
      size[axis] == length && range.count == size[0] * size[1] * size[2]
        && range.lowerBound >= 0 && range.upperBound <= patch.count, "the lines fit the patch")
    let inner = size[(axis + 1)...].reduce(1, *)
    unsafe patch.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      let base = unsafe start + range.lowerBound
      unsafe withUnsafeTemporaryAllocation(of: Bundle.self, capacity: 2 * length) { lines in
        guard let input = lines.baseAddress else { return }
        let output = unsafe input + length
        if inner == 1 {
          // Lines lie one behind the other.
          let count = range.count / length
          for line in stride(from: 0, to: count, by: 16) {
            let place = unsafe base + line * length
            let lanes = min(16, count - line)
            unsafe readAcross(place, into: input, lanes: lanes, offset: offset)
            unsafe run(input, output)
            unsafe writeAcross(output, to: place, lanes: lanes, offset: offset)
          }
        } else {
          for block in stride(from: 0, to: range.count, by: length * inner) {
            for lane in stride(from: 0, to: inner, by: 16) {
              let place = unsafe base + block + lane
              let lanes = min(16, inner - lane)
              unsafe read(place, step: inner, into: input, lanes: lanes, offset: offset)
              unsafe run(input, output)
              unsafe write(output, to: place, step: inner, lanes: lanes, offset: offset)
            }
          }
        }
      }
    }
  }

  /// The map of sixteen lines.
  private func run(
    _ input: UnsafeMutablePointer<Bundle>, _ output: UnsafeMutablePointer<Bundle>
  ) {
    unsafe sources.withUnsafeBufferPointer { sources in
      unsafe weights.withUnsafeBufferPointer { weights in
        unsafe imaginary.withUnsafeBufferPointer { imaginary in
          if imaginary.isEmpty {
            for target in 0..<length {
              var sum = Bundle.zero
              for tap in starts[target]..<starts[target + 1] {
                unsafe sum += input[Int(sources[tap])] * weights[tap]
              }
              unsafe output[target] = sum
            }
          } else {
            for target in 0..<length {
              var (real, other) = (Bundle.zero, Bundle.zero)
              for tap in starts[target]..<starts[target + 1] {
                let value = unsafe input[Int(sources[tap])]
                unsafe real += value * weights[tap]
                unsafe other += value * imaginary[tap]
              }
              let square = real * real + other * other
              unsafe output[target] = Bundle(
                lowHalf: squareRoot(square.lowHalf), highHalf: squareRoot(square.highHalf))
            }
          }
        }
      }
    }
  }

  // MARK: Into bundles, and back

  private func read(
    _ place: UnsafeMutablePointer<Float>, step: Int, into lines: UnsafeMutablePointer<Bundle>,
    lanes: Int, offset: Float
  ) {
    for index in 0..<length {
      let source = unsafe place + index * step
      if lanes == 16 {
        unsafe lines[index] =
          UnsafeRawPointer(source).loadUnaligned(as: Bundle.self) - offset
      } else {
        var bundle = Bundle.zero
        for lane in 0..<lanes { bundle[lane] = unsafe source[lane] - offset }
        unsafe lines[index] = bundle
      }
    }
  }

  private func write(
    _ lines: UnsafeMutablePointer<Bundle>, to place: UnsafeMutablePointer<Float>, step: Int,
    lanes: Int, offset: Float
  ) {
    for index in 0..<length {
      let target = unsafe place + index * step
      let bundle = unsafe lines[index] + offset
      if lanes == 16 {
        unsafe UnsafeMutableRawPointer(target).storeBytes(of: bundle, as: Bundle.self)
      } else {
        for lane in 0..<lanes { unsafe target[lane] = bundle[lane] }
      }
    }
  }

  /// Reads whole lines, four by four voxels at a time.
  private func readAcross(
    _ place: UnsafeMutablePointer<Float>, into lines: UnsafeMutablePointer<Bundle>, lanes: Int,
    offset: Float
  ) {
    let values = unsafe UnsafeMutableRawPointer(lines).assumingMemoryBound(to: Float.self)
    let whole = lanes == 16 ? length & ~3 : 0
    for index in stride(from: 0, to: whole, by: 4) {
      for lane in stride(from: 0, to: 16, by: 4) {
        let block = unsafe Block(place + lane * length + index, step: length, offset: -offset)
        unsafe block.transposed.store(to: values + index * 16 + lane, step: 16)
      }
    }
    for index in whole..<length {
      for lane in 0..<16 {
        unsafe values[index * 16 + lane] = lane < lanes ? place[lane * length + index] - offset : 0
      }
    }
  }

  /// Writes whole lines, four by four voxels at a time.
  private func writeAcross(
    _ lines: UnsafeMutablePointer<Bundle>, to place: UnsafeMutablePointer<Float>, lanes: Int,
    offset: Float
  ) {
    let values = unsafe UnsafeMutableRawPointer(lines).assumingMemoryBound(to: Float.self)
    let whole = lanes == 16 ? length & ~3 : 0
    for index in stride(from: 0, to: whole, by: 4) {
      for lane in stride(from: 0, to: 16, by: 4) {
        let block = unsafe Block(values + index * 16 + lane, step: 16, offset: offset)
        unsafe block.transposed.store(to: place + lane * length + index, step: length)
      }
    }
    for lane in 0..<lanes {
      for index in whole..<length {
        unsafe place[lane * length + index] = values[index * 16 + lane] + offset
      }
    }
  }
}

/// Four by four floats.
private struct Block {
  var rows: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>)

  @inline(__always)
  init(_ place: UnsafeMutablePointer<Float>, step: Int, offset: Float) {
    unsafe rows = (
      UnsafeRawPointer(place).loadUnaligned(as: SIMD4<Float>.self) + offset,
      UnsafeRawPointer(place + step).loadUnaligned(as: SIMD4<Float>.self) + offset,
      UnsafeRawPointer(place + 2 * step).loadUnaligned(as: SIMD4<Float>.self) + offset,
      UnsafeRawPointer(place + 3 * step).loadUnaligned(as: SIMD4<Float>.self) + offset
    )
  }

  @inline(__always)
  var transposed: Block {
    var result = self
    result.rows.0 = SIMD4(rows.0[0], rows.1[0], rows.2[0], rows.3[0])
    result.rows.1 = SIMD4(rows.0[1], rows.1[1], rows.2[1], rows.3[1])
    result.rows.2 = SIMD4(rows.0[2], rows.1[2], rows.2[2], rows.3[2])
    result.rows.3 = SIMD4(rows.0[3], rows.1[3], rows.2[3], rows.3[3])
    return result
  }

  @inline(__always)
  func store(to place: UnsafeMutablePointer<Float>, step: Int) {
    unsafe UnsafeMutableRawPointer(place).storeBytes(of: rows.0, as: SIMD4<Float>.self)
    unsafe UnsafeMutableRawPointer(place + step).storeBytes(of: rows.1, as: SIMD4<Float>.self)
    unsafe UnsafeMutableRawPointer(place + 2 * step).storeBytes(of: rows.2, as: SIMD4<Float>.self)
    unsafe UnsafeMutableRawPointer(place + 3 * step).storeBytes(of: rows.3, as: SIMD4<Float>.self)
  }
}
