internal import Foundation

extension FoldFolder {
  /// The checkpoint to go on from: the first that is there and whole of final, latest, previous.
  ///
  /// - Parameter notice: told of damaged ones that are passed over.
  /// - Returns: its file and its bytes; nil where there is none at all.
  /// - Throws: ``CheckpointError`` where one cannot be read, or there are some and all are damaged.
  func lastState(notice: (String) -> Void) throws -> (name: String, bytes: [UInt8])? {
    var damages: [(path: String, how: String)] = []
    for kind in [Checkpoint.final, .latest, .previous] {
      let path = checkpoint(kind)
      guard fileExists(path) else { continue }
      guard let data = FileManager.default.contents(atPath: path) else {
        throw CheckpointError("\(path) cannot be read; check its permissions")
      }
      let bytes = [UInt8](data)
      if let damage = DistTrainer.Checkpoint.damage(of: bytes, name: path)?.damage {
        damages.append((path, damage))
        continue
      }
      for damage in damages { notice("\(damage.how); going on from \(path)") }
      return (path, bytes)
    }
    guard !damages.isEmpty else { return nil }
    let those = damages.count == 1 ? "it" : damages.count == 2 ? "both" : "all of them"
    throw CheckpointError(
      "\(damages.map(\.how).joined(separator: ", and ")): put back a copy, or remove \(those) and "
        + "continue, which trains the fold of \(path) anew")
  }
}
