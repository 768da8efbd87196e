internal import Collective
internal import Foundation

/// The program that a rank runs, and the library that it speaks through.
enum LaunchedProgram {
  /// Where the system shows the program that runs.
  static let path = "/proc/self/exe"

  /// A checksum of a program's bytes, in 16 hexadecimal digits: milliseconds, where SHA-256 would take
  /// a good part of a run's start.
  static func checksum(of program: String = path) -> String {
    var sum = ContentChecksum()
    if let file = MappedFile(program) {
      file.withBytes(0..<file.count) { sum.update($0) }
    }
    let digits = String(sum.value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// What tells this program from another build: `checksum64:` and ``checksum(of:)``, or, of a debug
  /// build, whose loops would take seconds over its own bytes, `stamp:` and its file's length and time.
  static var identity: String {
    #if DEBUG
      "stamp:\(FileStamp(path).acrossHosts)"
    #else
      "checksum64:\(checksum())"
    #endif
  }

  /// Refuses ranks that run unlike programs or MPI libraries; collective over `world`, and the first
  /// thing that a run does: unlike programs may not even agree on what comes next.
  ///
  /// - Parameters:
  ///   - world: all ranks.
  ///   - program: this rank's program.
  ///   - host: this rank's host.
  /// - Throws: ``LaunchError`` within an `AgreedError`.
  static func requireSame(
    _ world: any Communicator, program: String = path,
    host: String = ProcessInfo.processInfo.hostName
  ) throws {
    guard world.size > 1 else { return }
    let library = world.library ?? ""
    let stamps = try world.gatherTexts("\(FileStamp(program).acrossHosts)\t\(library)")
    // One file of one host or of a shared file system need not be read.
    let isEvident = try world.broadcast(Set(stamps ?? []).count <= 1 ? 1 : 0, root: 0) == 1
    guard !isEvident else { return }
    let texts = try world.gatherTexts("\(host)\t\(checksum(of: program))\t\(library)")
    try world.agree {
      let ranks = (texts ?? [])
        .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
      if let rank = ranks.firstIndex(where: { $0[1] != ranks[0][1] }) {
        throw LaunchError(
          "rank \(rank) on host \(ranks[rank][0]) runs another build of the program than rank 0 on "
            + "host \(ranks[0][0]): install the same one on every host")
      }
      if let rank = ranks.firstIndex(where: { $0[2] != ranks[0][2] }) {
        throw LaunchError(
          "rank \(rank) on host \(ranks[rank][0]) has \(ranks[rank][2]), rank 0 on host "
            + "\(ranks[0][0]) has \(ranks[0][2]): install the same MPI library on every host")
      }
    }
  }
}
