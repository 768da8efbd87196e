public import Evaluation
public import Foundation

extension RunStatus {
  /// A few lines on the run and a line a fold.
  ///
  /// - Parameter now: the time that ages are counted from.
  /// - Returns: lines, without a line break at the end.
  public func text(now: Date = Date()) -> String {
    func age(_ date: Date) -> String {
      LiveTable.duration(max(0, now.timeIntervalSince(date))) + " ago"
    }
    let head =
      ["fold", "state", "epoch", "step", "epoch loss", "Dice", "best"]
      + ["samples/s", "exposed", "overlap", "time left", "last save"]
    let rows = folds.map { fold -> [String] in
      let progress = fold.progress
      let state = progress.state.rawValue + (fold.since.map { " \(age($0))" } ?? "")
      let saved = fold.saved.map { saved in
        (saved.step.map { "step \($0), " } ?? "") + age(saved.date)
      }
      return [
        "\(progress.fold)", state, progress.epoch.map { "\($0)/\(epochs)" } ?? "-",
        progress.step.flatMap { step in progress.totalSteps.map { "\(step)/\($0)" } } ?? "-",
        TextTable.score(progress.loss), TextTable.score(progress.dice),
        TextTable.score(fold.bestDice), progress.samplesPerSecond.map(LiveTable.rate) ?? "-",
        progress.exposedFraction.flatMap { $0 > 0 ? LiveTable.percent($0) : nil } ?? "-",
        fold.overlap.map(LiveTable.percent) ?? "-",
        progress.secondsLeft.map(LiveTable.duration) ?? "-", saved ?? "-",
      ]
    }
    var lines = ["\(folder.path): \(name), \(state)"]
    if let ranks {
      lines.append(
        "\(ranks) \(ranks == 1 ? "rank" : "ranks") on \(hosts.joined(separator: ", "))"
          + (started.map { ", begun \($0)" } ?? ""))
    }
    if let flightRecords {
      lines.append(
        "a watchdog ended the last job \(age(flightRecords.date))"
          + (flightRecords.verdict.map { ": \($0)" } ?? ""))
      lines.append(
        "what \(count(flightRecords.ranks, "rank")) did last is in \(folder.flight)")
    }
    return (lines + [TextTable(rows: [head] + rows, namedColumns: 2).description])
      .joined(separator: "\n")
  }

  /// What goes on, in a few words.
  private var state: String {
    if let writer { return "running (process \(writer.process) on \(writer.host))" }
    return isFinished ? "finished" : "not running; go on with: \(continuation)"
  }

  /// The same as JSON; times in ISO 8601.
  public var json: JSONValue {
    func time(_ date: Date?) -> JSONValue { date.map { .string($0.ISO8601Format()) } ?? .null }
    func integer(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
    return .object([
      ("run", .string(folder.path)), ("name", .string(name)), ("running", .bool(writer != nil)),
      ("finished", .bool(isFinished)),
      (
        "writer",
        writer.map {
          .object([("process", .integer($0.process)), ("host", .string($0.host))])
        } ?? .null
      ),
      ("ranks", integer(ranks)), ("hosts", .array(hosts.map { .string($0) })),
      ("started", started.map { .string($0) } ?? .null), ("epochs", .integer(epochs)),
      ("flightRecords", integer(flightRecords?.ranks)),
      ("verdict", flightRecords?.verdict.map { .string($0) } ?? .null),
      ("continuation", .string(continuation)),
      (
        "folds",
        .array(
          folds.map { fold in
            let progress = fold.progress
            return .object([
              ("fold", .integer(progress.fold)), ("state", .string(progress.state.rawValue)),
              ("since", time(fold.since)), ("epoch", integer(progress.epoch)),
              ("step", integer(progress.step)), ("totalSteps", integer(progress.totalSteps)),
              ("loss", .number(progress.loss)), ("dice", .number(progress.dice)),
              ("bestDice", .number(fold.bestDice)),
              ("samplesPerSecond", .number(progress.samplesPerSecond)),
              ("exposedFraction", .number(progress.exposedFraction)),
              ("overlap", .number(fold.overlap)), ("secondsLeft", .number(progress.secondsLeft)),
              ("savedAt", time(fold.saved?.date)), ("savedStep", integer(fold.saved?.step)),
            ])
          })
      ),
    ])
  }
}
