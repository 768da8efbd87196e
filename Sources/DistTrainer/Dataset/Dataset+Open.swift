internal import Foundation

extension Dataset {
  /// Opens a data set where it lies and checks that its files and lists agree. No volume is read.
  ///
  /// - Parameters:
  ///   - path: a folder with `dataset.json` (nnU-Net's or the Decathlon's dialect), with
  ///     `manifest.csv` or in BIDS' layout, one of these files, or any other manifest in CSV.
  ///   - labels: the names of labels 0, 1, …, for layouts that cannot tell them.
  /// - Returns: the data set, with file paths that begin with `path`'s folder.
  /// - Throws: ``DatasetError`` with every fault: files that are missing, an image without its
  ///   label, a label without its image, a subject twice, labels that do not count from 0.
  public static func open(_ path: String, labels: [String]? = nil) throws(DatasetError) -> Dataset {
    try open(DataSection(path, labels: labels))
  }

  /// Opens the data set that a configuration names, as it says; see ``open(_:labels:)``.
  ///
  /// - Throws: ``DatasetError``.
  public static func open(_ section: DataSection) throws(DatasetError) -> Dataset {
    let (dataset, findings) = try inspect(section)
    guard findings.faults.isEmpty else { throw DatasetError(section.dataset, findings) }
    return dataset
  }

  /// Opens a data set as far as it is whole, and says what is amiss with the rest.
  ///
  /// - Parameter section: where it lies, and what it cannot tell of itself.
  /// - Returns: the subjects whose files are all there, and what was found.
  /// - Throws: ``DatasetError`` where there is nothing to open.
  static func inspect(
    _ section: DataSection
  ) throws(DatasetError) -> (dataset: Dataset, findings: [Finding]) {
    var findings: [Finding] = []
    var dataset = try open(section, findings: &findings)
    dataset.notices += findings.warnings
    return (dataset, findings)
  }

  /// Whether a path is a data set: a file or folder that ``open(_:labels:)`` takes.
  static func isDataset(_ path: String) -> Bool {
    path.hasSuffix(".json") || path.hasSuffix(".csv")
      || ["dataset.json", "manifest.csv"].contains { VolumeNames.exists(path.appending(file: $0)) }
      || BIDSFolder.isRoot(path)
  }

  private static func open(
    _ section: DataSection, findings: inout [Finding]
  ) throws(DatasetError) -> Dataset {
    let path = section.dataset
    guard VolumeNames.exists(path) else {
      throw DatasetError(
        path,
        [
          "There is no data set \(path): name a folder with dataset.json, a manifest in CSV or a "
            + "folder in BIDS' layout (a relative path starts at the working folder)."
        ])
    }
    // Only a folder, or a link to one, has an entry for itself.
    guard VolumeNames.exists(path.appending(file: ".")) else {
      return try path.hasSuffix(".json")
        ? openDescription(path, section, findings: &findings)
        : openManifest(path, section, findings: &findings)
    }
    let description = path.appending(file: "dataset.json")
    let manifest = path.appending(file: "manifest.csv")
    if VolumeNames.exists(description) {
      return try openDescription(description, section, findings: &findings)
    }
    if VolumeNames.exists(manifest) {
      return try openManifest(manifest, section, findings: &findings)
    }
    if BIDSFolder.isRoot(path) {
      return try openBIDS(path, section, findings: &findings)
    }
    throw DatasetError(
      path,
      [
        "The folder \(path) has neither dataset.json nor manifest.csv, nor the folders sub-* of "
          + "BIDS: name the folder that holds one of them."
      ])
  }

  private static func openDescription(
    _ path: String, _ section: DataSection, findings: inout [Finding]
  ) throws(DatasetError) -> Dataset {
    // BIDS has a description of that name's ending, too.
    if path.lastComponent == "dataset_description.json" {
      return try openBIDS(path.folder, section, findings: &findings)
    }
    let description = try DatasetDescription(path: path)
    var dataset = description.dataset(findings: &findings)
    if let map = section.map {
      let values = try LabelValues.map(map, to: dataset.labels, named: "data.map")
      for index in dataset.subjects.indices {
        dataset.subjects[index].labelMap.merge(values) { _, new in new }
      }
    }
    let folder = path.folder
    for name in ["manifest.csv", "groups.csv"] {
      let table = folder.appending(file: name)
      guard VolumeNames.exists(table) else { continue }
      dataset = try dataset.joined(with: SubjectTable(path: table), findings: &findings)
      break
    }
    return dataset
  }
}

extension DataSection {
  /// The data set at `path`, all else at its default.
  public init(_ path: String, labels: [String]? = nil) {
    self.init()
    dataset = path
    self.labels = labels
  }
}

extension String {
  /// The path of a file in this folder; an absolute path stays as it is, a leading `./` goes.
  func appending(file: String) -> String {
    if file.hasPrefix("/") { return file }
    var file = file[...]
    while file.hasPrefix("./") { file = file.dropFirst(2) }
    return isEmpty || self == "." ? String(file) : hasSuffix("/") ? self + file : "\(self)/\(file)"
  }

  /// The folder that a path's last component lies in; `.` for a bare name.
  var folder: String {
    guard let slash = lastIndex(of: "/") else { return "." }
    return slash == startIndex ? "/" : String(self[..<slash])
  }

  /// A path's last component.
  var lastComponent: String {
    lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self
  }
}
