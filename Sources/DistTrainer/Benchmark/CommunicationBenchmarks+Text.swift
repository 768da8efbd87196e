internal import Collective
public import Evaluation

extension AlphaBetaModel {
  /// The parameters as JSON.
  public var json: JSONValue {
    .object([
      ("latencySeconds", .number(latency)), ("secondsPerByte", .number(secondsPerByte)),
      ("bytesPerSecond", .number(bandwidth)), ("relativeResidual", .number(residual)),
    ])
  }

  /// The parameters in a few words.
  public var text: String {
    "\(Figure3.text(latency * 1e6)) us"
      + (secondsPerByte > 0 ? " + bytes / \(Figure3.text(bandwidth / 1e6)) MB/s" : "")
      + (residual.map { ", residual \(LiveTable.percent($0))" } ?? "")
  }
}

extension AllReduceBenchmark {
  /// A table of all lengths, and the models.
  public var text: String {
    let head = ["bytes", "ordered us", "MPI us", "ratio", "ordered MB/s", "MPI MB/s"]
    let lines = rows.map { row in
      [
        "\(row.bytes)", Figure3.text(row.ordered * 1e6), Figure3.text(row.library * 1e6),
        TextTable.score(row.ratio), Figure3.text(row.busBandwidth / 1e6),
        Figure3.text(row.libraryBusBandwidth / 1e6),
      ]
    }
    var text = TextTable(rows: [head] + lines).description
    if let route { text += "\n\(route)" }
    if let orderedModel { text += "\nordered: \(orderedModel.text)" }
    if let libraryModel { text += "\nMPI_Allreduce: \(libraryModel.text)" }
    return text
  }

  /// All figures as JSON.
  public var json: JSONValue {
    .object([
      ("ranks", .integer(ranks)), ("route", route.map { $0.route.json } ?? .null),
      (
        "rows",
        .array(
          rows.map { row in
            .object([
              ("bytes", .integer(row.bytes)), ("orderedSeconds", .number(row.ordered)),
              ("librarySeconds", .number(row.library)), ("ratio", .number(row.ratio)),
              ("orderedBusBytesPerSecond", .number(row.busBandwidth)),
              ("libraryBusBytesPerSecond", .number(row.libraryBusBandwidth)),
            ])
          })
      ), ("orderedModel", orderedModel?.json ?? .null),
      ("libraryModel", libraryModel?.json ?? .null),
    ])
  }
}

extension OverlapBenchmark {
  /// The figures in a few lines.
  public var text: String {
    func milliseconds(_ seconds: Double) -> String { "\(Figure3.text(seconds * 1e3)) ms" }
    return """
      \(ranks) ranks, \(settings.bytes) bytes, \(route.text)
      computation alone    \(milliseconds(compute))
      exchange alone       \(milliseconds(exchange))
      both together        \(milliseconds(together))
      overlap              \(LiveTable.percent(overlap))
      exposed              \(LiveTable.percent(exposedFraction)) of both
      """
  }

  /// All figures as JSON.
  public var json: JSONValue {
    .object([
      ("ranks", .integer(ranks)), ("bytes", .integer(settings.bytes)),
      ("repetitions", .integer(settings.repetitions)), ("slices", .integer(settings.slices)),
      ("route", route.json), ("computeSeconds", .number(compute)),
      ("exchangeSeconds", .number(exchange)), ("togetherSeconds", .number(together)),
      ("overlap", .number(overlap)), ("exposedFraction", .number(exposedFraction)),
    ])
  }
}

extension ScalingModel {
  /// The table up to a number of ranks, with all that it rests on.
  public func text(upTo limit: Int) -> String {
    let head = ["ranks", "hosts", "communication ms", "exposed ms", "step ms", "efficiency"]
    let lines = rows(upTo: limit).map { row in
      ["\(row.ranks)", "\(row.hosts)"]
        + [row.communication, row.exposed, row.step].map { Figure3.text($0 * 1e3) }
        + [LiveTable.percent(row.efficiency)]
    }
    return """
      a gradient of \(Int(gradientBytes)) bytes in buckets of \(Int(bucketBytes)), \
      \(Figure3.text(compute * 1e3)) ms of computation, \(Figure3.text(overlappable * 1e3)) ms of \
      which gradients overlap with
      between hosts: \(wire.text); within a host of \(ranksPerHost): \(local.text); \
      \(Figure3.text(messageGap * 1e6)) us a message
      \(TextTable(rows: [head] + lines))
      Assumptions:
      \(Self.assumptions.map { "* \($0)" }.joined(separator: "\n"))
      """
  }

  /// The same as JSON.
  public func json(upTo limit: Int) -> JSONValue {
    .object([
      ("gradientBytes", .number(gradientBytes)), ("bucketBytes", .number(bucketBytes)),
      ("computeSeconds", .number(compute)), ("overlappableSeconds", .number(overlappable)),
      ("ranksPerHost", .integer(ranksPerHost)), ("betweenHosts", wire.json),
      ("withinHost", local.json), ("messageGapSeconds", .number(messageGap)),
      (
        "rows",
        .array(
          rows(upTo: limit).map { row in
            .object([
              ("ranks", .integer(row.ranks)), ("hosts", .integer(row.hosts)),
              ("communicationSeconds", .number(row.communication)),
              ("exposedSeconds", .number(row.exposed)), ("stepSeconds", .number(row.step)),
              ("efficiency", .number(row.efficiency)),
            ])
          })
      ), ("assumptions", .array(Self.assumptions.map { .string($0) })),
    ])
  }
}

extension ReductionRoute {
  /// The route as JSON.
  var json: JSONValue {
    let kind =
      switch self {
      case .messages: "messages"
      case .sharedMemory: "sharedMemory"
      }
    return .object([("kind", .string(kind)), ("bucketBytes", .integer(4 * bucketLength))])
  }

  /// The route in a few words.
  var text: String {
    switch self {
    case .messages(let length): "messages in buckets of \(length * 4 / 1024) KiB"
    case .sharedMemory(let length): "shared memory in buckets of \(length * 4 / 1024) KiB"
    }
  }
}
