import Foundation
import Testing

@testable import Collective

@Suite("The trace of a rank")
struct TraceLogTests {
  @Test("A log that is off records nothing, and says so before the clock is read")
  func off() {
    let log = TraceLog()
    #expect(!log.isOn && log.begin(.step) == nil)
    log.note(fold: 0, step: 0)
    log.add(.update, from: 1, to: 2)
    _ = log.measure(.compute) {}
    #expect(log.stop().events.isEmpty)
  }

  @Test("Events know their place in training, their thread, and how long they took")
  func events() throws {
    let log = TraceLog()
    log.start(steps: 2)
    log.note(fold: 3, step: 7)
    let start = log.begin(.step)
    let took = log.measure(.compute, number: 5) { Thread.sleep(forTimeInterval: 0.01) }
    let thread = Thread { log.add(.load, from: ContinuousClock.now, to: ContinuousClock.now) }
    thread.start()
    while !thread.isFinished { Thread.sleep(forTimeInterval: 0.001) }
    log.end(.step, since: start)
    let events = log.stop().events
    #expect(events.map(\.activity) == [.compute, .load, .step])
    #expect(events.map(\.lane) == [0, 1, 0])
    #expect(events.allSatisfy { $0.fold == 3 && $0.step == 7 })
    #expect(events[0].number == 5)
    #expect(Duration.nanoseconds(events[0].end - events[0].start) == took)
    #expect(events[2].start <= events[0].start && events[0].end <= events[2].end)
    #expect(!log.isOn)
  }

  @Test("After its last step a log keeps only what is rare", arguments: [1, 3])
  func limit(steps: Int) {
    let log = TraceLog()
    log.start(steps: steps)
    for step in 0..<5 {
      log.note(fold: 0, step: step)
      let start = log.begin(.step)
      log.end(.step, since: start)
      let saving = log.begin(.save)
      log.end(.save, since: saving, number: step)
    }
    let events = log.stop().events
    #expect(events.count { $0.activity == .step } == steps)
    #expect(events.filter { $0.activity == .save }.map(\.number) == Array(0..<5))
  }

  @Test("What finds no room is counted")
  func bounded() {
    let log = TraceLog()
    log.start(steps: 1, capacity: 10)
    for _ in 0..<25 { log.add(.update, from: 0, to: 1) }
    let (events, dropped) = log.stop()
    #expect(events.count == 10 && dropped == 15)
  }

  @Test("Operations among ranks and buckets under way are recorded", arguments: [1, 2, 3])
  func operations(ranks: Int) throws {
    let events = try InProcessCommunicator.run(ranks: ranks) { world in
      world.recorder.trace.start(steps: 1)
      world.recorder.note(fold: 0, step: 0)
      var reducer = try OrderedReducer(
        communicator: world, shardCount: 4, elementCount: 100,
        route: .messages(bucketLength: 30))
      for shard in reducer.ownShards {
        try reducer.add(shard: shard, [Float](repeating: 1, count: 100).span)
      }
      var sum = [Float](repeating: 0, count: 100)
      var target = sum.mutableSpan
      try reducer.finish(into: &target)
      #expect(sum == [Float](repeating: 4, count: 100))
      return world.recorder.trace.stop().events
    }
    for events in events {
      #expect(events.contains { $0.operation == .orderedAllReduce } == (ranks > 1))
      let buckets = events.filter { $0.activity == .exchange }
      #expect(buckets.map(\.number).sorted() == (ranks == 1 ? [] : [0, 1, 2, 3]))
      #expect(events.allSatisfy { $0.start <= $0.end })
    }
  }

  @Test(
    "Clocks that are wrong by hours and drift are aligned to within a round trip",
    arguments: [(0, 0.0), (7_200_000_000_000, 0), (-3_600_000_000_000, 2e-4), (5_000_000, -1e-3)])
  func clocks(offset: Int, rate: Double) throws {
    struct Seen: Sendable {
      var alignment: ClockAlignment
      var marks: [(own: Int64, exact: ContinuousClock.Instant)]
      var origin: (own: Int64, exact: ContinuousClock.Instant)
    }
    let seen = try InProcessCommunicator.run(ranks: 3) { world -> Seen in
      let isWrong = world.rank == 1
      let log = TraceLog(clockError: isWrong ? (Int64(offset), rate) : (0, 0))
      let origin = (own: log.now, exact: ContinuousClock.now)
      let first = try world.compareClocks { log.now }
      var marks: [(own: Int64, exact: ContinuousClock.Instant)] = []
      for _ in 0..<5 {
        Thread.sleep(forTimeInterval: 0.04)
        marks.append((log.now, .now))
      }
      let last = try world.compareClocks { log.now }
      return Seen(
        alignment: ClockAlignment(first: first, last: last), marks: marks, origin: origin)
    }
    #expect(seen[0].alignment.first.offset == 0 && seen[0].alignment.last.offset == 0)
    for rank in 1..<3 {
      for mark in seen[rank].marks {
        let exact =
          seen[0].origin.own
          + Int64(seen[0].origin.exact.duration(to: mark.exact) / .nanoseconds(1))
        let error = abs(seen[rank].alignment.aligned(mark.own) - exact)
        // Twice, for the reading of the two clocks of a mark takes time, too.
        #expect(error <= 2 * seen[rank].alignment.uncertainty + 2_000_000, "rank \(rank)")
      }
    }
    #expect(abs(seen[1].alignment.first.offset + Int64(offset)) < 500_000_000)
  }

  @Test("Between its readings an alignment is a straight line: worked by hand")
  func line() {
    let alignment = ClockAlignment(
      first: ClockReading(time: 1_000, offset: 500, uncertainty: 3),
      last: ClockReading(time: 2_000, offset: 600, uncertainty: 7))
    #expect(
      [1_000, 1_500, 2_000, 3_000, 0].map(alignment.aligned) == [1_500, 2_050, 2_600, 3_700, 400])
    #expect(alignment.uncertainty == 7)
    let once = ClockAlignment(first: alignment.first, last: alignment.first)
    #expect(once.aligned(40) == 540)
  }
}
