import Collective
import Compute
import Foundation
import Testing
import Volumes

@testable import DistTrainer

@Suite("The trace of a run", .serialized, .timeLimit(.minutes(3)))
struct TraceTests {
  /// An event as a reader of Chrome's format sees it.
  struct Seen {
    var name: String
    var phase: String
    var category: String?
    var rank: Int
    var thread: Int
    /// Microseconds.
    var start: Double
    var end: Double
    var id: String?
    var arguments: [String: Any]
  }

  /// Reads a file as a viewer does, by a JSON reader that is not ours.
  static func read(_ path: String) throws -> [Seen] {
    let data = try Data(contentsOf: URL(filePath: path))
    let object = try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let events = try #require(object["traceEvents"] as? [[String: Any]])
    return try events.map { event in
      let start = event["ts"] as? Double ?? 0
      return Seen(
        name: try #require(event["name"] as? String), phase: try #require(event["ph"] as? String),
        category: event["cat"] as? String, rank: try #require(event["pid"] as? Int),
        thread: try #require(event["tid"] as? Int), start: start,
        end: start + (event["dur"] as? Double ?? 0), id: event["id"] as? String,
        arguments: event["args"] as? [String: Any] ?? [:])
    }
  }

  /// Whether the events of each thread lie within one another or beside one another.
  static func expectNested(_ events: [Seen]) {
    // A nanosecond and a half, for times are written in microseconds.
    let slack = 0.0015
    for (thread, events) in Dictionary(
      grouping: events.filter { $0.phase == "X" }, by: { [$0.rank, $0.thread] })
    {
      var open: [Seen] = []
      for event in events.sorted(by: { ($0.start, -$0.end) < ($1.start, -$1.end) }) {
        while let last = open.last, last.end <= event.start + slack { open.removeLast() }
        if let last = open.last {
          #expect(event.end <= last.end + slack, "\(thread): \(event.name) in \(last.name)")
        }
        open.append(event)
      }
    }
  }

  /// Whether every bucket that leaves arrives, once.
  static func expectPaired(_ events: [Seen]) {
    let begun = events.filter { $0.phase == "b" }
    let ended = events.filter { $0.phase == "e" }
    #expect(begun.compactMap(\.id).count == Set(begun.compactMap(\.id)).count)
    #expect(begun.compactMap(\.id).sorted() == ended.compactMap(\.id).sorted())
    for event in begun {
      let end = ended.first { $0.id == event.id }
      #expect(end.map { $0.start >= event.start } == true)
    }
  }

  static func rank(
    _ rank: Int, offset: Int64, drift: Int64 = 0, _ events: [TraceEvent]
  ) -> RankTrace {
    RankTrace(
      rank: .init(
        rank: rank, host: "host\(rank)",
        clock: ClockAlignment(
          first: ClockReading(time: -offset, offset: offset, uncertainty: 10),
          last: ClockReading(time: 1_000_000 - offset, offset: offset + drift, uncertainty: 20)),
        dropped: rank), events: events)
  }

  @Test("a rank's file reads back as it was written")
  func roundTrip() throws {
    let trace = Self.rank(
      3, offset: -123_456_789_012_345,
      TraceActivity.allCases.enumerated().map { index, activity in
        TraceEvent(
          activity, operation: activity == .operation ? .allGather : nil, lane: index % 3,
          start: Int64(index) - 5, end: Int64.max - Int64(index), fold: index - 1, step: 1 << 40,
          number: index)
      })
    #expect(try RankTrace(text: trace.text[...], path: "rank_3.jsonl") == trace)
  }

