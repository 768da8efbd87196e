internal import Foundation
internal import Synchronization

/// Ends a job in which a rank hangs, and names it.
///
/// A thread of each rank tells rank 0 now and then what the rank does, over a connection of its own,
/// so that it can speak while the rank hangs in a computation, a file or the MPI library. A stopped
/// process or a host that is cut off falls silent. Rank 0 finds out who keeps the others waiting,
/// writes one line, gathers every rank's last operations and ends its process, and with it the
/// job; ranks that rank 0 can no longer reach end by themselves.
public final class Watchdog: Sendable {
  /// How a watchdog behaves.
  public struct Settings: Sendable {
    /// How long a rank may be silent, or keep others waiting without a sign of work, in seconds.
    public var timeout: Double
    /// The folder for what the ranks did last, `rank_K.jsonl`; `nil` for none.
    public var recordFolder: String?

    /// Settings.
    public init(timeout: Double = 60, recordFolder: String? = nil) {
      self.timeout = timeout
      self.recordFolder = recordFolder
    }
  }

  /// The exit status of a job that a watchdog has ended.
  public static let exitStatus: Int32 = 70

  /// What travels from a rank to rank 0.
  private struct Report: Codable {
    var rank: Int
    var host: String
    var token: UInt64
    var state: RankState
    var records: [FlightRecorder.Line]?
  }

  /// What travels back.
  private struct Answer: Codable {
    /// Whether the job is about to end: send the records.
    var isEnding = false
    /// Whether rank 0 watches no more, since the job ends in good order.
    var isOver = false
  }

  private let settings: Settings
  private let recorder: FlightRecorder
  private let rank: Int
  private let isStopped = Atomic<Bool>(false)
  /// What ends the process, with the sentence to say, if there is one; replaced in tests.
  private let end: @Sendable (String?) -> Void

  private init(
    _ settings: Settings, recorder: FlightRecorder, rank: Int,
    end: @escaping @Sendable (String?) -> Void
  ) {
    self.settings = settings
    self.recorder = recorder
    self.rank = rank
    self.end = end
  }

  /// Starts to watch the ranks of a group, usually all there are.
  ///
  /// Collective.
  /// - Parameters:
  ///   - communicator: The group; one rank alone is not watched.
  ///   - settings: The same on all ranks.
  /// - Returns: The watchdog, and a sentence for the log if some ranks cannot reach rank 0 and are
  ///   not watched; `nil` for a group of one.
  /// - Throws: ``MPIError``.
  public static func start(
    over communicator: any Communicator, _ settings: Settings
  ) throws -> (watchdog: Watchdog, notice: String?)? {
    try start(over: communicator, settings) { line in
      if let line { FileHandle.standardError.write(Data("segmpi: \(line)\n".utf8)) }
      _exit(exitStatus)
    }
  }

  static func start(
    over communicator: any Communicator, _ settings: Settings,
    end: @escaping @Sendable (String?) -> Void
  ) throws -> (watchdog: Watchdog, notice: String?)? {
    guard communicator.size > 1 else { return nil }
    let watchdog = Watchdog(
      settings, recorder: communicator.recorder, rank: communicator.rank, end: end)
    let listener = communicator.rank == 0 ? LineListener() : nil
    let token = try communicator.broadcast(UInt64.random(in: 0...UInt64.max), root: 0)
    let port = try communicator.broadcast(Int(listener?.port ?? 0), root: 0)
    let addresses = try communicator.broadcast(
      HostNetwork.addresses.joined(separator: " "), root: 0)
    let monitorHost = try communicator.broadcast(HostNetwork.name, root: 0)
    var isReached = port > 0
    if communicator.rank == 0 {
      if let listener { watchdog.monitor(listener, token: token, ranks: communicator.size) }
    } else if port > 0 {
      let connection = LineConnection.connect(
        to: addresses.split(separator: " ").map(String.init), port: UInt16(port), patience: 2)
      if let connection {
        watchdog.report(over: connection, token: token, monitorHost: monitorHost)
      } else {
        isReached = false
      }
    }
    let reached = try communicator.allGather([isReached ? 1 : 0])
    let unreached = reached.indices.filter { reached[$0] == 0 }
    guard !unreached.isEmpty else { return (watchdog, nil) }
    return (
      watchdog,
      "ranks \(unreached.map(String.init).joined(separator: ", ")) cannot reach rank 0 on "
        + "\(monitorHost) over TCP (\(addresses)) and are not watched: a hang of theirs ends "
        + "nothing; open the ports between the hosts, or set a time limit of the job"
    )
  }

  /// Ends the watch; the job is about to end in good order.
  public func stop() { isStopped.store(true, ordering: .relaxed) }

  private var interval: Double { min(1, settings.timeout / 5) }

  // MARK: - Ranks other than 0

