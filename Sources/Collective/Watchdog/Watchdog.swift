internal import Foundation
internal import Synchronization

/// Ends a job in which a rank hangs, and names it.
///
/// A thread of each rank tells rank 0 now and then what the rank does, over a connection of its own,
/// so that it can speak while the rank hangs in a computation, a file or the MPI library. A stopped
/// process or a host that is cut off falls silent. Rank 0 finds out who keeps the others waiting,
/// writes one line, gathers every rank's last operations and ends its process, and with it the
/// job; ranks that rank 0 can no longer reach end by themselves, and name it.
///
/// Who has fallen silent tells nothing any more, so ranks tell their operations as they go: rank 0 has
/// those of all, and all have those of rank 0.
public final class Watchdog: Sendable {
  /// How a watchdog behaves.
  public struct Settings: Sendable {
    /// How long a rank may be silent, or keep others waiting without a sign of work, in seconds.
    public var timeout: Double
    /// The folder for what the ranks did last, `rank_K.jsonl`, and for who was guilty, `verdict.txt`;
    /// `nil` for none. The folder around it is made by whoever runs the job: ranks on hosts without it
    /// write nothing.
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
    /// The operations that were not told yet.
    var news: [FlightRecorder.Line]
    /// Whether that is all the rank has to tell before the end.
    var isLast = false
  }

  /// What travels back.
  private struct Answer: Codable {
    /// What rank 0 does.
    var state: RankState
    /// The operations of rank 0 that were not told yet.
    var news: [FlightRecorder.Line] = []
    /// Whether the job is about to end: send the records.
    var isEnding = false
    /// Whether rank 0 watches no more, since the job ends in good order.
    var isOver = false
  }

  private let settings: Settings
  private let recorder: FlightRecorder
  private let rank: Int
  private let size: Int
  private let isStopped = Atomic<Bool>(false)
  /// What ends the process, with the sentence to say, if there is one; replaced in tests.
  private let end: @Sendable (String?) -> Void

  private init(
    _ settings: Settings, over communicator: any Communicator,
    end: @escaping @Sendable (String?) -> Void
  ) {
    self.settings = settings
    recorder = communicator.recorder
    rank = communicator.rank
    size = communicator.size
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
    let watchdog = Watchdog(settings, over: communicator, end: end)
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

  private var folder: FlightFolder? { settings.recordFolder.map(FlightFolder.init) }

  // MARK: - Ranks other than 0

  private func report(over connection: LineConnection, token: UInt64, monitorHost: String) {
    start {
      let host = HostNetwork.name
      var news = FlightNews(ranks: self.size)
      var first = Silent(host: monitorHost)
      var endedAt: UInt64?
      var closedAt: UInt64?
      var nextReport = CoarseClock.now
      while true {
        let isStopped = self.isStopped.load(ordering: .relaxed)
        var state = self.recorder.state
        if isStopped { state.activity = .done }
        if isStopped || CoarseClock.now >= nextReport {
          connection.send(
            Report(
              rank: self.rank, host: host, token: token, state: state,
              news: news.next(of: self.recorder)))
          nextReport = CoarseClock.now + UInt64(self.interval * 1e9)
        }
        if isStopped { return }
        for answer in connection.receive(Answer.self) {
          if answer.isOver { return }
          first.heard = CoarseClock.now
          first.state = answer.state
          first.history.take(answer.news)
          guard answer.isEnding, endedAt == nil else { continue }
          endedAt = first.heard
          connection.send(
            Report(
              rank: self.rank, host: host, token: token, state: state,
              news: self.recorder.lines, isLast: true))
        }
        // Rank 0 has ended: by its verdict, or by an error that the launcher knows of already. The
        // launcher ends this process in its time, which ends itself meanwhile.
        if connection.isClosed { closedAt = closedAt ?? CoarseClock.now }
        if let since = closedAt ?? endedAt, Self.seconds(since: since) > (closedAt == nil ? 2 : 0.5)
        {
          self.end(nil)
          return
        }
        if Self.seconds(since: first.heard) > self.settings.timeout {
          self.giveUp(on: first, host: host)
          return
        }
        usleep(UInt32(min(0.1, self.interval) * 1e6))
      }
    }
  }

  /// What a rank knows of rank 0.
  private struct Silent {
    var host: String
    var heard = CoarseClock.now
    var state: RankState?
    var history = FlightHistory()
  }

  /// Leaves what is known and ends the process, since rank 0 has fallen silent.
  private func giveUp(on first: Silent, host: String) {
    let folder = folder.flatMap { $0.isWithinReach ? $0 : nil }
    let isLeft = folder?.write(recorder.lines, ofRank: rank) ?? false
    // The lowest rank speaks first, and its end may spare the others the same words.
    usleep(UInt32(min(1, 0.1 * Double(rank - 1)) * 1e6))
    let silence = Int(Self.seconds(since: first.heard).rounded())
    var text =
      "rank 0 on \(first.host) has not answered rank \(rank) on \(host) for \(silence) s (stopped, or "
      + "its host cut off)"
    if let state = first.state { text += "; last seen at \(state.place), \(state.doing)" }
    folder?.write(first.history.lines, ofRank: 0)
    folder?.write(verdict: text)
    end(text + (isLeft ? Self.whereabouts(folder?.path) : ""))
  }

  private static func whereabouts(_ folder: String?) -> String {
    folder.map { "; the last operations of each rank are in \($0)" } ?? ""
  }

  // MARK: - Rank 0

  /// What rank 0 knows of a rank.
  private struct Known {
    var host = "an unknown host"
    var state: RankState
    var heard: UInt64
    var isWatched = false
    var history = FlightHistory()
    /// Whether it has told all before the end.
    var isComplete = false
    var connection: LineConnection?
    /// What it was told of rank 0.
    var news: FlightNews
  }

  private func monitor(_ listener: LineListener, token: UInt64, ranks: Int) {
    start {
      let begin = CoarseClock.now
      let news = FlightNews(ranks: ranks)
      var known = (0..<ranks).map { _ in
        Known(state: self.recorder.state, heard: begin, news: news)
      }
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
          if !reports.isEmpty {
            connection.send(
              Answer(
                state: self.recorder.state, news: known[rank].news.next(of: self.recorder),
                isEnding: verdict != nil))
          }
          connection.flush()
        }
        let state = self.recorder.state
        known[0].state = state
        known[0].heard = CoarseClock.now
        if let verdict {
          // Who is silent will not answer now: the others need not wait for that.
          let isComplete = known.allSatisfy {
            $0.connection == nil || $0.isComplete
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
            for one in known { one.connection?.send(Answer(state: state, isEnding: true)) }
          }
        }
        usleep(UInt32(min(0.1, self.interval / 2) * 1e6))
      }
      for one in known {
        one.connection?.send(Answer(state: self.recorder.state, isOver: true))
      }
    }
  }

  private static func take(_ report: Report, into known: inout Known) {
    known.host = report.host
    known.state = report.state
    known.heard = CoarseClock.now
    known.history.take(report.news)
    if report.isLast { known.isComplete = true }
  }

  /// Writes what is known and ends the process.
  private func conclude(_ verdict: Verdict, _ known: [Known]) {
    for rank in known.indices {
      folder?.write(rank == 0 ? recorder.lines : known[rank].history.lines, ofRank: rank)
    }
    folder?.write(verdict: verdict.text)
    end(verdict.text + Self.whereabouts(folder?.path))
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
