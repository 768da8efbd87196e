internal import Foundation
internal import Volumes

/// How the names of volume files tell subjects and channels.
enum VolumeNames {
  /// `_0003` for channel 3.
  static func suffix(ofChannel channel: Int) -> String {
    let digits = "\(channel)"
    return "_" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Takes `NAME_0003` apart.
  static func channel(of stem: String) -> (subject: String, channel: Int)? {
    let suffix = stem.suffix(5)
    guard suffix.count == 5, stem.count > 5, suffix.first == "_",
      suffix.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let channel = Int(suffix.dropFirst())
    else { return nil }
    return (String(stem.dropLast(5)), channel)
  }

  /// A file's name without the endings of volume files.
  static func stem(of file: String) -> String {
    for ending in endings where file.hasSuffix(ending) && file.count > ending.count {
      return String(file.dropLast(ending.count))
    }
    return file
  }

  /// The volume files of a folder, sorted; of a pair of `.hdr` and `.img`, the header.
  static func readable(in folder: String) -> [String] {
    let files = volumes(in: folder).filter { file in endings.contains { file.hasSuffix($0) } }
    let headers = Set(files.filter { $0.hasSuffix(".hdr") }.map(stem))
    return files.filter { !($0.contains(".img") && headers.contains(stem(of: $0))) }
  }

  /// The endings of all formats, the longest first, so that `.nii.gz` comes before `.gz`'s kin.
  private static let endings = VolumeFiles.catalogue.flatMap(\.endings)
    .sorted { ($1.count, $0) < ($0.count, $1) }

  /// Whether there is a file or folder.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  /// The names of a folder's entries that are folders themselves, sorted, without hidden ones.
  static func folders(in folder: String) -> [String] {
    volumes(in: folder).filter { exists(folder.appending(file: $0).appending(file: ".")) }
  }

  /// The files of a folder, sorted, without hidden ones (archives made on a Mac bring `._` files).
  static func volumes(in folder: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { !$0.hasPrefix(".") }.sorted { $0.precedes($1) }
  }
}
