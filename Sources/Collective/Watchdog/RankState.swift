/// What a rank does at a moment, as its watchdog tells the others.
struct RankState: Sendable, Equatable, Codable {
  enum Activity: String, Sendable, Codable {
    /// Computes, reads, writes.
    case working
    /// Is inside an operation that needs its peers.
    case waiting
    /// Has nothing more to do.
    case done
  }

  var activity: Activity
  /// The operation it waits in, or the last one it was in; empty before the first.
  var operation: String
  /// The group of that operation.
  var group: String
  /// The fold and step it is at; -1 before the first.
  var fold: Int
  var step: Int
  /// How long it has been waiting, or how long ago it last gave a sign of working.
  var seconds: Double

  /// For a message: where the rank is.
  var place: String {
    guard step >= 0 else { return "before the first step" }
    return fold >= 0 ? "fold \(fold), step \(step)" : "step \(step)"
  }

  /// For a message: what it does.
  var doing: String {
    let last = operation.isEmpty ? "before its first operation" : "\(operation) of '\(group)'"
    return switch activity {
    case .waiting: "waiting in \(last)"
    case .working: operation.isEmpty ? last : "working after \(last)"
    case .done: "at its end"
    }
  }
}

/// Who keeps the others waiting.
struct Verdict: Sendable, Equatable {
  /// The guilty rank; `nil` if all wait for one another.
  var rank: Int?
  /// One sentence: rank, host, where, what it does, how late.
  var text: String

  /// A rank as rank 0 knows it.
  struct Witness {
    var rank: Int
    var host: String
    /// Its last word.
    var state: RankState
    /// How many seconds ago that came.
    var silence: Double

    /// For a message: which rank it is.
    var name: String { "rank \(rank) on \(host)" }
    /// For a message: where it is and what it does.
    var account: String { "\(state.place), \(state.doing)" }
  }

  /// What the ranks' accounts say.
  ///
  /// - Parameters:
  ///   - ranks: The ranks that are watched.
  ///   - timeout: How long a rank may be silent, and how long it may keep others waiting without a
  ///     sign of working, in seconds.
  /// - Returns: `nil` while nothing is wrong.
  static func find(_ ranks: [Witness], timeout: Double) -> Verdict? {
    let alive = ranks.filter { $0.state.activity != .done }
    func seconds(_ value: Double) -> String { "\(Int(value.rounded())) s" }
    if let silent = alive.max(by: { $0.silence < $1.silence }), silent.silence > timeout {
      return Verdict(
        rank: silent.rank,
        text: "\(silent.name) has not been heard of for \(seconds(silent.silence)) "
          + "(stopped, or its host cut off); last seen at \(silent.account)")
    }
    // Whoever works without a sign of it is late only where someone waits as long.
    guard
      alive.contains(where: { $0.state.activity == .waiting && $0.state.seconds > timeout })
    else { return nil }
    let working = alive.filter { $0.state.activity == .working }
    if let stuck = working.max(by: { $0.state.seconds < $1.state.seconds }) {
      guard stuck.state.seconds > timeout else { return nil }
      return Verdict(
        rank: stuck.rank,
        text: "\(stuck.name) is stuck: \(stuck.account), without a sign of work for "
          + "\(seconds(stuck.state.seconds)) while others wait for it")
    }
    guard let first = alive.first, alive.allSatisfy({ $0.state.seconds > timeout }) else {
      return nil
    }
    let other = alive.first {
      ($0.state.operation, $0.state.group) != (first.state.operation, first.state.group)
    }
    return Verdict(
      rank: nil,
      text: "all ranks wait for one another for more than \(seconds(timeout)): \(first.name) is at "
        + first.account + (other.map { "; \($0.name) is at \($0.account)" } ?? ""))
  }
}
