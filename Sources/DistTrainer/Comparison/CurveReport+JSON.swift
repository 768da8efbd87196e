internal import Evaluation

extension CurveReport {
  /// Everything as JSON, figures in full precision: areas of all scores, folds and subjects, the
  /// mean curves at 1001 abscissae, thresholds. What is undefined is `null` with its reason.
  public var json: String {
    JSONValue.object([
      ("pooled", Self.json(pooled)),
      ("thresholds", .array(thresholds.map { Self.json($0.rule, $0.choice) })),
      ("groups", .array(groups.map(Self.json))),
    ]).indented
  }

  private static func json(_ curve: ScoreCurve) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("positives", .integer(curve.positives)), ("negatives", .integer(curve.negatives)),
    ]
    for (name, kind) in [("areaUnderROC", CurveKind.roc), ("averagePrecision", .precisionRecall)] {
      let area = curve.area(under: kind)
      members.append((name, .number(area.number)))
      if let reason = area.reason {
        members.append(("\(name)Undefined", .string(reason.rawValue)))
      }
    }
    return .object(members)
  }

  private static func json(
    _ rule: ThresholdRule, _ choice: Result<ChosenThreshold, CurveError>
  ) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("rule", .string(rule.rawValue)), ("definition", .string(rule.definition)),
    ]
    switch choice {
    case .success(let threshold):
      members += [
        ("threshold", .number(threshold.threshold)), ("precision", .number(threshold.precision)),
        ("recall", .number(threshold.recall)),
        ("falsePositiveRate", .number(threshold.falsePositiveRate)),
        ("dice", .number(threshold.dice)),
      ]
    case .failure(let error):
      members += [("threshold", .null), ("undefined", .string("\(error)"))]
    }
    return .object(members)
  }

  private static func json(_ group: Group) -> JSONValue {
    .object([
      ("by", .string(group.members)),
      (
        "members",
        .array(
          group.roc.members.map {
            .object([("name", .string($0.name)), ("figures", json($0.curve))])
          })
      ),
      ("roc", json(group.roc)),
      ("precisionRecall", json(group.precisionRecall)),
    ])
  }

  private static func json(_ family: CurveFamily) -> JSONValue {
    func numbers(_ numbers: [Double]?) -> JSONValue {
      numbers.map { .array($0.map { .number($0) }) } ?? .null
    }
    return .object([
      ("meanArea", .number(family.area.mean)),
      ("standardDeviationOfArea", .number(family.area.standardDeviation)),
      ("curves", .integer(family.mean?.count ?? 0)),
      ("abscissa", .string(family.kind.abscissa)),
      ("ordinate", .string(family.kind.ordinate)),
      ("x", numbers(family.mean?.abscissae)),
      ("mean", numbers(family.mean?.mean)),
      ("standardDeviation", numbers(family.mean?.standardDeviation)),
    ])
  }
}
