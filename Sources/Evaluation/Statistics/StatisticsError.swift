/// What keeps a sample from being tested or summarized.
public enum StatisticsError: Error, Equatable, CustomStringConvertible {
  /// A value that is not a finite number, by its place in the sample.
  case notFinite(index: Int)
  /// A value that is not above zero where a logarithm is taken, by its place.
  case notPositive(index: Int)
  /// A probability outside 0...1, by its place.
  case notAProbability(index: Int)
  /// Two samples that should be paired have different lengths.
  case unpaired(first: Int, second: Int)
  /// Fewer values than the method needs.
  case tooFew(have: Int, need: Int)
  /// Fewer groups than two.
  case tooFewGroups(Int)
  /// A group without values.
  case emptyGroup(index: Int)
  /// Every paired difference is zero.
  case noDifference(pairs: Int)
  /// All values are equal, so that nothing can be ranked or fitted.
  case constant(count: Int)
  /// More pairs than the exact distribution is computed for.
  case tooManyForExact(pairs: Int, limit: Int)
  /// The points follow no power law that least squares can find.
  case noFit(count: Int)
  /// A statistic computed from a resample is not a finite number.
  case statisticNotFinite(resample: Int)

  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .notFinite(let index):
      "Value \(index) of the sample is not a finite number: leave undefined subjects out, in "
        + "every sample of the comparison, before testing."
    case .notPositive(let index):
      "Value \(index) is not above zero: a power law is fitted to positive values only."
    case .notAProbability(let index):
      "Value \(index) is not a probability: p-values lie in 0...1."
    case .unpaired(let first, let second):
      "The samples have \(first) and \(second) values: a paired test needs the same subjects in "
        + "the same order in both."
    case .tooFew(let have, let need):
      "The sample has \(have) values, but \(need) are needed: add subjects."
    case .tooFewGroups(let count):
      "There are \(count) groups to compare: give at least two."
    case .emptyGroup(let index):
      "Group \(index) has no value: leave it out of the comparison."
    case .noDifference(let pairs):
      "All \(pairs) paired differences are zero: there is no difference to test."
    case .constant(let count):
      "All \(count) values are equal: there is nothing to rank or fit."
    case .tooManyForExact(let pairs, let limit):
      "The exact distribution is computed for at most \(limit) differences, and there are "
        + "\(pairs): use the normal approximation."
    case .noFit(let count):
      "No power law fits the \(count) points: look at them on logarithmic axes, or fit their "
        + "logarithms."
    case .statisticNotFinite(let resample):
      "The statistic of resample \(resample) is not a finite number: choose one that is defined "
        + "on every resample."
    }
  }

  /// Throws unless every value is a finite number.
  static func requireFinite(_ values: [Double]) throws(StatisticsError) {
    if let index = values.firstIndex(where: { !$0.isFinite }) { throw .notFinite(index: index) }
  }
}
