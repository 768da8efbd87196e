internal import Foundation

extension Dataset {
  /// Opens a data set where it lies and checks that its files and lists agree. No volume is read.
  ///
  /// - Parameters:
  ///   - path: a folder with `dataset.json` (nnU-Net's or the Decathlon's dialect) or with
  ///     `manifest.csv`, one of these files, or any other manifest in CSV.
  ///   - labels: the names of labels 0, 1, …, for a manifest, which cannot tell them.
  /// - Returns: the data set, with file paths that begin with `path`'s folder.
  /// - Throws: ``DatasetError`` with every fault: files that are missing, an image without its
  ///   label, a label without its image, a subject twice, labels that do not count from 0.
  public static func open(_ path: String, labels: [String]? = nil) throws(DatasetError) -> Dataset {
    let (dataset, faults) = try inspect(path, labels: labels)
    guard faults.isEmpty else { throw DatasetError(path, faults) }
    return dataset
  }

  /// Opens a data set as far as it is whole, and says what is amiss with the rest.
  ///
  /// - Parameters: as for ``open(_:labels:)``.
  /// - Returns: the subjects whose files are all there, and the faults of the others.
  /// - Throws: ``DatasetError`` where there is nothing to open.
  static func inspect(
    _ path: String, labels: [String]? = nil
  ) throws(DatasetError) -> (dataset: Dataset, faults: [String]) {
    var faults: [String] = []
    let dataset = try open(path, labels: labels, faults: &faults)
    return (dataset, faults)
  }

  private static func open(
    _ path: String, labels: [String]?, faults: inout [String]
  ) throws(DatasetError) -> Dataset {
    guard FileManager.default.fileExists(atPath: path) else {
      throw DatasetError(
        path,
        [
          "There is no data set \(path): name a folder with dataset.json or a manifest in CSV "
            + "(a relative path starts at the working folder)."
        ])
    }
    // Only a folder, or a link to one, has an entry for itself.
    guard FileManager.default.fileExists(atPath: path.appending(file: ".")) else {
      return try path.hasSuffix(".json")
        ? openDescription(path, faults: &faults)
        : openManifest(path, labels: labels, faults: &faults)
    }
    let description = path.appending(file: "dataset.json")
    let manifest = path.appending(file: "manifest.csv")
    if FileManager.default.fileExists(atPath: description) {
      return try openDescription(description, faults: &faults)
    }
    if FileManager.default.fileExists(atPath: manifest) {
      return try openManifest(manifest, labels: labels, faults: &faults)
    }
    throw DatasetError(
      path,
      [
        "The folder \(path) has neither dataset.json nor manifest.csv: "
          + "name the folder that holds one of them."
      ])
  }

  private static func openDescription(
    _ path: String, faults: inout [String]
  ) throws(DatasetError) -> Dataset {
    let description = try DatasetDescription(path: path)
    var dataset = description.dataset(faults: &faults)
    let folder = path.folder
    for name in ["manifest.csv", "groups.csv"] {
      let table = folder.appending(file: name)
      guard FileManager.default.fileExists(atPath: table) else { continue }
      dataset = try dataset.joined(with: SubjectTable(path: table), faults: &faults)
      break
    }
    return dataset
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