  @Test(
    "a damaged file is named with its line",
    arguments: [
      ("", 1), ("{}\n", 1), ("HEAD[\"dance\",null,0,1,2,0,0,0]\n", 2), ("HEAD[\"step\",null]\n", 2),
      ("HEAD[\"step\",null,0,1,2,0,0,0]\n[\"step\",nu", 3),
    ])
  func damaged(text: String, line: Int) throws {
    let head = try #require(Self.rank(0, offset: 0, []).text.split(separator: "\n").first)
    let text = text.replacing("HEAD", with: "\(head)\n")
    let error = #expect(throws: FileError.self) {
      try RankTrace(text: text[...], path: "some/rank_0.jsonl")
    }
    #expect(error?.description.contains("some/rank_0.jsonl: line \(line) is") == true)
  }

  @Test("clocks that are hours apart, and drift, are set right: what coincided coincides")
  func offsets() throws {
    // Rank 0's clock is right. Rank 1's shows 2 h less; rank 2's an hour more, and loses 30 us in the
    // millisecond between its readings. All do the same at the same time.
    let hour: Int64 = 3_600_000_000_000
    func events(_ shift: Int64, _ drift: Int64 = 0) -> [TraceEvent] {
      [0, 500_000, 1_000_000].map { (time: Int64) -> TraceEvent in
        let lost: Int64 = drift * time / 1_000_000
        let own: Int64 = time + shift - lost
        return TraceEvent(.update, start: own, end: own + 1000, fold: 0, step: 1)
      }
    }
    func aligned(_ shift: Int64, _ drift: Int64) -> RankTrace {
      RankTrace(
        rank: .init(
          rank: 2, host: "c",
          clock: ClockAlignment(
            first: ClockReading(time: shift, offset: -shift, uncertainty: 1),
            last: ClockReading(
              time: 1_000_000 + shift - drift, offset: drift - shift, uncertainty: 1)),
          dropped: 0), events: events(shift, drift))
    }
    let traces = [
      Self.rank(0, offset: 0, events(0)), Self.rank(1, offset: 2 * hour, events(-2 * hour)),
      aligned(hour, 30_000),
    ]
    let merged = try MergedTrace(count: traces.count) { traces[$0] }
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/trace.json"
    try merged.writeChrome(to: path)
    let seen = try Self.read(path).filter { $0.phase == "X" }
    for rank in 0..<3 {
      let starts = seen.filter { $0.rank == rank }.map(\.start)
      #expect(starts.count == 3)
      for (start, expected) in zip(starts, [0.0, 500, 1000]) {
        #expect(abs(start - expected) < 0.002, "rank \(rank)")
      }
    }
    #expect(merged.eventCount == 9 && abs(merged.seconds - 0.001_001) < 1e-7)
    #expect(abs(merged.uncertainty - 20e-9) < 1e-15)
  }

  private static let training: [String] = [
    "step", "patches", "compute", "forward", "backward", "reduce", "update",
  ]

  @Test("a traced run has every rank's steps, and the same results", arguments: [1, 2, 3])
  func run(ranks: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    var phantom = Phantom()
    phantom.shape = [10, 9, 11]
    try phantom.write(to: "\(path)/data", count: 4)
    let file = "\(path)/small.yaml"
    try SmallTraining.configuration {
      $0.data.dataset = "\(path)/data"
      $0.data.folds.count = 2
      $0.training.validateEvery = 1
    }.resolvedYAML().write(toFile: file, atomically: true, encoding: .utf8)
    let run = RunFolder("\(path)/run")
    _ = try InProcessCommunicator.run(ranks: ranks) { world in
      var training = TrainingRun(configuration: file, folds: [0], output: run.path)
      training.traceSteps = 4
      _ = try training.run(world: world, observer: Silent()) { try CPUEngine(threads: $0.threads) }
    }
    let trace = try MergedTrace(run)
    #expect(trace.accounts.map(\.rank.rank) == Array(0..<ranks))
    #expect(trace.accounts.allSatisfy { $0.rank.dropped == 0 })
    let output = "\(path)/trace.json"
    try trace.writeChrome(to: output)
    let seen = try Self.read(output)
    Self.expectNested(seen)
    Self.expectPaired(seen)
    for rank in 0..<ranks {
      let own = seen.filter { $0.rank == rank && $0.phase == "X" }
      let shards = Set(
        own.filter { $0.name == "compute" }.compactMap { $0.arguments["shard"] as? Int })
      #expect(shards.count == (ranks == 3 ? [1, 1, 2][rank] : 4 / ranks), "\(shards)")
      for name in Self.training {
        let steps = Set(own.filter { $0.name == name }.compactMap { $0.arguments["step"] as? Int })
        #expect(steps == [0, 1, 2, 3], "\(name) of rank \(rank)")
      }
      // Two epochs' and the last, which measures; two of epochs, the best and the final one.
      #expect(own.count { $0.name == "validate" } == 3)
      #expect(own.contains { $0.name == "save" } == (rank == 0))
      #expect(seen.contains { $0.rank == rank && $0.phase == "b" } == (ranks > 1))
      for compute in own where compute.name == "compute" {
        let parts = own.filter {
          ["forward", "backward"].contains($0.name) && $0.start >= compute.start
            && $0.end <= compute.end + 0.0015
        }
        #expect(parts.map(\.name).sorted() == ["backward", "forward"])
      }
    }
    #expect(trace.summary.split(separator: "\n").count == ranks + 1)
    // What was traced ends as what was not.
    let plain = RunFolder("\(path)/plain")
    _ = try TrainingRun(configuration: file, folds: [0], output: plain.path).run(
      world: SerialCommunicator(), observer: Silent()
    ) { try CPUEngine(threads: $0.threads) }
    let checkpoints = try [run, plain].map {
      try Data(contentsOf: URL(filePath: $0.fold(0).checkpoint(.final)))
    }
    #expect(checkpoints[0] == checkpoints[1])
    #expect(!FileManager.default.fileExists(atPath: plain.trace))
  }

  @Test("a folder without a trace says how to have one")
  func none() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: FileError.self) { try MergedTrace(RunFolder(folder.path)) }
    #expect(error?.description.contains("train with --trace") == true)
  }
}

/// Watches nothing.
final class Silent: RunObserver {
  func foldBegan(_ fold: Int, after step: Int, of totalSteps: Int) {}
  func foldStepped(_ figures: StepFigures) {}
  func foldLogged(_ fold: Int, line: String) {}
  func foldFinished(_ fold: Int, dice: Double?, subjects: Int) {}
}
