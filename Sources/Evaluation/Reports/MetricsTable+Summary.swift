extension MetricsTable {
  /// The table as nnU-Net's `summary.json`, so that scripts written for it keep working.
  ///
  /// nnU-Net's members have its names and meanings: `metric_per_case`, `mean` (by label, groups as
  /// its regions, over the subjects with a value) and `foreground_mean` (over the labels of `mean`).
  /// What it writes as NaN is `null`. Beyond it there are `subject`, `fold` and the other measures
  /// for each case; `aggregate`: SD, median, worst-case mean and the undefined values by reason;
  /// and `definitions`: what every name stands for, and the rule for absent structures.
  public var summary: JSONValue {
    let (structures, measures) = (structures, measures)
    return .object([
      ("foreground_mean", foregroundMeans(measures)),
      ("mean", .object(structures.map { ($0.key, means(of: $0, measures)) })),
      ("aggregate", .object(structures.map { ($0.key, aggregates(of: $0, measures)) })),
      ("definitions", definitions(measures)),
      ("metric_per_case", .array(subjects.map { Self.perCase($0, measures) })),
    ])
  }

  /// nnU-Net's names for a label's counts.
  private static let countNames: [(String, @Sendable (ConfusionCounts) -> Int)] = [
    ("FN", { $0.falseNegatives }), ("FP", { $0.falsePositives }),
    ("TN", { $0.trueNegatives }), ("TP", { $0.truePositives }),
    ("n_pred", { $0.predictedVoxels }), ("n_ref", { $0.referenceVoxels }),
  ]

  /// nnU-Net's name of a measure where it has one, else ours.
  private static func member(_ measure: Measure) -> String {
    switch measure.name {
    case Dice.name: "Dice"
    case Jaccard.name: "IoU"
    default: measure.name
    }
  }

  private static func perCase(_ subject: SubjectMetrics, _ measures: [Measure]) -> JSONValue {
    let metrics = subject.structures.map { entry in
      let values = measures.map { (member($0), JSONValue.number($0.value(of: entry).number)) }
      let counts = countNames.map { ($0.0, JSONValue.integer($0.1(entry.counts))) }
      return (entry.structure.key, JSONValue.object(values + counts))
    }
    return .object([
      ("subject", .string(subject.subject)),
      ("fold", subject.fold.map { .integer($0) } ?? .null),
      ("reference_file", .string(subject.referenceFile)),
      ("prediction_file", .string(subject.predictionFile)),
      ("metrics", .object(metrics)),
    ])
  }

  private func means(of structure: MeasuredStructure, _ measures: [Measure]) -> JSONValue {
    .object(
      measures.map { (Self.member($0), JSONValue.number(aggregate($0, structure).mean)) }
        + Self.countNames.map { ($0.0, JSONValue.number(meanCount($0.1, structure))) })
  }

  private func foregroundMeans(_ measures: [Measure]) -> JSONValue {
    .object(
      measures.map { (Self.member($0), JSONValue.number(foregroundMean($0))) }
        + Self.countNames.map { item in
          let mean = foregroundMean { meanCount(item.1, MeasuredStructure(label: $0, name: "")) }
          return (item.0, JSONValue.number(mean))
        })
  }

  private func meanCount(_ count: (ConfusionCounts) -> Int, _ structure: MeasuredStructure)
    -> Double?
  {
    let entries = entries(of: structure)
    return entries.isEmpty ? nil : Aggregate.mean(entries.map { Double(count($0.counts)) })
  }

  private func aggregates(of structure: MeasuredStructure, _ measures: [Measure]) -> JSONValue {
    .object(
      [("name", .string(structure.name))]
        + measures.map { measure in
          let aggregate = aggregate(measure, structure)
          let reasons = UndefinedReason.allCases.compactMap { reason in
            aggregate.undefined[reason].map { (reason.rawValue, JSONValue.integer($0)) }
          }
          return (
            measure.name,
            .object([
              ("defined", .integer(aggregate.defined)),
              ("undefined", .object(reasons)),
              ("mean", .number(aggregate.mean)),
              ("standardDeviation", .number(aggregate.standardDeviation)),
              ("median", .number(aggregate.median)),
              ("worstCaseMean", .number(aggregate.worstCaseMean)),
            ])
          )
        })
  }

  /// What the names stand for.
  private func definitions(_ measures: [Measure]) -> JSONValue {
    let surfaces = surface.map { surface in
      [
        ("surface", JSONValue.string("\(surface.family.rawValue): \(surface.family.definition)")),
        (
          Self.gridDiagonal,
          .string("from outer corner to outer corner of the subject's grid, mm")
        ),
      ]
    }
    let rule = """
      a value that is undefined is null, counted by reason in aggregate.undefined and left out of \
      mean; worstCaseMean counts it with the worst value where the structure was missed \
      (predictionEmpty) or made up (referenceEmpty), and leaves it out where it is in neither \
      volume (bothEmpty)
      """
    return .object(
      [("undefined", .string(rule))] + (surfaces ?? [])
        + measures.map { measure in
          (
            measure.name,
            .object([
              ("formula", .string(measure.definition)),
              ("undefined", .string(measure.undefinedText)),
              ("worst", .string(measure.worstText)),
            ])
          )
        })
  }
}
