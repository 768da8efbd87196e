internal import Collective
public import Evaluation
internal import Foundation

/// The traces of all ranks of a run on one clock, rank 0's.
///
/// One rank's events are in memory at a time, however many ranks there are.
public struct MergedTrace: Sendable {
  /// What is known of a rank without its events.
  struct Account: Sendable {
    var rank: RankTrace.Rank
    var eventCount: Int
    /// Beginning of the first event and end of the last, by rank 0's clock; nil where there is none.
    var span: (start: Int64, end: Int64)?
    /// Nanoseconds of the training thread.
    var spent: [TraceActivity: Int64]

    init(_ trace: RankTrace) {
      let clock = trace.rank.clock
      rank = trace.rank
      eventCount = trace.events.count
      let starts = trace.events.map { clock.aligned($0.start) }
      let ends = trace.events.map { clock.aligned($0.end) }
      if let start = starts.min(), let end = ends.max() { span = (start, end) }
      spent = [:]
      for event in trace.events where event.lane == 0 {
        spent[event.activity, default: 0] += event.end - event.start
      }
    }
  }

  /// All ranks in order.
  let accounts: [Account]
  private let load: @Sendable (Int) throws -> RankTrace
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
    let paths = files.map { folder.trace.appending(file: $0.name) }
    try self.init(count: paths.count) { index in
      let path = paths[index]
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw FileError(path: path, description: "\(path) cannot be read: check its permissions.")
      }
      return try RankTrace(text: text[...], path: path)
    }
  }

  /// Puts traces on one clock, whose zero is the first event's beginning.
  ///
  /// - Parameters:
  ///   - count: how many ranks there are.
  ///   - load: gives the trace of one of them, each time it is asked.
  /// - Throws: what `load` throws.
  init(count: Int, load: @escaping @Sendable (Int) throws -> RankTrace) throws {
    self.load = load
    accounts = try (0..<count).map { Account(try load($0)) }
    origin = accounts.compactMap { $0.span?.start }.min() ?? 0
  }

  /// Reads the trace of one rank, by its place in ``accounts``.
  func trace(_ index: Int) throws -> RankTrace { try load(index) }

  /// Beginning and end of an event in nanoseconds since the first event.
  func times(of event: TraceEvent, _ rank: RankTrace) -> (start: Int64, end: Int64) {
    let clock = rank.rank.clock
    return (clock.aligned(event.start) - origin, clock.aligned(event.end) - origin)
  }

  /// The number of events.
  public var eventCount: Int { accounts.reduce(0) { $0 + $1.eventCount } }

  /// Seconds from the first event to the end of the last.
  public var seconds: Double {
    Double(accounts.compactMap { $0.span?.end }.max().map { $0 - origin } ?? 0) * 1e-9
  }

  /// How wrong clocks can be set against each other, in seconds.
  public var uncertainty: Double {
    Double(accounts.map(\.rank.clock.uncertainty).max() ?? 0) * 1e-9
  }

  /// A line a rank: where the seconds of its training thread went.
  public var summary: String {
    let activities = Self.summed
    let head = ["rank", "host", "events", "dropped"] + activities.map(\.rawValue)
    let rows = accounts.map { rank in
      ["\(rank.rank.rank)", rank.rank.host, "\(rank.eventCount)", "\(rank.rank.dropped)"]
        + activities.map { Self.decimals(seconds($0, of: rank)) }
    }
    // Hosts stand to the left, with the ranks before them.
    return TextTable(rows: [head] + rows, namedColumns: 2).description
  }

  /// What ``summary`` says, as JSON.
  public var json: JSONValue {
    .object([
      ("ranks", .integer(accounts.count)), ("events", .integer(eventCount)),
      ("seconds", .number(seconds)), ("clockUncertaintySeconds", .number(uncertainty)),
      (
        "byRank",
        .array(
          accounts.map { rank in
            .object(
              [
                ("rank", .integer(rank.rank.rank)), ("host", .string(rank.rank.host)),
                ("events", .integer(rank.eventCount)), ("dropped", .integer(rank.rank.dropped)),
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

  private func seconds(_ activity: TraceActivity, of rank: Account) -> Double {
    Double(rank.spent[activity] ?? 0) * 1e-9
  }

  private static func decimals(_ seconds: Double) -> String {
    let thousandths = Int((seconds * 1000).rounded())
    let rest = "\(thousandths % 1000)"
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}
