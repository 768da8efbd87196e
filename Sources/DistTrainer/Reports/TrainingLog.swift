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
    var timings: Timings?
  }

  /// Where the time of an epoch's steps went.
  struct Timings: Sendable, Equatable, Decodable {
    /// Milliseconds a step in which a rank waited for gradients of its peers.
    var exposed: Double?
    /// Its part of a step.
    var exposedFraction: Double?
    /// The share of the exchange of gradients that went on while ranks computed.
    var overlap: Double?
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

  /// The mean over the epochs in which ranks exchanged gradients; nil where there are none.
  func meanTiming(_ value: KeyPath<Timings, Double?>) -> Double? {
    let values = entries.compactMap(\.timings).filter { $0.overlap != nil }
      .compactMap { $0[keyPath: value] }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Seconds of all epochs, nil where none was timed.
  var seconds: Double? {
    let seconds = entries.compactMap(\.seconds)
    return seconds.isEmpty ? nil : seconds.reduce(0, +)
  }
}
