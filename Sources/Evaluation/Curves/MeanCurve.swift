/// The mean of several curves at common abscissae, with their standard deviation (vertical
/// averaging; Fawcett, Pattern Recognition Letters 27, 2006).
public struct MeanCurve: Sendable, Equatable {
  /// Where the curves are averaged, ascending.
  public let abscissae: [Double]
  /// The mean of the curves at each abscissa.
  public let mean: [Double]
  /// The sample standard deviation (divisor n - 1) at each abscissa; `nil` for a single curve.
  public let standardDeviation: [Double]?
  /// How many curves there are.
  public let count: Int

  /// Averages curves given by their ordinates; `nil` where there is none.
  ///
  /// - Parameters:
  ///   - abscissae: where the ordinates are.
  ///   - curves: one ordinate an abscissa, each.
  /// - Complexity: O(curves · abscissae); sums run in the order given.
  public init?(abscissae: [Double], curves: [[Double]]) {
    guard !curves.isEmpty else { return nil }
    precondition(
      curves.allSatisfy { $0.count == abscissae.count }, "a curve needs one ordinate an abscissa")
    let summaries = abscissae.indices.map { place in
      Aggregate(curves.map { .value($0[place]) }, worst: 0)
    }
    self.abscissae = abscissae
    count = curves.count
    mean = summaries.compactMap(\.mean)
    standardDeviation = curves.count > 1 ? summaries.compactMap(\.standardDeviation) : nil
  }

  /// `count` equidistant abscissae from 0 to 1, both included.
  public static func abscissae(_ count: Int) -> [Double] {
    precondition(count >= 2, "a curve needs at least two abscissae")
    return (0..<count).map { Double($0) / Double(count - 1) }
  }
}

extension ScoreCurve {
  /// The curve's ordinates at ascending `abscissae` in 0...1; `nil` where it is undefined.
  ///
  /// Between its points the ROC curve is a straight line, and on a vertical line its upper end
  /// counts. The precision-recall curve is a step function, as in ``averagePrecision``: at a recall,
  /// the precision of the highest threshold that reaches it.
  /// - Complexity: O(points + abscissae).
  public func ordinates(of kind: CurveKind, at abscissae: [Double]) -> [Double]? {
    guard gap(of: kind) == nil, let last = points.last else { return nil }
    var place = 0
    if kind == .precisionRecall {
      return abscissae.map { abscissa in
        while place < points.count - 1, recall(of: points[place]) < abscissa { place += 1 }
        return points[place].precision
      }
    }
    var before = OperatingPoint(threshold: .infinity, truePositives: 0, falsePositives: 0)
    return abscissae.map { abscissa in
      while place < points.count, falsePositiveRate(of: points[place]) <= abscissa {
        before = points[place]
        place += 1
      }
      guard place < points.count else { return recall(of: last) }
      let (left, right) = (falsePositiveRate(of: before), falsePositiveRate(of: points[place]))
      let (low, high) = (recall(of: before), recall(of: points[place]))
      return low + (high - low) * (abscissa - left) / (right - left)
    }
  }
}

/// One kind of curve of several sets of scores: the folds of a cross-validation, or subjects.
public struct CurveFamily: Sendable, Equatable {
  /// One member.
  public struct Member: Sendable, Equatable {
    /// The fold's or the subject's name.
    public var name: String
    /// The scores of the member.
    public var curve: ScoreCurve
    /// The area under its curve, or why there is none.
    public var area: CurveValue
  }

  /// Which curve.
  public let kind: CurveKind
  /// The members, in the order given.
  public let members: [Member]
  /// The mean curve of the members whose curve is defined; `nil` where none is.
  public let mean: MeanCurve?
  /// Mean, standard deviation and median of the members' areas.
  public let area: Aggregate

  /// The members whose curve is undefined, with the reason: they are in no mean.
  public var leftOut: [(name: String, reason: CurveGap)] {
    members.compactMap { member in member.area.reason.map { (member.name, $0) } }
  }

  /// All members' scores together.
  public var pooled: ScoreCurve { ScoreCurve(pooling: members.map(\.curve)) }

  /// A family of curves.
  ///
  /// - Parameters:
  ///   - kind: which curve.
  ///   - curves: the members with their names.
  ///   - count: at how many equidistant abscissae the mean curve is taken.
  public init(
    _ kind: CurveKind, of curves: [(name: String, curve: ScoreCurve)], abscissae count: Int = 1001
  ) {
    let abscissae = MeanCurve.abscissae(count)
    self.kind = kind
    members = curves.map {
      Member(name: $0.name, curve: $0.curve, area: $0.curve.area(under: kind))
    }
    mean = MeanCurve(
      abscissae: abscissae,
      curves: curves.compactMap { $0.curve.ordinates(of: kind, at: abscissae) })
    area = Aggregate(members.compactMap { $0.area.number.map { .value($0) } }, worst: 0)
  }
}
