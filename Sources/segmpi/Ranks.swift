import Collective

/// What a command needs of its ranks.
enum Ranks {
  /// Refuses, on all ranks alike, to run on fewer.
  static func require(_ count: Int, in world: any Communicator, for command: String) throws {
    guard world.size < count else { return }
    throw TooFewRanks(
      description: "\(command) needs at least \(count) ranks: mpirun -n \(count) segmpi \(command)")
  }

  private struct TooFewRanks: Error, CustomStringConvertible {
    let description: String
  }
}
