internal import Evaluation

extension DataLimitation {
  /// The points and laws for a terminal.
  public var text: String { tables.map(\.text).joined(separator: "\n\n") + "\n" }

  /// The points and laws in Markdown.
  public var markdown: String { tables.map(\.markdown).joined(separator: "\n\n") + "\n" }

  private var tables: [ResultTable] {
    labels.map { label in
      var table = ResultTable(
        title: "\(metric) of \(label.label) by number of training subjects",
        heading: ["training subjects", "systems", "values", "mean", "SD", "power law"], rows: [],
        namedColumns: 0)
      for point in label.points {
        table.rows.append([
          Self.size(point.subjects), "\(point.systems.count)", "\(point.aggregate.defined)",
          ResultTable.figure(point.aggregate.mean),
          ResultTable.figure(point.aggregate.standardDeviation),
          ResultTable.figure(label.law.map { $0.value(at: point.subjects) }),
        ])
      }
      if let law = label.law {
        let share = law.rSquared.map { "R2 = \(ResultTable.figure($0)) in log space" }
        table.notes.append(
          "\(metric) = \(ResultTable.figure(law.coefficient)) n^"
            + "\(ResultTable.figure(law.exponent)), "
            + (share ?? "R2 is not defined: all means are equal")
            + (label.points.count == 2 ? "; any two points lie on a power law." : "."))
      } else if let gap = label.gap {
        table.notes.append("There is no power law. \(gap)")
      }
      return table
    }
  }

  /// A number of subjects, whole where it is.
  private static func size(_ subjects: Double) -> String {
    subjects == subjects.rounded() ? "\(Int(subjects))" : "\((subjects * 100).rounded() / 100)"
  }

  /// Everything as JSON, figures in full precision.
  public var json: String { value.indented }

  var value: JSONValue {
    .object([
      ("metric", .string(metric)),
      (
        "labels",
        .array(
          labels.map { label in
            var members: [(String, JSONValue)] = [
              ("label", .string(label.label)),
              (
                "powerLaw",
                label.law.map { law in
                  .object([
                    ("fit", .string(law.fit.rawValue)),
                    ("coefficient", .number(law.coefficient)),
                    ("exponent", .number(law.exponent)),
                    ("rSquared", .number(law.rSquared)),
                  ])
                } ?? .null
              ),
              ("points", .array(label.points.map(Self.json))),
            ]
            if let gap = label.gap { members.append(("undefined", .string(gap))) }
            return .object(members)
          })
      ),
    ])
  }

  private static func json(_ point: Point) -> JSONValue {
    .object([
      ("trainingSubjects", .number(point.subjects)),
      ("systems", .array(point.systems.map { .string($0) })),
      ("values", .integer(point.aggregate.defined)),
      ("mean", .number(point.aggregate.mean)),
      ("standardDeviation", .number(point.aggregate.standardDeviation)),
    ])
  }

  /// One row a structure and number of training subjects.
  public var csv: String {
    var text = CSV.line([
      "label", "metric", "trainingSubjects", "systems", "values", "mean", "standardDeviation",
      "powerLaw", "coefficient", "exponent", "rSquared", "undefined",
    ])
    func field(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    for label in labels {
      for point in label.points {
        text += CSV.line([
          label.label, metric, field(point.subjects), point.systems.joined(separator: " "),
          "\(point.aggregate.defined)", field(point.aggregate.mean),
          field(point.aggregate.standardDeviation),
          field(label.law.map { $0.value(at: point.subjects) }), field(label.law?.coefficient),
          field(label.law?.exponent), field(label.law?.rSquared), label.gap ?? "",
        ])
      }
    }
    return text
  }
}