  private func report(over connection: LineConnection, token: UInt64, monitorHost: String) {
    start {
      let host = HostNetwork.name
      var lastAnswer = CoarseClock.now
      var endedAt: UInt64?
      var closedAt: UInt64?
      var nextReport = CoarseClock.now
      while true {
        let isStopped = self.isStopped.load(ordering: .relaxed)
        var state = self.recorder.state
        if isStopped { state.activity = .done }
        if isStopped || CoarseClock.now >= nextReport {
          connection.send(Report(rank: self.rank, host: host, token: token, state: state))
          nextReport = CoarseClock.now + UInt64(self.interval * 1e9)
        }
        if isStopped { return }
        for answer in connection.receive(Answer.self) {
          if answer.isOver { return }
          lastAnswer = CoarseClock.now
          guard answer.isEnding, endedAt == nil else { continue }
          endedAt = lastAnswer
          connection.send(
            Report(
              rank: self.rank, host: host, token: token, state: state,
              records: self.recorder.lines))
        }
        // Rank 0 has ended: by its verdict, or by an error that the launcher knows of already. The
        // launcher ends this process in its time, which ends itself meanwhile.
        if connection.isClosed { closedAt = closedAt ?? CoarseClock.now }
        if let since = closedAt ?? endedAt, Self.seconds(since: since) > (closedAt == nil ? 2 : 0.5)
        {
          self.end(nil)
          return
        }
        let silence = Self.seconds(since: lastAnswer)
        // The lowest rank speaks first, and its end may spare the others the same words.
        if silence > self.settings.timeout + min(1, 0.1 * Double(self.rank - 1)) {
          self.end(
            "rank 0 on \(monitorHost) has not answered rank \(self.rank) on \(host) for "
              + "\(Int(silence)) s (stopped, or cut off): the job ends")
          return
        }
        usleep(UInt32(min(0.1, self.interval) * 1e6))
      }
    }
  }

  // MARK: - Rank 0

  /// What rank 0 knows of a rank.
  private struct Known {
    var host = "an unknown host"
    var state: RankState
    var heard: UInt64
    var isWatched = false
    var records: [FlightRecorder.Line]?
    var connection: LineConnection?
  }

  private func monitor(_ listener: LineListener, token: UInt64, ranks: Int) {
    start {
      let begin = CoarseClock.now
      var known = (0..<ranks).map { _ in Known(state: self.recorder.state, heard: begin) }
      known[0].host = HostNetwork.name
      known[0].isWatched = true
      var strangers: [LineConnection] = []
      var verdict: (found: Verdict, at: UInt64)?
      while !self.isStopped.load(ordering: .relaxed) {
        while let connection = listener.accept() { strangers.append(connection) }
        strangers.removeAll { stranger in
          let reports = stranger.receive(Report.self)
          guard let first = reports.first else { return stranger.isClosed }
          guard first.token == token, known.indices.contains(first.rank) else { return true }
          known[first.rank].connection = stranger
          known[first.rank].isWatched = true
          for report in reports { Self.take(report, into: &known[first.rank]) }
          return true
        }
        for rank in known.indices {
          guard let connection = known[rank].connection else { continue }
          let reports = connection.receive(Report.self)
          for report in reports { Self.take(report, into: &known[rank]) }
          if !reports.isEmpty { connection.send(Answer(isEnding: verdict != nil)) }
          connection.flush()
        }
        known[0].state = self.recorder.state
        known[0].heard = CoarseClock.now
        if let verdict {
          // Who is silent will not answer now: the others need not wait for that.
          let isComplete = known.allSatisfy {
            $0.connection == nil || $0.records != nil
              || Self.seconds(since: $0.heard) > self.settings.timeout
          }
          if isComplete || Self.seconds(since: verdict.at) > 1 {
            self.conclude(verdict.found, known)
            return
          }
        } else {
          let witnesses = known.indices.filter { known[$0].isWatched }.map {
            Verdict.Witness(
              rank: $0, host: known[$0].host, state: known[$0].state,
              silence: Self.seconds(since: known[$0].heard))
          }
          if let found = Verdict.find(witnesses, timeout: self.settings.timeout) {
            verdict = (found, CoarseClock.now)
            for one in known { one.connection?.send(Answer(isEnding: true)) }
          }
        }
        usleep(UInt32(min(0.1, self.interval / 2) * 1e6))
      }
      for one in known { one.connection?.send(Answer(isOver: true)) }
    }
  }

  private static func take(_ report: Report, into known: inout Known) {
    known.host = report.host
    known.state = report.state
    known.heard = CoarseClock.now
    if let records = report.records { known.records = records }
  }

  /// Writes what is known and ends the process.
  private func conclude(_ verdict: Verdict, _ known: [Known]) {
    var text = verdict.text
    if let folder = settings.recordFolder {
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for rank in known.indices {
        let lines = rank == 0 ? recorder.lines : known[rank].records ?? []
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var data = Data()
        for line in lines { data += ((try? encoder.encode(line)) ?? Data()) + [0x0A] }
        try? data.write(to: URL(fileURLWithPath: "\(folder)/rank_\(rank).jsonl"))
      }
      text += "; the last operations of each rank are in \(folder)"
    }
    end(text)
  }

  private static func seconds(since time: UInt64) -> Double {
    Double(CoarseClock.now - min(time, CoarseClock.now)) * 1e-9
  }

  private func start(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.stackSize = 1 << 20
    thread.name = "watchdog"
    thread.start()
  }
}
