public import CounterRandom

/// `{kind: biasField}`: uneven sensitivity of the receiving coil: multiplies each channel by a smooth
/// field, the exponential of a polynomial in the coordinates.
///
/// Coordinates run from -1 to 1 over the patch. The least voxel of the channel counts as no signal and
/// stays. Source: Van Leemput et al., "Automated model-based bias field correction of MR images of the
/// brain", IEEE Transactions on Medical Imaging 18, 1999; the same model as TorchIO's.
public struct BiasField: IntensityAugmentation {
  /// "biasField".
  public static let kind = "biasField"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest coefficient of a monomial ([-0.3, 0.3]).
  public var coefficient: [Float]
  /// The largest degree of a monomial, from 1 to 3 (3).
  public var order: Int

  /// A change with these ranges.
  public init(probability: Float, coefficient: [Float] = [-0.3, 0.3], order: Int = 3) {
    self.probability = probability
    self.coefficient = coefficient
    self.order = order
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = BiasField()
    probability = try container.decode(.probability, or: defaults.probability)
    coefficient = try container.decode(.coefficient, or: defaults.coefficient)
    order = try container.decode(.order, or: defaults.order)
  }

  /// Coefficients from -2 to 2.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "biasField.probability")
    try Volumes.validate(range: coefficient, within: -2...2, named: "biasField.coefficient")
    guard (1...3).contains(order) else {
      throw VolumeError(.setting, "biasField.order", "is \(order), but must be from 1 to 3")
    }
  }

  /// Draws twenty coefficients, uses those that the order asks for, and multiplies.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let draws = (0..<20).map { _ in Double(stream.uniform(in: coefficient)) }
      let zero = PatchStatistics(of: patch.span, in: range).minimum
      Polynomial(order: order, draws).multiply(&patch, range, size: grid.size, zero: zero)
    }
  }

  /// A polynomial in three variables.
  struct Polynomial {
    /// Degrees in the first, second and third variable, and the coefficient.
    private var terms: [(i: Int, j: Int, k: Int, coefficient: Double)] = []

    /// With coefficients in the order of growing i, then j, then k.
    init(order: Int, _ coefficients: [Double]) {
      for i in 0...order {
        for j in 0...order - i {
          for k in 0...order - i - j { terms.append((i, j, k, coefficients[terms.count])) }
        }
      }
    }

    /// Multiplies what lies above `zero` in one channel of a patch by the polynomial's exponential.
    func multiply(
      _ patch: inout MutableSpan<Float>, _ range: Range<Int>, size: [Int], zero: Float
    ) {
      let first = Float(coordinate(0, of: size[2]))
      let step = Float(coordinate(1, of: size[2])) - first
      for d in 0..<size[0] {
        for h in 0..<size[1] {
          let c = along(coordinate(d, of: size[0]), coordinate(h, of: size[1]))
          let start = range.lowerBound + (d * size[1] + h) * size[2]
          patch.mapLanes(start..<start + size[2]) { offset, lanes in
            let x = (laneNumbers + Float(offset)) * step + first
            let field = exponential(((x * c[3] + c[2]) * x + c[1]) * x + c[0])
            return (lanes - zero) * field + zero
          }
        }
      }
    }

    /// Where voxel `index` of `extent` lies between -1 and 1.
    private func coordinate(_ index: Int, of extent: Int) -> Double {
      extent > 1 ? Double(2 * index + 1 - extent) / Double(extent - 1) : 0
    }

    /// The coefficients of the powers of the third variable where the first two are fixed.
    func along(_ x: Double, _ y: Double) -> SIMD4<Float> {
      var result = SIMD4<Double>.zero
      for term in terms {
        var value = term.coefficient
        for _ in 0..<term.i { value *= x }
        for _ in 0..<term.j { value *= y }
        result[term.k] += value
      }
      return SIMD4<Float>(
        Float(result[0]), Float(result[1]), Float(result[2]), Float(result[3]))
    }
  }
}
