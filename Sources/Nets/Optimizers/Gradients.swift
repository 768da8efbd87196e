public import Compute

/// What is done with gradients between their sum and the optimizer.
public enum Gradients {
  /// The Euclidean norm of the gradients of all trainable parameters.
  ///
  /// Squares are summed in double precision: eight interleaved sums within blocks of 4096
  /// elements of a run of parameters, then the blocks in order. The order is fixed by the table, so
  /// the bits are too. Squares of float32 cannot overflow a double: the norm is finite exactly
  /// where every gradient is.
  ///
  /// - Complexity: one pass over the arena.
  public static func norm(_ gradients: Span<Float>, table: ParameterTable) -> Double {
    precondition(gradients.count == table.elementCount, "the arena does not fit the table")
    var total = 0.0
    for run in table.trainableRuns(decayNormAndBias: true) {
      var start = run.range.lowerBound
      while start < run.range.upperBound {
        let end = min(start + blockSize, run.range.upperBound)
        total += sumOfSquares(gradients.extracting(start..<end))
        start = end
      }
    }
    return total.squareRoot()
  }

  /// Requires finite gradients, and scales them down where their norm exceeds a limit.
  ///
  /// The factor is limit / (norm + 1e-6), as in PyTorch's `clip_grad_norm_`. Observed statistics
  /// stay as they are.
  ///
  /// - Parameters:
  ///   - gradients: the gradient arena.
  ///   - table: its slices.
  ///   - maximumNorm: the limit; nil only checks.
  /// - Returns: the norm before.
  /// - Throws: ``NonFiniteGradient`` that names the first parameter whose gradient is not finite.
  @discardableResult public static func clip(
    _ gradients: inout MutableSpan<Float>, table: ParameterTable, maximumNorm: Double?
  ) throws -> Double {
    let norm = norm(gradients.span, table: table)
    guard norm.isFinite else { throw firstFault(in: gradients.span, table: table) }
    guard let maximumNorm, norm > maximumNorm else { return norm }
    let factor = Float(min(1, maximumNorm / (norm + 1e-6)))
    for run in table.trainableRuns(decayNormAndBias: true) {
      var slice = gradients._mutatingExtracting(run.range)
      for i in 0..<slice.count { slice[i] *= factor }
    }
    return norm
  }

  private static let blockSize = 4096

  private static func sumOfSquares(_ block: Span<Float>) -> Double {
    var sums = SIMD8<Double>()
    let whole = block.count / 8 * 8
    var i = 0
    while i < whole {
      let values = SIMD8<Float>(
        block[i], block[i + 1], block[i + 2], block[i + 3],
        block[i + 4], block[i + 5], block[i + 6], block[i + 7])
      let wide = SIMD8<Double>(values)
      sums += wide * wide
      i += 8
    }
    var total = sums.sum()
    for j in whole..<block.count { total += Double(block[j]) * Double(block[j]) }
    return total
  }

  private static func firstFault(
    in gradients: Span<Float>, table: ParameterTable
  ) -> NonFiniteGradient {
    for entry in table.entries where entry.role.isTrainable {
      for index in entry.range where !gradients[index].isFinite {
        return NonFiniteGradient(
          parameter: entry.name, element: index - entry.offset, value: gradients[index])
      }
    }
    preconditionFailure("a norm that is not finite has a gradient that is not")
  }
}

/// A gradient that is infinite or not a number: training has diverged, or an image holds no numbers.
public struct NonFiniteGradient: Error, Equatable, CustomStringConvertible {
  /// The path of the parameter.
  public let parameter: String
  /// The place in the parameter, row-major.
  public let element: Int
  /// The gradient there.
  public let value: Float

  /// The fault and the remedies.
  public var description: String {
    "the gradient of \(parameter) is \(value) at element \(element); lower the learning rate, clip "
      + "gradients, or look for images with extreme values"
  }

  /// Whether both are about the same place; any two values that are not finite are alike.
  public static func == (a: Self, b: Self) -> Bool {
    a.parameter == b.parameter && a.element == b.element
  }
}
