internal import Foundation

/// The process that writes a run's folder now, as far as can be told without disturbing it.
///
/// The folder's lock says who took it last. On that host, the system knows whether it is still held;
/// from elsewhere, the process is taken to live while its files change.
public struct RunWriter: Sendable, Equatable {
  /// The process's number on its host.
  public var process: Int
  /// Its host.
  public var host: String

  // Longer than a signal of life takes, even where one volume is predicted for minutes.
  private static let patience: TimeInterval = 600

  init(process: Int, host: String) {
    self.process = process
    self.host = host
  }

  /// Reads who holds a folder's lock; `nil` for nobody.
  init?(_ folder: RunFolder, now: Date) {
    let path = folder.path.appending(file: ".lock")
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let match = text.wholeMatch(of: /process (\d+) on (.+)/), let process = Int(match.1)
    else { return nil }
    self.process = process
    host = String(match.2)
    if host == ProcessInfo.processInfo.hostName {
      guard Self.holdsLock(process, path) else { return nil }
    } else {
      let sign = [folder.progress, path].compactMap(RunStatus.modification).max()
      guard let sign, now.timeIntervalSince(sign) < Self.patience else { return nil }
    }
  }

  /// Whether a process of this host holds a lock on a file; where the system does not list locks,
  /// whether it lives.
  private static func holdsLock(_ process: Int, _ path: String) -> Bool {
    guard let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else {
      return FileManager.default.fileExists(atPath: "/proc/\(process)")
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let file = (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
    return holdsLock(process, file: file, in: locks)
  }

  /// Whether a table in the form of `/proc/locks` has a process's lock on a file:
  /// `1: FLOCK ADVISORY WRITE 1234 08:01:5678 0 EOF`.
  static func holdsLock(_ process: Int, file: UInt64?, in table: String) -> Bool {
    table.split(separator: "\n").contains { line in
      let words = line.split(separator: " ")
      guard words.count >= 6, words[1] == "FLOCK", words[4] == "\(process)" else { return false }
      return file == nil || words[5].split(separator: ":").last.flatMap { UInt64($0) } == file
    }
  }
}
