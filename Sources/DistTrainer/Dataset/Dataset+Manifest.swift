extension Dataset {
  /// Opens a manifest: `subject,image[,image2…],label` and any further columns, of which `fold` puts
  /// a subject into a fold and the others are attributes. Relative paths start at the manifest.
  static func openManifest(
    _ path: String, _ section: DataSection, findings: inout [Finding]
  ) throws(DatasetError) -> Dataset {
    let table = try SubjectTable(path: path)
    let images = try imageColumns(of: table)
    guard let names = section.labels else {
      throw DatasetError(
        path,
        [
          "\(path) does not tell the labels' names: "
            + "add data.labels to the configuration, such as [background, femur]."
        ])
    }
    let labels = try LabelValues.numbered(names, of: path)
    let map = try LabelValues.map(section.map ?? [:], to: labels, named: "data.map")
    let known = Set(images + ["subject", "label", "fold"])
    let folder = path.folder
    var subjects: [Subject] = []
    for row in table.rows {
      var files: [String] = []
      for column in images + ["label"] {
        guard let value = row.values[column] else {
          findings.append(
            Finding(
              .brokenRow, row.subject,
              "Line \(row.line) of \(path) has no \(column): fill it or remove the line."))
          continue
        }
        let file = folder.appending(file: value)
        guard VolumeNames.exists(file) else {
          findings.append(
            Finding(
              column == "label" ? .missingLabel : .missingImage, row.subject,
              "Line \(row.line) of \(path) names \(file), which does not exist: "
                + "mend the path (it starts at the manifest's folder)."))
          continue
        }
        files.append(file)
      }
      let fold = table.fold(of: row, findings: &findings)
      guard files.count == images.count + 1 else { continue }
      subjects.append(
        Subject(
          name: row.subject, images: Array(files.dropLast()), label: files[images.count],
          labelMap: map, attributes: row.values.filter { !known.contains($0.key) }, fold: fold))
    }
    findings += table.findings
    if table.rows.isEmpty, findings.isEmpty {
      findings.append(Finding(.noSubject, nil, "\(path) has no subject: add a line for each."))
    }
    return Dataset(
      name: folder == "." ? path.lastComponent : folder.lastComponent, channels: images,
      labels: labels, subjects: subjects, columns: table.columns.filter { !known.contains($0) })
  }

  /// `image`, `image2`, `image3`, … without a gap.
  private static func imageColumns(of table: SubjectTable) throws(DatasetError) -> [String] {
    var images: [String] = []
    while table.columns.contains(images.isEmpty ? "image" : "image\(images.count + 1)") {
      images.append(images.isEmpty ? "image" : "image\(images.count + 1)")
    }
    let numbered = table.columns.filter {
      $0.hasPrefix("image") && $0.dropFirst(5).allSatisfy(\.isNumber)
    }
    var faults: [String] = []
    if images.isEmpty { faults.append("\(table.path) has no column image: add it.") }
    if !table.columns.contains("label") {
      faults.append("\(table.path) has no column label: add it.")
    }
    if !images.isEmpty, numbered.count != images.count {
      faults.append(
        "\(table.path) has the columns \(numbered.joined(separator: ", ")): "
          + "call them image, image2, image3 and so on without a gap.")
    }
    guard faults.isEmpty else { throw DatasetError(table.path, faults) }
    return images
  }

  /// The data set with the attributes and folds of a table beside it.
  ///
  /// - Parameters:
  ///   - table: the rows.
  ///   - findings: what is amiss so far; receives a row of no subject and a subject without a row.
  /// - Returns: the data set with attributes.
  func joined(with table: SubjectTable, findings: inout [Finding]) -> Dataset {
    findings += table.findings
    // A row may be of a subject whose files, or which itself, are amiss: that has been said.
    let told = Set(findings.compactMap(\.subject))
    // A full manifest beside dataset.json repeats the files, which dataset.json has told.
    let known: Set<String> = ["subject", "label", "fold"]
    func isAttribute(_ column: String) -> Bool {
      !known.contains(column)
        && !(column.hasPrefix("image") && column.dropFirst(5).allSatisfy(\.isNumber))
    }
    var rows = Dictionary(uniqueKeysWithValues: table.rows.map { ($0.subject, $0) })
    var joined = self
    for index in joined.subjects.indices {
      let name = joined.subjects[index].name
      guard let row = rows.removeValue(forKey: name) else {
        if told.contains(name) { continue }
        findings.append(
          Finding(
            .missingRow, name, "\(table.path) has no line for the subject \(name): add it."))
        continue
      }
      joined.subjects[index].attributes = row.values.filter { isAttribute($0.key) }
      joined.subjects[index].fold = table.fold(of: row, findings: &findings)
    }
    for row in rows.values.sorted(by: { $0.line < $1.line }) where !told.contains(row.subject) {
      findings.append(
        Finding(
          .unknownSubject, row.subject,
          "Line \(row.line) of \(table.path) names the subject \(row.subject), which the data set "
            + "lacks: add its files or remove the line."))
    }
    joined.columns = table.columns.filter(isAttribute)
    return joined
  }
}
