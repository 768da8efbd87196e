internal import Foundation

/// What a checkpoint says of itself ahead of its tensors, read without reading those.
enum CheckpointHeader {
  // As in safetensors' reference implementation.
  private static let greatestLength = 100_000_000

  private struct Header: Decodable {
    var metadata: [String: String]

    enum CodingKeys: String, CodingKey {
      case metadata = "__metadata__"
    }
  }

  /// The step after which a checkpoint was saved; `nil` for a file that does not say.
  static func step(of path: String) -> Int? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let first = try? file.read(upToCount: 8), first.count == 8 else { return nil }
    let length = first.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(greatestLength),
      let text = try? file.read(upToCount: Int(length)), text.count == Int(length),
      let header = try? JSONDecoder().decode(Header.self, from: text),
      let progress = header.metadata["progress"]
    else { return nil }
    return (try? JSONDecoder().decode(TrainingProgress.self, from: Data(progress.utf8)))?.step
  }
}
