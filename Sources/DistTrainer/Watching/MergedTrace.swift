internal import Collective
public import Evaluation
internal import Foundation

/// The traces of all ranks of a run on one clock, rank 0's.
public struct MergedTrace: Sendable {
  let ranks: [RankTrace]
  private let origin: Int64

  /// Reads the traces in a run's folder.
  ///
  /// - Throws: ``FileError`` where there are none, or a damaged one.
  public init(_ folder: RunFolder) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.trace)) ?? []
    let files = names.compactMap { name in
      name.wholeMatch(of: /rank_(\d+)\.jsonl/).flatMap { Int($0.1) }.map { (rank: $0, name: name) }
    }.sorted { $0.rank < $1.rank }
    guard !files.isEmpty else {
      throw FileError(
        path: folder.trace,
        description: "There is no trace in \(folder.path): train with --trace STEPS first.")
    }
    self.init(
      try files.map { file in
        let path = folder.trace.appending(file: file.name)
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
          throw FileError(path: path, description: "\(path) cannot be read: check its permissions.")
        }
        return try RankTrace(text: text[...], path: path)
      })
  }

  /// Puts traces on one clock, whose zero is the first event's beginning.
  init(_ ranks: [RankTrace]) {
    self.ranks = ranks
    origin =
      ranks.flatMap { rank in rank.events.map { rank.rank.clock.aligned($0.start) } }.min() ?? 0
  }

  /// Beginning and end of an event in nanoseconds since the first event.
  func times(of event: TraceEvent, _ rank: RankTrace) -> (start: Int64, end: Int64) {
    let clock = rank.rank.clock
    return (clock.aligned(event.start) - origin, clock.aligned(event.end) - origin)
  }

  /// The number of events.
  public var eventCount: Int { ranks.reduce(0) { $0 + $1.events.count } }

  /// Seconds from the first event to the end of the last.
  public var seconds: Double {
    let ends = ranks.flatMap { rank in rank.events.map { times(of: $0, rank).end } }
    return Double(ends.max() ?? 0) * 1e-9
  }

  /// How wrong clocks can be set against each other, in seconds.
  public var uncertainty: Double {
    Double(ranks.map(\.rank.clock.uncertainty).max() ?? 0) * 1e-9
  }

  /// A line a rank: where the seconds of its training thread went.
  public var summary: String {
    let activities = Self.summed
    let head = ["rank", "host", "events", "dropped"] + activities.map(\.rawValue)
    let rows = ranks.map { rank in
      ["\(rank.rank.rank)", rank.rank.host, "\(rank.events.count)", "\(rank.rank.dropped)"]
        + activities.map { Self.decimals(seconds($0, of: rank)) }
    }
    // Hosts stand to the left, with the ranks before them.
    return TextTable(rows: [head] + rows, namedColumns: 2).description
  }

  /// What ``summary`` says, as JSON.
  public var json: JSONValue {
    .object([
      ("ranks", .integer(ranks.count)), ("events", .integer(eventCount)),
      ("seconds", .number(seconds)), ("clockUncertaintySeconds", .number(uncertainty)),
      (
        "byRank",
        .array(
          ranks.map { rank in
            .object(
              [
                ("rank", .integer(rank.rank.rank)), ("host", .string(rank.rank.host)),
                ("events", .integer(rank.events.count)), ("dropped", .integer(rank.rank.dropped)),
                (
                  "clockOffsetSeconds", .number(Double(rank.rank.clock.first.offset) * 1e-9)
                ),
              ]
                + Self.summed.map {
                  ("\($0.rawValue)Seconds", .number(seconds($0, of: rank)))
                })
          })
      ),
    ])
  }

  // What follows one another within a step, and what lies between steps.
  private static let summed: [TraceActivity] = [
    .patches, .compute, .reduce, .update, .validate, .save,
  ]

  private func seconds(_ activity: TraceActivity, of rank: RankTrace) -> Double {
    let nanoseconds = rank.events.filter { $0.activity == activity && $0.lane == 0 }
      .reduce(0) { $0 + $1.end - $1.start }
    return Double(nanoseconds) * 1e-9
  }

  private static func decimals(_ seconds: Double) -> String {
    let thousandths = Int((seconds * 1000).rounded())
    let rest = "\(thousandths % 1000)"
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}
