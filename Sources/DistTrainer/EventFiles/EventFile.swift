internal import Foundation

/// A TensorBoard event file beside a fold's `log.jsonl`: the same numbers, where `tensorboard
/// --logdir RUN` finds them.
///
/// Each record is handed to the system at once, as lines of the log are. Nothing but the wall time
/// of its records and what communication cost depends on when or where it was written.
struct EventFile: ~Copyable {
  private let path: String
  private let file: OpenFile

  /// Begins a file, or goes on with one.
  ///
  /// - Parameters:
  ///   - path: the file; its folder must exist.
  ///   - step: nil begins anew. A number goes on after that step of training: the file is cut before
  ///     the first record of a later step, and before one that a killed run left unfinished.
  /// - Throws: ``FileError``.
  init(path: String, continuingAfter step: Int? = nil) throws(FileError) {
    self.path = path
    do {
      file = try Self.open(path, continuingAfter: step)
    } catch {
      throw FileError("open", path, error)
    }
  }

  private static func open(
    _ path: String, continuingAfter step: Int?
  ) throws(SystemError) -> OpenFile {
    var length = 0
    if let step, let saved = FileManager.default.contents(atPath: path) {
      length = EventRecord.length(of: [UInt8](saved), upTo: step)
    }
    let file = try OpenFile(path: path, for: .appending)
    try file.truncate(to: length)
    if length == 0 {
      let version = EventRecord(wallTime: now, step: 0, content: .version)
      try file.write(version.bytes.span, calls: .live)
    }
    return file
  }

  /// Adds the numbers of a line of the log; a line without any adds nothing.
  ///
  /// - Throws: ``FileError``.
  func append(line: String) throws(FileError) {
    guard let (step, scalars) = Self.scalars(in: line), !scalars.isEmpty else { return }
    let record = EventRecord(wallTime: Self.now, step: step, content: .scalars(scalars))
    do {
      try file.write(record.bytes.span, calls: .live)
    } catch {
      throw FileError("write", path, error)
    }
  }

  private static var now: Double { Date().timeIntervalSince1970 }

  /// Members of the log that are no results: places in training, and times, which differ each time.
  private static let passedOver: Set<String> = ["epoch", "step", "seconds", "timings"]

  /// Of the times, what tells how well ranks work together; on one rank there is none.
  private static let communication: Set<String> = ["exposed", "exposedFraction", "overlap"]

  /// The step of a line and its numbers, sorted by tag; a member of a member is tagged
  /// `outer/inner`.
  static func scalars(in line: String) -> (step: Int, scalars: [EventRecord.Scalar])? {
    guard
      let entry = try? JSONDecoder().decode([String: LogValue].self, from: Data(line.utf8)),
      case .number(let place) = entry["step"], let step = Int(exactly: place), step >= 0
    else { return nil }
    var results = entry.filter { !passedOver.contains($0.key) }
    if case .object(let times) = entry["timings"], case .number = times["overlap"] {
      results["timings"] = .object(times.filter { communication.contains($0.key) })
    }
    return (step, LogValue.object(results).scalars(tag: ""))
  }
}

/// What a member of the log's lines may be.
private enum LogValue: Decodable {
  case number(Double)
  case object([String: LogValue])
  case other

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let object = try? container.decode([String: LogValue].self) {
      self = .object(object)
    } else {
      self = .other
    }
  }

  func scalars(tag: String) -> [EventRecord.Scalar] {
    switch self {
    case .number(let number): [EventRecord.Scalar(tag: tag, value: Float(number))]
    case .object(let members):
      members.sorted { $0.key.precedes($1.key) }.flatMap { name, value in
        value.scalars(tag: tag.isEmpty ? name : "\(tag)/\(name)")
      }
    case .other: []
    }
  }
}
