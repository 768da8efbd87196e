internal import Collective
internal import Evaluation
internal import Foundation

/// What one rank did, as its file in the run's folder has it: `trace/rank_K.jsonl`, a line on the
/// rank, then a line an event.
struct RankTrace: Sendable, Equatable {
  /// The first line.
  struct Rank: Sendable, Equatable, Codable {
    var rank: Int
    var host: String
    /// How the rank's clock is turned into rank 0's.
    var clock: ClockAlignment
    /// How many events found no room.
    var dropped: Int
  }

  var rank: Rank
  /// In the order of their ends, on the rank's own clock.
  var events: [TraceEvent]

  /// The file's text.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let head = (try? encoder.encode(rank)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return ([head] + events.map(\.line)).map { $0 + "\n" }.joined()
  }

  /// Reads a file's text.
  ///
  /// - Throws: ``FileError`` that names the line.
  init(text: Substring, path: String) throws {
    func damaged(_ line: Int) -> FileError {
      FileError(
        path: path,
        description: "\(path): line \(line) is no line of a trace; remove the trace folder and "
          + "train with --trace again.")
    }
    let decoder = JSONDecoder()
    let lines = text.utf8.split(separator: 0x0A)
    guard let head = lines.first, let rank = try? decoder.decode(Rank.self, from: Data(head)) else {
      throw damaged(1)
    }
    self.rank = rank
    events = try lines.dropFirst().enumerated().map { index, line in
      guard let event = try? decoder.decode(TraceEvent.Line.self, from: Data(line)).event else {
        throw damaged(index + 2)
      }
      return event
    }
  }

  init(rank: Rank, events: [TraceEvent]) {
    self.rank = rank
    self.events = events
  }
}

extension TraceEvent {
  /// `[activity, operation, lane, start, end, fold, step, number]`, times in nanoseconds.
  fileprivate var line: String {
    JSONValue.array([
      .string(activity.rawValue), operation.map { .string("\($0)") } ?? .null, .integer(lane),
      .integer(Int(start)), .integer(Int(end)), .integer(fold), .integer(step), .integer(number),
    ]).compact
  }

  fileprivate struct Line: Decodable {
    let event: TraceEvent

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      let name = try values.decode(String.self)
      guard let activity = TraceActivity(rawValue: name) else {
        throw DecodingError.dataCorruptedError(in: values, debugDescription: "no activity")
      }
      var operation: FlightRecorder.Operation?
      if try !values.decodeNil() {
        let name = try values.decode(String.self)
        operation = FlightRecorder.Operation.allCases.first { "\($0)" == name }
      }
      let lane = try values.decode(Int.self)
      let (start, end) = (try values.decode(Int64.self), try values.decode(Int64.self))
      event = TraceEvent(
        activity, operation: operation, lane: lane, start: start, end: end,
        fold: try values.decode(Int.self), step: try values.decode(Int.self),
        number: try values.decode(Int.self))
    }
  }
}
