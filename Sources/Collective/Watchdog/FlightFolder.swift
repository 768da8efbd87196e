internal import Foundation

/// The folder in which a job that hung leaves what its ranks did last, `rank_K.jsonl`, and who was
/// guilty, `verdict.txt`.
struct FlightFolder: Sendable {
  let path: String

  /// Whether this host has the folder around it: on a host without a shared file system it is missing,
  /// and nothing is to be left there.
  var isWithinReach: Bool {
    let run = URL(fileURLWithPath: path).deletingLastPathComponent()
    return FileManager.default.fileExists(atPath: run.path)
  }

  /// Writes a rank's operations, a line each; nothing for a rank of which none is known.
  ///
  /// - Returns: whether they lie there now.
  @discardableResult
  func write(_ lines: [FlightRecorder.Line], ofRank rank: Int) -> Bool {
    guard !lines.isEmpty else { return false }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var data = Data()
    for line in lines { data += ((try? encoder.encode(line)) ?? Data()) + [0x0A] }
    return write(data, to: "rank_\(rank).jsonl")
  }

  /// Writes who was guilty.
  func write(verdict: String) { write(Data("\(verdict)\n".utf8), to: "verdict.txt") }

  // The process is about to end: whoever reads is better served by the sentence on standard error than
  // by a failure to write it here.
  @discardableResult
  private func write(_ data: Data, to name: String) -> Bool {
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    return (try? data.write(to: file, options: .atomic)) != nil
  }
}
