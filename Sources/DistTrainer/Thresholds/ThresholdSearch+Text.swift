internal import Evaluation

extension ThresholdSearch: CustomStringConvertible {
  /// The thresholds with what they do to their own subjects' voxels, then the means over subjects at
  /// thresholds chosen on the same subjects and on those of the other folds.
  public var description: String {
    var rows = [
      ["label", "fold", "subjects", "threshold", "precision", "recall", "auc", "ap", "nested"]
    ]
    for label in labels {
      for fold in label.folds {
        rows.append(
          [label.label.name, "\(fold.fold)", "\(fold.subjects)"] + Self.cells(fold.own)
            + [TextTable.score(fold.nested?.threshold)])
      }
      rows.append(
        [label.label.name, "all", "\(label.folds.reduce(0) { $0 + $1.subjects })"]
          + Self.cells(label.ensemble) + ["-"])
    }
    var means = [["label", "threshold", "dice", "sd", "precision", "recall", "undefined"]]
    for label in labels {
      for item in label.measured {
        means.append([
          label.label.name, item.name, TextTable.score(item.dice.mean),
          TextTable.score(item.dice.standardDeviation), TextTable.score(item.precision.mean),
          TextTable.score(item.recall.mean), "\(item.dice.undefinedCount)",
        ])
      }
    }
    return """
      \(TextTable(rows: rows, namedColumns: 2))

      Means over subjects, each label against all others; nested: chosen on the other folds
      \(TextTable(rows: means, namedColumns: 2))
      """
  }

  private static func cells(_ choice: Choice) -> [String] {
    [
      choice.chosen?.threshold, choice.chosen?.precision, choice.chosen?.recall,
      choice.areaUnderROC, choice.averagePrecision,
    ].map(TextTable.score)
  }

  /// The same as JSON, as ``Thresholds/init(_:for:)`` reads it.
  public var json: String {
    JSONValue.object([
      ("rule", .string(rule.rawValue)), ("definition", .string(rule.definition)),
      ("resolution", .integer(CoarseScores.bins)),
      ("labels", .array(labels.map(Self.json))),
    ]).indented
  }

  private static func json(_ label: LabelChoice) -> JSONValue {
    .object([
      ("label", .integer(Int(label.label.number))), ("name", .string(label.label.name)),
      ("ensemble", .object(members(label.ensemble))),
      (
        "folds",
        .array(
          label.folds.map { fold in
            .object(
              [("fold", .integer(fold.fold)), ("subjects", .integer(fold.subjects))]
                + members(fold.own) + [("nested", .number(fold.nested?.threshold))])
          })
      ),
      (
        "means",
        .array(
          label.measured.map { item in
            .object([
              ("threshold", .string(item.name)), ("dice", json(item.dice)),
              ("precision", json(item.precision)), ("recall", json(item.recall)),
            ])
          })
      ),
    ])
  }

  private static func members(_ choice: Choice) -> [(String, JSONValue)] {
    [
      ("threshold", .number(choice.chosen?.threshold)),
      ("precision", .number(choice.chosen?.precision)),
      ("recall", .number(choice.chosen?.recall)),
      ("falsePositiveRate", .number(choice.chosen?.falsePositiveRate)),
      ("dice", .number(choice.chosen?.dice)), ("auc", .number(choice.areaUnderROC)),
      ("ap", .number(choice.averagePrecision)),
    ]
  }

  private static func json(_ aggregate: Aggregate) -> JSONValue {
    .object([
      ("mean", .number(aggregate.mean)),
      ("standardDeviation", .number(aggregate.standardDeviation)),
      ("defined", .integer(aggregate.defined)), ("undefined", .integer(aggregate.undefinedCount)),
    ])
  }
}
