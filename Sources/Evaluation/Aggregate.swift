/// Mean, spread and middle of one metric over subjects, and how many subjects had no value.
///
/// Sums run in the order given, so that equal values in equal order give equal bits; callers pass
/// subjects in case order (``MetricsTable`` sorts them).
public struct Aggregate: Sendable, Equatable {
  /// Subjects with a value.
  public var defined = 0
  /// Subjects without one, by reason.
  public var undefined: [UndefinedReason: Int] = [:]
  /// The mean over subjects with a value; `nil` when there is none.
  public var mean: Double?
  /// The sample standard deviation (divisor n - 1); `nil` for fewer than two values.
  public var standardDeviation: Double?
  /// The median, the mean of the middle two for an even number; `nil` when there is no value.
  public var median: Double?
  /// The mean with every subject whose value is undefined through the segmentation's fault
  /// (``UndefinedReason/isFault``) counted as the metric's worst value: a model cannot raise this
  /// mean by missing a structure.
  public var worstCaseMean: Double?

  /// Aggregates `values`, with `worst` standing for a fault.
  ///
  /// - Complexity: O(n log n) for the median.
  public init(_ values: [MetricValue], worst: Double) {
    self.init(values.map { ($0, worst) })
  }

  /// Aggregates values each of which has its own worst case to stand for a fault.
  ///
  /// - Complexity: O(n log n) for the median.
  public init(_ values: [(value: MetricValue, worst: Double)]) {
    var numbers: [Double] = []
    var withFaults = 0.0
    var counted = 0
    for (value, worst) in values {
      switch value {
      case .value(let number):
        numbers.append(number)
        withFaults += number
        counted += 1
      case .undefined(let reason):
        undefined[reason, default: 0] += 1
        guard reason.isFault else { continue }
        withFaults += worst
        counted += 1
      }
    }
    defined = numbers.count
    if counted > 0 { worstCaseMean = withFaults / Double(counted) }
    guard !numbers.isEmpty else { return }
    let mean = Self.mean(numbers)
    self.mean = mean
    if numbers.count > 1 {
      // Two passes: the textbook one-pass formula cancels for values close together.
      let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      standardDeviation = (squares / Double(numbers.count - 1)).squareRoot()
    }
    let sorted = numbers.sorted()
    let middle = sorted.count / 2
    median =
      sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Subjects without a value, whatever the reason.
  public var undefinedCount: Int { undefined.values.reduce(0, +) }

  static func mean(_ numbers: [Double]) -> Double {
    numbers.reduce(0, +) / Double(numbers.count)
  }
}
