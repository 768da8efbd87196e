internal import Collective
internal import Evaluation

extension MergedTrace {
  /// Writes the trace for `chrome://tracing` and Perfetto.
  ///
  /// The form is Chrome's Trace Event Format as an object: a process a rank, a thread a thread;
  /// complete events (`X`), and buckets on their way as asynchronous events (`b`, `e`), for they
  /// overlap everything. Times are microseconds since the first event, on rank 0's clock.
  ///
  /// - Parameter path: the file, written as one.
  /// - Throws: ``FileError``.
  public func writeChrome(to path: String) throws {
    try AtomicFile.replace(path) { file in
      try file.write(Array("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n".utf8).span)
      for index in accounts.indices {
        let rank = try trace(index)
        try file.write(Array(Self.text(Self.names(of: rank), isFirst: index == 0).utf8).span)
        // In pieces, so that the text of a long trace is not in memory all at once.
        for start in stride(from: 0, to: rank.events.count, by: 4096) {
          let piece = rank.events[start..<min(start + 4096, rank.events.count)]
          let events = piece.indices.flatMap { chrome(rank.events[$0], rank, number: $0) }
          try file.write(Array(Self.text(events, isFirst: false).utf8).span)
        }
      }
      try file.write(Array("\n]}\n".utf8).span)
    }
  }

  /// Events as members of the list, a line each.
  private static func text(_ events: [JSONValue], isFirst: Bool) -> String {
    (isFirst ? "" : ",\n") + events.map(\.compact).joined(separator: ",\n")
  }

  private static func names(of rank: RankTrace) -> [JSONValue] {
    func metadata(_ name: String, thread: Int, _ value: JSONValue) -> JSONValue {
      .object([
        ("name", .string(name)), ("ph", .string("M")), ("pid", .integer(rank.rank.rank)),
        ("tid", .integer(thread)),
        ("args", .object([(name.hasSuffix("sort_index") ? "sort_index" : "name", value)])),
      ])
    }
    var first: [Int: TraceEvent] = [:]
    for event in rank.events where first[event.lane] == nil { first[event.lane] = event }
    return [
      metadata(
        "process_name", thread: 0, .string("rank \(rank.rank.rank) on \(rank.rank.host)")),
      metadata("process_sort_index", thread: 0, .integer(rank.rank.rank)),
    ]
      + first.keys.sorted().map { lane in
        let isPatches = [.load, .augment].contains(first[lane]?.activity)
        let name = lane == 0 ? "training" : isPatches ? "patches \(lane)" : "thread \(lane)"
        return metadata("thread_name", thread: lane, .string(name))
      }
  }

  /// An event in Chrome's form; `number` is its place in its rank's trace, to tell pairs apart.
  private func chrome(_ event: TraceEvent, _ rank: RankTrace, number: Int) -> [JSONValue] {
    let (start, end) = times(of: event, rank)
    func time(_ nanoseconds: Int64) -> JSONValue { .number(Double(nanoseconds) / 1000) }
    let isExchange = event.activity == .exchange
    let name =
      event.operation.map { "\($0)" }
      ?? (isExchange ? "bucket \(event.number)" : event.activity.rawValue)
    let place: [(String, JSONValue)] = [
      ("pid", .integer(rank.rank.rank)), ("tid", .integer(event.lane)),
    ]
    var arguments: [(String, JSONValue)] = []
    if event.step >= 0 {
      arguments = [("fold", .integer(event.fold)), ("step", .integer(event.step))]
    }
    switch event.activity {
    case .operation: arguments.append(("bytes", .integer(event.number)))
    case .patches, .load, .augment, .compute, .forward, .backward:
      arguments.append(("shard", .integer(event.number)))
    case .exchange: arguments.append(("bucket", .integer(event.number)))
    case .step, .reduce, .update, .validate, .save: break
    }
    let category: (String, JSONValue) = ("cat", .string(event.activity.rawValue))
    let head: [(String, JSONValue)] = [("name", .string(name)), category]
    guard isExchange else {
      return [
        .object(
          head + [("ph", .string("X")), ("ts", time(start)), ("dur", time(end - start))] + place
            + [("args", .object(arguments))])
      ]
    }
    let id: (String, JSONValue) = ("id", .string("\(rank.rank.rank).\(number)"))
    return [
      .object(
        head + [("ph", .string("b")), id, ("ts", time(start))] + place
          + [("args", .object(arguments))]),
      .object(head + [("ph", .string("e")), id, ("ts", time(end))] + place),
    ]
  }
}
