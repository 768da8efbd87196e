internal import Foundation

/// What lies where in a folder of the Brain Imaging Data Structure.
///
/// Images are `sub-LABEL/[ses-LABEL/]anat/sub-LABEL[_ses-LABEL][_KEY-VALUE…]_SUFFIX.nii.gz`,
/// segmentations the same below `derivatives/PIPELINE/`.
enum BIDSFolder {
  /// One file of a subject at a session.
  struct File: Equatable {
    /// Its path.
    var path: String
    /// What stands between the first and the last underscore, such as `acq-mprage`.
    var entities: [String]
    /// What stands behind the last underscore, such as `T1w`.
    var suffix: String
  }

  /// One subject at one session.
  struct Visit: Equatable {
    /// `sub-01`.
    var participant: String
    /// `ses-2`; nil where there are no sessions.
    var session: String?
    var files: [File] = []

    /// `sub-01`, or `sub-01_ses-2`.
    var name: String { participant + (session.map { "_\($0)" } ?? "") }
  }

  /// Whether a folder is laid out so: a folder `sub-*`, or the description that every such data set
  /// has.
  static func isRoot(_ path: String) -> Bool {
    VolumeNames.exists(path.appending(file: "dataset_description.json"))
      || VolumeNames.folders(in: path).contains { $0.hasPrefix("sub-") }
  }

  /// The visits below a root, sorted by name, with the volumes in their folders `anat`.
  static func visits(below root: String) -> [Visit] {
    VolumeNames.folders(in: root).filter { $0.hasPrefix("sub-") }.flatMap { participant in
      let folder = root.appending(file: participant)
      let sessions = VolumeNames.folders(in: folder).filter { $0.hasPrefix("ses-") }
      // Some keep what belongs to all sessions beside their folders.
      return ([nil] + sessions.map { $0 }).compactMap { session -> Visit? in
        let place = session.map { folder.appending(file: $0) } ?? folder
        let files = files(in: place.appending(file: "anat"))
        guard !files.isEmpty else { return nil }
        return Visit(participant: participant, session: session, files: files)
      }
    }
  }

  private static func files(in folder: String) -> [File] {
    VolumeNames.readable(in: folder).compactMap { name in
      let parts = VolumeNames.stem(of: name).split(separator: "_").map(String.init)
      guard parts.count >= 2, let first = parts.first, first.hasPrefix("sub-"),
        let suffix = parts.last
      else { return nil }
      return File(
        path: folder.appending(file: name),
        entities: parts.dropFirst().dropLast().filter { !$0.hasPrefix("ses-") }, suffix: suffix)
    }
  }

  /// Suffixes of files that are no intensities.
  static let masks: Set<String> = ["dseg", "probseg", "mask", "defacemask"]
}

extension BIDSFolder {
  /// A table as BIDS writes it: tabs between fields, the first line names them, `n/a` is nothing.
  struct Table {
    let columns: [String]
    /// By column, the values that are there.
    let rows: [[String: String]]

    /// Reads a table.
    ///
    /// - Returns: nil where there is no such file.
    /// - Throws: ``DatasetError`` for a file that cannot be read, or lacks the column `key`.
    init?(_ path: String, key: String) throws(DatasetError) {
      guard VolumeNames.exists(path) else { return nil }
      let text: String
      do {
        text = try String(contentsOfFile: path, encoding: .utf8)
      } catch {
        throw DatasetError(path, ["\(path) cannot be read: give a table of UTF-8 text."])
      }
      // Swift takes the carriage return and line feed of Windows for one character.
      let lines = text.replacing("\u{FEFF}", with: "").split(whereSeparator: \.isNewline)
      let cells = lines.map { line in
        line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0).trimmed }
      }
      let header = cells.first ?? []
      guard header.contains(key) else {
        throw DatasetError(
          path, ["\(path) has no column \(key): its first line must name the columns, by tabs."])
      }
      columns = header
      rows = cells.dropFirst().map { fields in
        Dictionary(zip(header, fields), uniquingKeysWith: { first, _ in first })
          .filter { !$0.value.isEmpty && $0.value != "n/a" }
      }
    }
  }
}
