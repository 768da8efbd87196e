/// The weighted mean of arrays of one length, in 32-bit numbers, added in the order given: equal
/// arrays in equal order give equal bits.
struct ProbabilityMean {
  private var sum: [Float] = []
  private var total = 0.0

  /// Adds an array.
  ///
  /// - Parameters:
  ///   - values: as many as were added before.
  ///   - weight: how much they count, positive; exactly 1 leaves every bit as it is.
  mutating func add(_ values: [Float], weight: Double = 1) {
    total += weight
    let factor = Float(weight)
    guard !sum.isEmpty else {
      sum = values
      if weight != 1 { scale { $0 * factor } }
      return
    }
    precondition(sum.count == values.count, "a mean is one of arrays of one length")
    var result = sum.mutableSpan
    let added = values.span
    for index in added.indices { result[index] += factor * added[index] }
  }

  /// The mean; what was added is given up.
  consuming func mean() -> [Float] {
    let divisor = Float(total)
    if total != 1 { scale { $0 / divisor } }
    return sum
  }

  private mutating func scale(_ change: (Float) -> Float) {
    var result = sum.mutableSpan
    for index in result.indices { result[index] = change(result[index]) }
  }
}
