internal import Foundation

extension PreparedCache {
  /// What was removed.
  public struct Pruned: Sendable, Equatable {
    /// The number of files.
    public var files = 0
    /// Their bytes.
    public var bytes = 0
  }

  /// Removes prepared volumes that no run has used for some days: those whose time of last change is
  /// that old, since every use sets it to now.
  ///
  /// A run that has them mapped goes on with what it has; one that looks for them later prepares
  /// them again.
  ///
  /// - Parameters:
  ///   - folder: the cache's folder; only files with the ending `.prepared` are looked at.
  ///   - days: how long they must not have been used; 0 removes all.
  /// - Returns: how much was removed.
  /// - Throws: ``FileError`` where the folder cannot be read.
  public static func prune(_ folder: String, unusedFor days: Double) throws -> Pruned {
    var pruned = Pruned()
    for file in try old(in: folder, days: days, where: { $0.hasSuffix(PreparedFile.ending) }) {
      removeFile(file.path)
      pruned.files += 1
      pruned.bytes += file.bytes
    }
    return pruned
  }

  /// Removes what killed runs left half-written, a day old or older.
  func removeRemains() {
    let remains = try? Self.old(in: folder, days: 1) {
      $0.hasPrefix(".") && $0.hasSuffix(PreparedFile.partial)
    }
    for file in remains ?? [] { removeFile(file.path) }
  }

  private static func old(
    in folder: String, days: Double, where isMeant: (String) -> Bool
  ) throws -> [(path: String, bytes: Int)] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw FileError(
        path: folder,
        description: "The folder of prepared volumes \(folder) cannot be read: correct data.cache.")
    }
    let limit = Date(timeIntervalSinceNow: -days * 86_400)
    return names.sorted().filter(isMeant).compactMap { name in
      let path = folder.appending(file: name)
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
        attributes[.type] as? FileAttributeType == .typeRegular,
        let changed = attributes[.modificationDate] as? Date, changed <= limit
      else { return nil }
      return (path, (attributes[.size] as? NSNumber)?.intValue ?? 0)
    }
  }
}
