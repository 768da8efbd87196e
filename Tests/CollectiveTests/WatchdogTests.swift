import Foundation
import Synchronization
import Testing

@testable import Collective

@Suite("The watchdog")
struct WatchdogTests {
  private func witness(
    _ rank: Int, _ activity: RankState.Activity, seconds: Double, silence: Double = 0.5,
    operation: String = "allReduce", group: String = "fold 1"
  ) -> Verdict.Witness {
    Verdict.Witness(
      rank: rank, host: "node\(rank)",
      state: RankState(
        activity: activity, operation: operation, group: group, fold: 1, step: 40 + rank,
        seconds: seconds), silence: silence)
  }

  @Test("Slow is not stuck: as long as a rank gives signs of work, the others may wait")
  func slow() {
    #expect(
      Verdict.find(
        [witness(0, .waiting, seconds: 500), witness(1, .working, seconds: 3)], timeout: 10) == nil)
    #expect(
      Verdict.find(
        [witness(0, .waiting, seconds: 9), witness(1, .waiting, seconds: 9)], timeout: 10) == nil)
    // A long computation that keeps nobody waiting.
    #expect(
      Verdict.find(
        [witness(0, .working, seconds: 500), witness(1, .working, seconds: 3)], timeout: 10) == nil)
    #expect(Verdict.find([witness(0, .done, seconds: 500, silence: 500)], timeout: 10) == nil)
  }

  @Test("A silent rank is named, with its host, its place and what it last did")
  func silent() {
    let verdict = Verdict.find(
      [witness(0, .waiting, seconds: 30), witness(2, .working, seconds: 1, silence: 11)],
      timeout: 10)
    #expect(verdict?.rank == 2)
    #expect(
      verdict?.text == "rank 2 on node2 has not been heard of for 11 s (stopped, or its host cut "
        + "off); last seen at fold 1, step 42, working after allReduce of 'fold 1'")
  }

  @Test("A rank that works without a sign of it, while others wait, is named")
  func stuck() {
    let verdict = Verdict.find(
      [
        witness(0, .waiting, seconds: 30), witness(1, .working, seconds: 12),
        witness(3, .working, seconds: 31),
      ], timeout: 10)
    #expect(verdict?.rank == 3)
    #expect(
      verdict?.text.hasPrefix("rank 3 on node3 is stuck: fold 1, step 43, working after") == true)
  }

  @Test("Ranks that wait for one another are told apart")
  func deadlock() {
    let verdict = Verdict.find(
      [
        witness(0, .waiting, seconds: 30),
        witness(1, .waiting, seconds: 30, operation: "barrier", group: "world"),
      ], timeout: 10)
    #expect(verdict != nil && verdict?.rank == nil)
    #expect(
      verdict?.text.contains("rank 0 on node0 is at fold 1, step 40, waiting in allReduce") == true)
    #expect(
      verdict?.text.contains(
        "; rank 1 on node1 is at fold 1, step 41, waiting in barrier of 'world'") == true)
  }

  @Test("The recorder remembers the last 256 operations, and where the rank was")
  func recorder() {
    let recorder = FlightRecorder()
    let lane = recorder.lane(of: "world")
    let fold = lane.lane(of: "fold 2")
    #expect(recorder.records.isEmpty)
    lane.record(.broadcast, byteCount: 8) {}
    recorder.note(fold: 2, step: 7)
    for _ in 0..<299 { fold.record(.orderedAllReduce, byteCount: 4096) {} }
    let records = recorder.records
    #expect(records.map(\.number) == Array(45...300))
    #expect(records.allSatisfy { $0.operation == .orderedAllReduce && $0.group == "fold 2" })
    #expect(records.allSatisfy { $0.fold == 2 && $0.step == 7 && $0.byteCount == 4096 })
    #expect(records.allSatisfy { ($0.ended ?? -1) >= $0.began })
    #expect(recorder.state.activity == .working)
    fold.record(.barrier) {
      #expect(recorder.state.activity == .waiting)
      #expect(recorder.records.last?.ended == nil)
      #expect(recorder.state.doing == "waiting in barrier of 'fold 2'")
    }
  }

  @Test("What a rank tells of its operations as it goes is what it has done, each once")
  func news() {
    let recorder = FlightRecorder()
    let lane = recorder.lane(of: "world")
    var news = FlightNews(ranks: 64)
    var history = FlightHistory()
    #expect(news.next(of: recorder).isEmpty)
    for count in [3, 1, 0, 20, 31] {
      for _ in 0..<count { lane.record(.barrier) {} }
      let next = news.next(of: recorder)
      #expect(next.count == count)
      history.take(next)
      #expect(history.lines == recorder.lines)
    }
    // One under way is told again when it has ended, and what was told after it began.
    lane.record(.reduce) {
      lane.record(.wait) {}
      history.take(news.next(of: recorder))
      #expect(history.lines.suffix(2).map { $0.ended == nil } == [true, false])
    }
    history.take(news.next(of: recorder))
    #expect(history.lines == recorder.lines && history.lines.count == 57)
    // Who is faster than may be told of tells of the last, 32 of each of 64 ranks.
    for _ in 0..<100 { lane.record(.send) {} }
    history.take(news.next(of: recorder))
    #expect(history.lines.map(\.number) == Array(1...57) + Array(126...157))
    for _ in 0..<9 {
      for _ in 0..<32 { lane.record(.receive) {} }
      history.take(news.next(of: recorder))
    }
    #expect(history.lines == recorder.lines && history.lines.count == 256)
  }

  @Test(
    "All ranks together tell a bounded number of operations", arguments: [1, 8, 64, 1024, 9999])
  func bounded(ranks: Int) {
    let recorder = FlightRecorder()
    for _ in 0..<300 { recorder.lane(of: "world").record(.barrier) {} }
    var news = FlightNews(ranks: ranks)
    let count = news.next(of: recorder).count
    #expect(count >= 1 && count <= 256 && count * ranks <= max(ranks, 2048))
  }

  @Test("A rank that gives no sign while another waits ends the job, and all records are left")
  func endToEnd() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let verdicts = Mutex<[String]>([])
    let settings = Watchdog.Settings(timeout: 0.6, recordFolder: folder.path)
    _ = try InProcessCommunicator.run(ranks: 3) { world in
      let watch = try #require(
        try Watchdog.start(over: world, settings) { text in
          if let text { verdicts.withLock { $0.append(text) } }
        })
      #expect(watch.notice == nil)
      world.recorder.note(fold: 0, step: world.rank)
      let begin = Date()
      // Rank 1 computes and never says so.
      while world.rank == 1, verdicts.withLock({ $0.isEmpty }), Date().timeIntervalSince(begin) < 20
      {
        usleep(10_000)
      }
      try world.barrier()
      watch.watchdog.stop()
    }
    let found = verdicts.withLock { $0 }
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("rank 1 on ") == true, "\(found)")
    #expect(found.first?.contains("is stuck: fold 0, step 1, working after") == true, "\(found)")
    #expect(found.first?.hasSuffix("are in \(folder.path)") == true, "\(found)")
    for rank in 0..<3 {
      let text = try String(
        contentsOf: folder.appendingPathComponent("rank_\(rank).jsonl"), encoding: .utf8)
      #expect(text.split(separator: "\n").count >= 3)
    }
    let verdict = try String(
      contentsOf: folder.appendingPathComponent("verdict.txt"), encoding: .utf8)
    #expect(verdict.hasPrefix("rank 1 on ") && verdict.hasSuffix("\n"))
    #expect(found.first?.hasPrefix(verdict.dropLast()) == true)
  }

  @Test("Nothing is left on a host that does not have the run's folder")
  func elsewhere() throws {
    let parent = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let folder = FlightFolder(path: parent.appendingPathComponent("flight").path)
    #expect(!folder.isWithinReach)
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: parent) }
    #expect(folder.isWithinReach)
    // Of a rank of which nothing is known there is no file.
    #expect(!folder.write([], ofRank: 3))
    #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path).isEmpty)
  }
}
