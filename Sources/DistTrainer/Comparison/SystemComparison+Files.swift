internal import Evaluation

extension SystemComparison {
  /// Everything that was found as JSON, figures in full precision; what is undefined is `null` with
  /// its reason beside it.
  public var json: String {
    JSONValue.object([
      ("metric", .string(options.metric)),
      ("test", .string(test.rawValue)),
      ("correction", .string(options.correction.rawValue)),
      ("family", .string("the pairs of one structure that have a p-value")),
      ("confidence", .number(options.confidence)),
      ("resamples", .integer(options.resamples)),
      ("labels", .array(labels.map(Self.json))),
    ]).indented
  }

  private static func json(_ label: LabelComparison) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("label", .string(label.label)), ("systems", .array(label.summaries.map(\.json))),
    ]
    if let omnibus = label.omnibus {
      members.append(
        (
          "kruskalWallis",
          .object([
            ("statistic", .number(omnibus.statistic)),
            ("degreesOfFreedom", .integer(omnibus.degreesOfFreedom)),
            ("pValue", .number(omnibus.pValue)),
            ("epsilonSquared", .number(omnibus.epsilonSquared)),
            ("stars", .string(SignificanceStars.mark(omnibus.pValue))),
          ])
        ))
    } else if let gap = label.omnibusGap {
      members.append(("kruskalWallis", .object([("undefined", .string(gap))])))
    }
    members.append(("comparisons", .array(label.pairs.map(json))))
    return .object(members)
  }

  private static func json(_ pair: PairComparison) -> JSONValue {
    func names(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
    let outcome = pair.outcome
    var members: [(String, JSONValue)] = [
      ("first", .string(pair.first)), ("second", .string(pair.second)),
      ("count", .integer(pair.count)), ("zeros", pair.zeros.map { .integer($0) } ?? .null),
      ("difference", .number(pair.difference?.estimate)),
      (
        "interval",
        pair.difference.map { .array([.number($0.lower), .number($0.upper)]) } ?? .null
      ),
      ("statistic", .number(outcome?.statistic)), ("z", .number(outcome?.z)),
      ("pValue", .number(outcome?.pValue)), ("adjustedPValue", .number(outcome?.adjustedPValue)),
      ("stars", outcome.map { .string($0.stars) } ?? .null),
      ("effectSize", .number(outcome?.effectSize)),
      ("rankBiserial", .number(outcome?.rankBiserial)),
      ("method", outcome.map { .string($0.method) } ?? .null),
      ("unpaired", names(pair.unpaired)), ("leftOut", names(pair.undefined)),
    ]
    if let gap = pair.gap { members.append(("undefined", .string(gap))) }
    return .object(members)
  }

  /// The columns of ``csv``.
  public static let columns = [
    "label", "metric", "test", "first", "second", "firstSubjects", "secondSubjects",
    "firstMedian", "firstLowerQuartile", "firstUpperQuartile", "secondMedian",
    "secondLowerQuartile", "secondUpperQuartile", "count", "zeros", "difference", "lower", "upper",
    "confidence", "statistic", "z", "method", "pValue", "correction", "adjustedPValue", "stars",
    "effectSize", "rankBiserial", "kruskalWallis", "kruskalWallisPValue", "undefined",
  ]

  /// One row a structure and pair of systems; what is undefined is an empty field, with the reason
  /// in the last one.
  public var csv: String {
    var text = CSV.line(Self.columns)
    for label in labels {
      let summaries = Dictionary(
        label.summaries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      for pair in label.pairs {
        text += CSV.line(
          row(pair, of: label, summaries[pair.first], summaries[pair.second]))
      }
    }
    return text
  }

  private func row(
    _ pair: PairComparison, of label: LabelComparison, _ first: SystemSummary?,
    _ second: SystemSummary?
  ) -> [String] {
    func field(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    func field(_ value: Int?) -> String { value.map { "\($0)" } ?? "" }
    func quartiles(_ summary: SystemSummary?) -> [String] {
      [summary?.sample?.median, summary?.sample?.lowerQuartile, summary?.sample?.upperQuartile]
        .map(field)
    }
    let outcome = pair.outcome
    return [
      label.label, options.metric, test.rawValue, pair.first, pair.second,
      field(first?.aggregate.defined), field(second?.aggregate.defined),
    ] + quartiles(first) + quartiles(second) + [
      field(pair.count), field(pair.zeros), field(pair.difference?.estimate),
      field(pair.difference?.lower), field(pair.difference?.upper), field(options.confidence),
      field(outcome?.statistic), field(outcome?.z), outcome?.method ?? "", field(outcome?.pValue),
      options.correction.rawValue, field(outcome?.adjustedPValue), outcome?.stars ?? "",
      field(outcome?.effectSize), field(outcome?.rankBiserial),
      field(label.omnibus?.statistic), field(label.omnibus?.pValue), pair.gap ?? "",
    ]
  }
}

extension SystemSummary {
  /// The summary as JSON.
  var json: JSONValue {
    .object([
      ("name", .string(name)),
      ("subjects", .integer(aggregate.defined)),
      ("mean", .number(aggregate.mean)),
      ("standardDeviation", .number(aggregate.standardDeviation)),
      ("median", .number(sample?.median)),
      ("lowerQuartile", .number(sample?.lowerQuartile)),
      ("upperQuartile", .number(sample?.upperQuartile)),
      ("minimum", .number(sample?.minimum)),
      ("maximum", .number(sample?.maximum)),
      ("undefined", .object(undefined.map { ($0.subject, .string($0.reason)) })),
    ])
  }
}
