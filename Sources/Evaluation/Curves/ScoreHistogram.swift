/// Probabilities of positives and of negatives, counted in 2^16 bins of equal width.
///
/// The counts are whole numbers, so histograms of parts of a data set merge to that of the whole in
/// any order and grouping: ranks count apart, and sum ``counts``. Bin k holds probabilities from
/// k / 2^16 up to, but not including, (k + 1) / 2^16; 1 is in the last. These edges are exact in
/// `Float`, so p >= k / 2^16 says exactly that p's bin is k or above, and every point of
/// ``ScoreCurve/init(_:)`` is a point of the exact curve. What is lost is the order within a bin:
/// ``areaUnderROCBounds`` and ``averagePrecisionBounds`` say how much that can be.
public struct ScoreHistogram: Sendable, Equatable {
  /// How many bins there are of each kind.
  public static let bins = 1 << 16
  /// How far outside 0...1 a probability may lie, through rounding and interpolation, to be counted
  /// at the end of the range.
  public static let tolerance = 1e-4

  /// The counts: those of positives by bin, then those of negatives. Two histograms merge by adding
  /// these.
  public private(set) var counts: [Int64]

  /// No score counted yet.
  public init() { counts = [Int64](repeating: 0, count: 2 * Self.bins) }

  /// A histogram of given ``counts``, as they come from a sum over ranks.
  ///
  /// - Throws: ``CurveError`` for another number of counts, or one that is negative or beyond 2^52.
  public init(counts: [Int64]) throws(CurveError) {
    guard counts.count == 2 * Self.bins else {
      throw .malformedHistogram("it has \(counts.count) counts, not \(2 * Self.bins)")
    }
    // Sums of 2^17 such counts stay within 64 bits only if they themselves sum to less.
    var total: Int64 = 0
    for count in counts {
      guard (0...Self.mostScores).contains(count), total + count <= Self.mostScores else {
        throw .malformedHistogram("its counts are negative or sum to more than 2^52")
      }
      total += count
    }
    self.counts = counts
  }

  /// More scores than any study has, and few enough for exact arithmetic.
  static let mostScores: Int64 = 1 << 52

  /// Positives counted.
  public var positives: Int { counts[..<Self.bins].reduce(0) { $0 + Int($1) } }
  /// Negatives counted.
  public var negatives: Int { counts[Self.bins...].reduce(0) { $0 + Int($1) } }

  /// The least probability that falls into a bin.
  public static func lowerEdge(of bin: Int) -> Double { Double(bin) / Double(bins) }

  /// Counts one label's probabilities in a volume.
  ///
  /// - Parameters:
  ///   - probabilities: one a voxel, in 0...1, any axis order.
  ///   - labels: the reference's labels, in the same order.
  ///   - positives: the labels that count as positive; several make a region.
  /// - Throws: ``CurveError`` for unlike lengths, and for the first probability that is not a finite
  ///   number or lies outside 0...1 by more than ``tolerance``; nothing has been counted then.
  /// - Complexity: O(n).
  public mutating func add(
    probabilities: Span<Float>, labels: Span<UInt8>, positives: Set<UInt8>
  ) throws(CurveError) {
    guard probabilities.count == labels.count else {
      throw .lengthsDiffer(scores: probabilities.count, truths: labels.count)
    }
    // The first count of the half that a voxel's label belongs to.
    let starts = (0..<256).map { positives.contains(UInt8($0)) ? 0 : Self.bins }
    try Self.check(probabilities)
    let start = starts.span
    var counts = counts.mutableSpan
    for index in probabilities.indices {
      counts[start[Int(labels[index])] + Self.bin(of: probabilities[index])] += 1
    }
  }

  /// Counts probabilities whose truth is known one by one.
  ///
  /// - Throws: ``CurveError``, as the other method.
  /// - Complexity: O(n).
  public mutating func add(
    probabilities: Span<Float>, truths: Span<Bool>
  ) throws(CurveError) {
    guard probabilities.count == truths.count else {
      throw .lengthsDiffer(scores: probabilities.count, truths: truths.count)
    }
    try Self.check(probabilities)
    var counts = counts.mutableSpan
    for index in probabilities.indices {
      counts[(truths[index] ? 0 : Self.bins) + Self.bin(of: probabilities[index])] += 1
    }
  }

  /// Adds the scores of another histogram.
  public mutating func merge(_ other: ScoreHistogram) {
    let added = other.counts.span
    var counts = counts.mutableSpan
    for index in added.indices { counts[index] += added[index] }
  }

  private static func check(_ probabilities: Span<Float>) throws(CurveError) {
    let allowed = Float(-tolerance)...Float(1 + tolerance)
    for index in probabilities.indices where !allowed.contains(probabilities[index]) {
      let value = probabilities[index]
      guard value.isFinite else { throw .notFinite(index: index) }
      throw .notAProbability(index: index, value: Double(value))
    }
  }

  private static func bin(of probability: Float) -> Int {
    // Truncation is downwards from zero on; 65536 and what rounding has put outside go to the ends.
    min(max(Int(probability * Float(bins)), 0), bins - 1)
  }
}
