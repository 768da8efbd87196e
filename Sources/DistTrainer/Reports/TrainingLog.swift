internal import Foundation

/// A fold's `log.jsonl` as far as it is written.
struct TrainingLog: Sendable, Equatable {
  /// One line: an epoch.
  struct Entry: Sendable, Equatable, Decodable {
    var epoch: Int
    var step: Int
    var loss: Double?
    var learningRate: Double?
    var dice: Double?
    var diceByLabel: [String: Double?]?
    var seconds: Double?
    var stoppedEarly: Bool?
  }

  /// The epochs in order.
  var entries: [Entry]

  /// Reads a log; a line that a run has not finished writing is passed over.
  init(text: String) {
    entries = text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Entry.self, from: Data($0.utf8))
    }
  }

  /// The epoch with the highest Dice on validation subjects.
  var best: Entry? {
    entries.filter { $0.dice != nil }.max { ($0.dice ?? 0) < ($1.dice ?? 0) }
  }

  /// Seconds of all epochs, nil where none was timed.
  var seconds: Double? {
    let seconds = entries.compactMap(\.seconds)
    return seconds.isEmpty ? nil : seconds.reduce(0, +)
  }
}
