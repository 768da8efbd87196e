internal import Evaluation

extension DatasetCheck: CustomStringConvertible {
  /// Shapes and spacings of all readable images and label volumes of the subjects without a fault
  /// in tables, then a line for each fault and warning.
  public var description: String {
    var lines = ["\(name): \(reports.count) subjects", ranges, stored, volumes]
    let shown = digest(of: .fault) + digest(of: .warning)
    if !shown.isEmpty {
      let rows = shown.map {
        [$0.severity.rawValue, $0.subject ?? "-", $0.kind.rawValue, $0.sentence]
      }
      let heading = ["finding", "subject", "kind", "what is wrong, and the remedy"]
      lines.append(TextTable(rows: [heading] + rows, namedColumns: 4).description)
    }
    let warnings = findings.count { $0.severity == .warning }
    lines.append(
      Self.counted(findings.count - warnings, "fault")
        + (warnings > 0 ? ", \(Self.counted(warnings, "warning"))" : ""))
    return lines.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func counted(_ count: Int, _ what: String) -> String {
    count == 0 ? "no \(what)s" : "\(count) \(what)\(count == 1 ? "" : "s")"
  }

  /// Voxels by label.
  private var volumes: String {
    // A label of another image would say nothing about these.
    let labeled = reports.filter { $0.isWhole && !$0.labelVoxels.isEmpty }
    var rows = [["label", "subjects", "least voxels", "median", "most"]]
    for (place, label) in labels.enumerated() {
      let counts = labeled.map { $0.labelVoxels[place] }.sorted()
      guard let least = counts.first, let most = counts.last else { continue }
      rows.append(
        [
          "\(label.number) \(label.name)", "\(counts.count { $0 > 0 })", "\(least)",
          "\(counts[counts.count / 2])", "\(most)",
        ])
    }
    return rows.count > 1 ? TextTable(rows: rows, namedColumns: 1).description : ""
  }

  /// The least, median and greatest extent and voxel size along each axis.
  private var ranges: String {
    let shapes = reports.compactMap(\.shape)
    let spacings = reports.compactMap(\.spacing)
    guard !shapes.isEmpty else { return "" }
    var rows = [["axis", "least extent", "median", "most", "least spacing (mm)", "median", "most"]]
    for (axis, name) in ["D", "H", "W"].enumerated() {
      let extents = shapes.map { $0[axis] }.sorted()
      let sizes = spacings.map { ($0[axis] * 1000).rounded() / 1000 }.sorted()
      rows.append(
        [name]
          + [extents[0], extents[extents.count / 2], extents[extents.count - 1]].map { "\($0)" }
          + [sizes[0], sizes[sizes.count / 2], sizes[sizes.count - 1]].map { "\($0)" })
    }
    return TextTable(rows: rows, namedColumns: 1).description
  }

  /// How images run and are stored, where not all alike.
  private var stored: String {
    func told(_ what: String, _ values: [String]) -> String? {
      let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
      guard counts.count > 1 else { return nil }
      let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      return "\(what): " + sorted.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
    return [
      told("orientations", reports.compactMap(\.orientation)),
      told("stored as", reports.compactMap(\.elements.first)),
    ].compactMap { $0 }.joined(separator: "\n")
  }

  /// The same as JSON: a record for every subject, and every finding.
  public var json: String {
    let subjects = reports.map { report in
      JSONValue.object([
        ("subject", .string(report.subject)),
        ("shape", report.shape.map { .array($0.map { .integer($0) }) } ?? .null),
        ("spacing", report.spacing.map { .array($0.map { .number($0) }) } ?? .null),
        ("orientation", report.orientation.map { .string($0) } ?? .null),
        ("channels", .integer(report.channels)),
        ("elements", .array(report.elements.map { .string($0) })),
        (
          "labelVoxels",
          .object(zip(labels, report.labelVoxels).map { ("\($0.number)", .integer($1)) })
        ),
        ("content", report.content.map { .string($0) } ?? .null),
      ])
    }
    return JSONValue.object([
      ("name", .string(name)),
      ("labels", .object(labels.map { ("\($0.number)", .string($0.name)) })),
      ("subjects", .array(subjects)),
      ("findings", .array(findings.map(Self.json))),
      ("faults", .integer(faults.count)), ("warnings", .integer(warnings.count)),
    ]).indented
  }

  private static func json(_ finding: Finding) -> JSONValue {
    .object([
      ("severity", .string(finding.severity.rawValue)), ("kind", .string(finding.kind.rawValue)),
      ("subject", finding.subject.map { .string($0) } ?? .null),
      ("sentence", .string(finding.sentence)),
    ])
  }
}
