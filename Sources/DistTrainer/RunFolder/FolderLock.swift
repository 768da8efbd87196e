internal import Foundation

/// Keeps two runs from writing one folder: held while the value lives, released by the system even
/// when the process is killed.
///
/// The lock is `flock` on `.lock` in the folder. Rank 0 alone takes it, since it alone writes.
public struct FolderLock: ~Copyable {
  private let file: OpenFile

  /// Locks a folder.
  ///
  /// - Parameter folder: the folder, which must exist.
  /// - Throws: ``FileError`` when another process holds the folder (it says which) or the lock's
  ///   file cannot be opened.
  public init(folder: String) throws(FileError) {
    do {
      file = try Self.locked(folder)
    } catch let error as FileError {
      throw error
    } catch let error as SystemError {
      throw FileError("lock", folder, error)
    } catch {
      throw FileError(path: folder, description: "Cannot lock \(folder): \(error).")
    }
  }

  private static func locked(_ folder: String) throws -> OpenFile {
    let path = folder.appending(file: ".lock")
    let file = try OpenFile(path: path, for: .locking)
    guard try file.lock() else {
      let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      throw FileError(
        path: folder,
        description: "The folder \(folder) is being written by another run"
          + (holder.isEmpty ? "" : " (\(holder))")
          + ": wait for it or stop it, or write elsewhere with --output.")
    }
    // For the message above only: who holds the lock is the system's to know.
    let holder = "process \(processNumber) on \(ProcessInfo.processInfo.hostName)"
    try file.truncate(to: 0)
    try file.write(Array(holder.utf8).span, calls: .live)
    return file
  }
}
