extension MetricsTable {
  /// The table as nnU-Net's `summary.json`, so that scripts written for it keep working.
  ///
  /// nnU-Net's members have its names and meanings: `metric_per_case`, `mean` (by label, over the
  /// subjects with a value) and `foreground_mean` (over the labels of `mean`). What it writes as NaN
  /// is `null`. Beyond it there are `subject`, `fold` and the other metrics of the catalogue for
  /// each case, and `aggregate`: SD, median, worst-case mean and the undefined values by reason.
  public var summary: JSONValue {
    let labels = self.labels
    return .object([
      ("foreground_mean", foregroundMeans),
      ("mean", .object(labels.map { ("\($0.label)", means(of: $0.label)) })),
      ("aggregate", .object(labels.map { ("\($0.label)", aggregates(of: $0.label, $0.name)) })),
      ("metric_per_case", .array(subjects.map(Self.perCase))),
    ])
  }

  /// nnU-Net's names for a label's counts.
  private static let countNames: [(String, @Sendable (ConfusionCounts) -> Int)] = [
    ("FN", { $0.falseNegatives }), ("FP", { $0.falsePositives }),
    ("TN", { $0.trueNegatives }), ("TP", { $0.truePositives }),
    ("n_pred", { $0.predictedVoxels }), ("n_ref", { $0.referenceVoxels }),
  ]

  /// nnU-Net's name of a metric where it has one, else ours.
  private static func member(_ metric: any OverlapMetric.Type) -> String {
    switch metric.name {
    case Dice.name: "Dice"
    case Jaccard.name: "IoU"
    default: metric.name
    }
  }

  private static func perCase(_ subject: SubjectMetrics) -> JSONValue {
    let metrics = subject.labels.map { entry in
      let values = OverlapMetrics.catalogue.map {
        (member($0), JSONValue.number($0.value(of: entry.counts).number))
      }
      let counts = countNames.map { ($0.0, JSONValue.integer($0.1(entry.counts))) }
      return ("\(entry.label)", JSONValue.object(values + counts))
    }
    return .object([
      ("subject", .string(subject.subject)),
      ("fold", subject.fold.map { .integer($0) } ?? .null),
      ("reference_file", .string(subject.referenceFile)),
      ("prediction_file", .string(subject.predictionFile)),
      ("metrics", .object(metrics)),
    ])
  }

  private func means(of label: UInt8) -> JSONValue {
    .object(
      OverlapMetrics.catalogue.map {
        (Self.member($0), JSONValue.number(aggregate($0, label: label).mean))
      } + Self.countNames.map { ($0.0, JSONValue.number(meanCount($0.1, label: label))) })
  }

  private var foregroundMeans: JSONValue {
    .object(
      OverlapMetrics.catalogue.map { (Self.member($0), JSONValue.number(foregroundMean($0))) }
        + Self.countNames.map { item in
          (item.0, JSONValue.number(foregroundMean { meanCount(item.1, label: $0) }))
        })
  }

  private func meanCount(_ count: (ConfusionCounts) -> Int, label: UInt8) -> Double? {
    let counts = counts(of: label)
    return counts.isEmpty ? nil : Aggregate.mean(counts.map { Double(count($0)) })
  }

  private func aggregates(of label: UInt8, _ name: String) -> JSONValue {
    .object(
      [("name", .string(name))]
        + OverlapMetrics.catalogue.map { metric in
          let aggregate = aggregate(metric, label: label)
          let reasons = UndefinedReason.allCases.compactMap { reason in
            aggregate.undefined[reason].map { (reason.rawValue, JSONValue.integer($0)) }
          }
          return (
            metric.name,
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
}
