/// How p-values of one family of tests are adjusted.
public enum MultipleComparisons: String, Sendable, CaseIterable {
  /// As they are.
  case none
  /// Times their number, at most 1 (Bonferroni; Dunn, 1961).
  case bonferroni
  /// Step-down: the k-th smallest of m times m - k + 1, never below a smaller one's, at most 1
  /// (Holm, Scandinavian Journal of Statistics 6, 1979).
  case holm

  /// The adjusted p-values, in the order given.
  ///
  /// - Throws: ``StatisticsError`` when a value is not in 0...1.
  /// - Complexity: O(m log m).
  public func adjust(_ pValues: [Double]) throws(StatisticsError) -> [Double] {
    if let index = pValues.firstIndex(where: { !(0...1).contains($0) }) {
      throw .notAProbability(index: index)
    }
    let count = pValues.count
    switch self {
    case .none:
      return pValues
    case .bonferroni:
      return pValues.map { min(1, $0 * Double(count)) }
    case .holm:
      var adjusted = pValues
      var running = 0.0
      let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
      for (place, index) in order.enumerated() {
        running = max(running, min(1, pValues[index] * Double(count - place)))
        adjusted[index] = running
      }
      return adjusted
    }
  }
}

/// The marks that stand for significance in tables: `ns` from 0.05, `*`, `**` below 0.01, `***`
/// below 0.001.
public enum SignificanceStars {
  /// The rule, for legends.
  public static let legend = "ns: p >= 0.05; *: p < 0.05; **: p < 0.01; ***: p < 0.001"

  /// The mark of a p-value.
  public static func mark(_ pValue: Double) -> String {
    if pValue < 0.001 { return "***" }
    if pValue < 0.01 { return "**" }
    return pValue < 0.05 ? "*" : "ns"
  }
}
