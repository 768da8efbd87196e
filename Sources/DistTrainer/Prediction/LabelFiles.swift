internal import Foundation

/// The label volumes of a folder, or one file, as programs and people leave them.
enum LabelFiles {
  /// What ends the name of a file of probabilities, before its ending.
  static let probabilitySuffix = "_probabilities"

  /// The file of probabilities beside a file of labels.
  static func probabilityFile(besides file: String) -> String {
    let stem = VolumeNames.stem(of: file)
    return stem + probabilitySuffix + file.dropFirst(stem.count)
  }

  /// Label volumes by the names of their subjects; files of probabilities beside them are left out.
  ///
  /// - Parameter path: a folder, or one file.
  /// - Returns: the files.
  /// - Throws: ``PredictionError`` for a path that leads nowhere, a folder without volumes, and two
  ///   files of one name.
  static func labels(at path: String) throws -> [String: String] {
    try files(at: path, what: "label volume") { stem in
      stem.hasSuffix(probabilitySuffix) ? nil : stem
    }
  }

  /// Volumes of probabilities, `NAME_probabilities`, by the names of their subjects.
  ///
  /// - Throws: ``PredictionError``, as ``labels(at:)``.
  static func probabilities(at path: String) throws -> [String: String] {
    try files(at: path, what: "volume of probabilities (NAME\(probabilitySuffix).nii.gz)") { stem in
      stem.hasSuffix(probabilitySuffix) ? String(stem.dropLast(probabilitySuffix.count)) : nil
    }
  }

  /// Whether two paths lead to one place, which need not exist.
  static func isSame(_ one: String, _ other: String) -> Bool {
    func place(_ path: String) -> String {
      URL(fileURLWithPath: path.folder).resolvingSymlinksInPath().path
        .appending(file: path.lastComponent)
    }
    return place(one) == place(other)
  }

  private static func files(
    at path: String, what: String, subject: (String) -> String?
  ) throws -> [String: String] {
    guard VolumeNames.exists(path) else {
      throw PredictionError("There is nothing at \(path): mend the path.")
    }
    guard VolumeNames.exists(path.appending(file: ".")) else {
      return [VolumeNames.stem(of: path.lastComponent): path]
    }
    var files: [String: String] = [:]
    for file in VolumeNames.readable(in: path) {
      guard let name = subject(VolumeNames.stem(of: file)) else { continue }
      let volume = path.appending(file: file)
      if let other = files.updateValue(volume, forKey: name) {
        throw PredictionError("\(other) and \(volume) have one name: keep one of them.")
      }
    }
    guard !files.isEmpty else {
      throw PredictionError("The folder \(path) holds no \(what): name the folder that does.")
    }
    return files
  }
}
