internal import Foundation

extension Dataset {
  /// Opens a folder in BIDS' layout: images by suffix as channels, segmentations from
  /// `derivatives`, columns from `participants.tsv`.
  ///
  /// A subject is a participant at a session, and every subject has the column `patient`, so that
  /// the sessions of a participant stay together.
  static func openBIDS(
    _ root: String, _ section: DataSection, findings: inout [Finding]
  ) throws(DatasetError) -> Dataset {
    let (pipeline, labels) = try segmentations(below: root, section.bids)
    let (names, map) = try bidsLabels(root, pipeline: pipeline, section)
    var finder = BIDSFinder(section.bids, labels: labels)
    let subjects = finder.subjects(among: BIDSFolder.visits(below: root))
    findings += finder.findings
    if subjects.isEmpty, finder.findings.faults.isEmpty {
      findings.append(
        Finding(
          .noSubject, nil,
          "\(root) has no subject with both images and a segmentation below \(pipeline): "
            + "compare the names of its folders sub-* with theirs."))
    }
    var dataset = Dataset(
      name: bidsName(root), channels: finder.modalities, labels: names,
      subjects: subjects.map { subject in
        var subject = subject
        subject.labelMap = map
        return subject
      })
    try dataset.takeParticipants(root, findings: &findings)
    return dataset
  }

  /// The folder that holds the segmentations, and they by visit.
  private static func segmentations(
    below root: String, _ section: BIDSSection
  ) throws(DatasetError) -> (folder: String, visits: [BIDSFolder.Visit]) {
    let derivatives = root.appending(file: "derivatives")
    let found = VolumeNames.folders(in: derivatives).compactMap { pipeline in
      let folder = derivatives.appending(file: pipeline)
      let visits = BIDSFolder.visits(below: folder).compactMap { visit -> BIDSFolder.Visit? in
        var visit = visit
        visit.files = visit.files.filter { $0.suffix == section.label }
        return visit.files.isEmpty ? nil : visit
      }
      return visits.isEmpty ? nil : (pipeline: pipeline, visits: visits)
    }
    let names = found.map(\.pipeline).joined(separator: ", ")
    if let wanted = section.derivative {
      guard let one = found.first(where: { $0.pipeline == wanted }) else {
        throw DatasetError(
          root,
          [
            "\(derivatives) has no folder \(wanted) with files sub-*_\(section.label): "
              + (found.isEmpty ? "mend data.bids." : "data.bids.derivative may be \(names).")
          ])
      }
      return (derivatives.appending(file: one.pipeline), one.visits)
    }
    guard let one = found.first else {
      throw DatasetError(
        root,
        [
          "\(root) has no segmentation derivatives/NAME/sub-*/anat/sub-*_\(section.label).nii.gz: "
            + "add them, or name their suffix in data.bids.label."
        ])
    }
    guard found.count == 1 else {
      throw DatasetError(
        root,
        [
          "\(derivatives) has segmentations in the folders \(names): choose one with "
            + "data.bids.derivative."
        ])
    }
    return (derivatives.appending(file: one.pipeline), one.visits)
  }

  /// The labels and what stored values stand for them: from the configuration, or from a table
  /// `dseg.tsv` with the columns `index` and `name`.
  private static func bidsLabels(
    _ root: String, pipeline: String, _ section: DataSection
  ) throws(DatasetError) -> (labels: [DatasetLabel], map: [Int: UInt8]) {
    if let names = section.labels {
      let labels = try LabelValues.numbered(names, of: root)
      return (labels, try LabelValues.map(section.map ?? [:], to: labels, named: "data.map"))
    }
    for folder in [pipeline, root] {
      let files = VolumeNames.volumes(in: folder)
      guard let file = files.first(where: { $0 == "dseg.tsv" || $0.hasSuffix("_dseg.tsv") }) else {
        continue
      }
      let path = folder.appending(file: file)
      guard let table = try BIDSFolder.Table(path, key: "index") else { continue }
      var indexed: [Int: String] = [0: "background"]
      for row in table.rows {
        guard let index = row["index"].flatMap({ Int($0) }), let name = row["name"] else {
          throw DatasetError(path, ["\(path) has a line without index or name: fill it."])
        }
        indexed[index] = name
      }
      let sorted = indexed.sorted { $0.key < $1.key }
      guard sorted.first?.key == 0, (2...256).contains(sorted.count) else {
        throw DatasetError(
          path, ["\(path) must list 1 to 255 structures whose index is greater than 0: mend it."])
      }
      let labels = try LabelValues.numbered(sorted.map(\.value), of: path)
      var map = Dictionary(
        uniqueKeysWithValues: zip(sorted.map(\.key), labels.map(\.number)).filter {
          $0 != Int($1)
        })
      map.merge(try LabelValues.map(section.map ?? [:], to: labels, named: "data.map")) { $1 }
      return (labels, map)
    }
    throw DatasetError(
      root,
      [
        "\(root) does not tell the labels' names: add dseg.tsv (index, name) to \(pipeline), or "
          + "data.labels to the configuration, such as [background, femur]."
      ])
  }

  private static func bidsName(_ root: String) -> String {
    struct Description: Decodable {
      var name: String?
      enum CodingKeys: String, CodingKey { case name = "Name" }
    }
    let file = URL(fileURLWithPath: root.appending(file: "dataset_description.json"))
    let told = try? JSONDecoder().decode(Description.self, from: Data(contentsOf: file)).name
    return told ?? root.lastComponent
  }

  /// Takes up the columns of `participants.tsv`.
  private mutating func takeParticipants(
    _ root: String, findings: inout [Finding]
  ) throws(DatasetError) {
    let path = root.appending(file: "participants.tsv")
    let table = try BIDSFolder.Table(path, key: "participant_id")
    let rows = Dictionary(
      (table?.rows ?? []).compactMap { row in row["participant_id"].map { ($0, row) } },
      uniquingKeysWith: { first, _ in first })
    for index in subjects.indices {
      let patient = String(subjects[index].name.prefix { $0 != "_" })
      var row = rows[patient] ?? [:]
      row["participant_id"] = nil
      if let text = row.removeValue(forKey: "fold") {
        if let fold = Int(text), (0..<10_000).contains(fold) {
          subjects[index].fold = fold
        } else {
          findings.append(
            Finding(
              .brokenRow, subjects[index].name,
              "\(path) puts \(patient) into the fold \(text): folds are numbers from 0 on."))
        }
      }
      row["patient"] = row["patient"] ?? patient
      subjects[index].attributes = row
    }
    let told = (table?.columns ?? []).filter { $0 != "participant_id" && $0 != "fold" }
    columns = told.contains("patient") ? told : ["patient"] + told
  }
}
