public import Collective
internal import Evaluation
internal import Foundation

/// Everything that is wrong with a data set, found in one reading of all its files.
public struct DatasetCheck: Sendable {
  /// The data set's name.
  public let name: String
  /// What must be mended, one sentence each, with the file and the remedy.
  public let faults: [String]
  /// What may be meant so, one sentence each.
  public let notices: [String]
  private let reports: [SubjectReport]
  private let labels: [DatasetLabel]

  /// Reads every file of a data set, the subjects dealt to the ranks.
  ///
  /// Collective over `world`.
  /// - Parameters:
  ///   - path: a folder with `dataset.json`, or a manifest in CSV.
  ///   - labels: the names of labels 0, 1, …, for a manifest.
  ///   - world: all ranks.
  ///   - progress: called on each rank with the number of its subjects read so far, and of all its
  ///     subjects.
  /// - Returns: what was found, on rank 0; nil elsewhere.
  /// - Throws: ``DatasetError`` where there is nothing to open; whatever else is wrong is a fault.
  public static func run(
    _ path: String, labels: [String]? = nil, world: any Communicator,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> DatasetCheck? {
    let (dataset, findings) = try world.agree {
      try Dataset.inspect(DataSection(path, labels: labels))
    }
    let own = stride(from: world.rank, to: dataset.subjects.count, by: world.size)
    let total = own.underestimatedCount
    let reports = own.enumerated().map { index, place in
      defer { progress(index + 1, total) }
      return SubjectInspection.report(dataset.subjects[place], of: dataset)
    }
    let text = try world.agree {
      String(decoding: try JSONEncoder().encode(reports), as: UTF8.self)
    }
    guard let texts = try world.gatherTexts(text) else { return nil }
    let all = try texts.flatMap {
      try JSONDecoder().decode([SubjectReport].self, from: Data($0.utf8))
    }
    return DatasetCheck(dataset, faults: findings.faults, reports: all)
  }

  private init(_ dataset: Dataset, faults: [String], reports: [SubjectReport]) {
    name = dataset.name
    labels = dataset.labels
    self.reports = reports.sorted { $0.subject.precedes($1.subject) }
    self.faults =
      faults + self.reports.flatMap(\.faults) + Self.duplicates(self.reports, of: dataset)
      + Self.foldFaults(of: dataset)
    notices = dataset.notices + self.reports.flatMap(\.notices)
  }

  /// Subjects whose images are the same voxels: one would validate what another trained on.
  private static func duplicates(_ reports: [SubjectReport], of dataset: Dataset) -> [String] {
    let images = Dictionary(
      dataset.subjects.map { ($0.name, $0.images[0]) }, uniquingKeysWith: { first, _ in first })
    var first: [String: String] = [:]
    return reports.compactMap { report in
      guard let content = report.content else { return nil }
      guard let other = first[content] else {
        first[content] = report.subject
        return nil
      }
      return "\(images[report.subject] ?? report.subject): has the same voxels as "
        + "\(images[other] ?? other); leave one of the two subjects out."
    }
  }

  /// What is wrong with a column `fold` of the table: gaps, empty cells, patients in two folds.
  private static func foldFaults(of dataset: Dataset) -> [String] {
    let folds = dataset.subjects.compactMap(\.fold)
    guard let last = folds.max() else { return [] }
    var section = FoldsSection()
    section.count = max(2, last + 1)
    do {
      _ = try Folds(of: dataset, section)
      return []
    } catch {
      return error.faults
    }
  }
}

extension DatasetCheck: CustomStringConvertible {
  /// Shapes and spacings of all readable images and label volumes of the subjects without a fault
  /// in tables, then a line for each notice and fault.
  public var description: String {
    // A label of another image would say nothing about these.
    let labeled = reports.filter { $0.faults.isEmpty && !$0.labelVoxels.isEmpty }
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
    var lines = ["\(name): \(reports.count) subjects", Self.ranges(reports)]
    if rows.count > 1 { lines.append(TextTable(rows: rows, namedColumns: 1).description) }
    lines += notices.map { "notice: \($0)" }
    lines += faults.map { "fault: \($0)" }
    lines.append(
      faults.isEmpty ? "no faults" : "\(faults.count) fault\(faults.count == 1 ? "" : "s")")
    return lines.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// The least, median and greatest extent and voxel size along each axis.
  private static func ranges(_ reports: [SubjectReport]) -> String {
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

  /// The same as JSON, with a record for every subject.
  public var json: String {
    let subjects = reports.map { report in
      JSONValue.object([
        ("subject", .string(report.subject)),
        ("shape", report.shape.map { .array($0.map { .integer($0) }) } ?? .null),
        ("spacing", report.spacing.map { .array($0.map { .number($0) }) } ?? .null),
        ("channels", .integer(report.channels)),
        (
          "labelVoxels",
          .object(zip(labels, report.labelVoxels).map { ("\($0.number)", .integer($1)) })
        ),
        ("content", report.content.map { .string($0) } ?? .null),
        ("faults", .array(report.faults.map { .string($0) })),
        ("notices", .array(report.notices.map { .string($0) })),
      ])
    }
    return JSONValue.object([
      ("name", .string(name)),
      ("labels", .object(labels.map { ("\($0.number)", .string($0.name)) })),
      ("subjects", .array(subjects)),
      ("faults", .array(faults.map { .string($0) })),
      ("notices", .array(notices.map { .string($0) })),
    ]).indented
  }
}
