public import Evaluation
internal import Foundation

/// A log of JSON lines: each event is one line, handed to the system at once, so that a reader
/// following the file sees whole lines and a killed run loses none.
public struct RunLog: ~Copyable {
  private let path: String
  private let file: OpenFile

  /// Begins a log, or goes on with one.
  ///
  /// - Parameters:
  ///   - path: the file; its folder must exist.
  ///   - step: `nil` begins anew. A number goes on after that step of training: the log is cut before
  ///     the first line of a later step (its `step` member) and before a line that a killed run left
  ///     unfinished, so that the log of a run that was continued equals that of one that was not.
  /// - Throws: ``FileError``.
  public init(path: String, continuingAfter step: Int? = nil) throws(FileError) {
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
    let length = if let step { length(of: path, upTo: step) } else { 0 }
    let file = try OpenFile(path: path, for: .appending)
    try file.truncate(to: length)
    return file
  }

  /// Adds an event.
  ///
  /// - Throws: ``FileError``.
  public func append(_ event: JSONValue) throws(FileError) { try append(line: event.compact) }

  /// Adds an event that is written as JSON already, in one line.
  ///
  /// - Throws: ``FileError``.
  public func append(line: String) throws(FileError) {
    do {
      try file.write(Array((line + "\n").utf8).span, calls: .live)
    } catch {
      throw FileError("write", path, error)
    }
  }

  /// The member of an event that places it in training.
  private struct Place: Decodable {
    var step: Int?
  }

  /// How many bytes of the log to keep.
  private static func length(of path: String, upTo step: Int) -> Int {
    guard let data = FileManager.default.contents(atPath: path) else { return 0 }
    var kept = 0
    var rest = data[...]
    while let end = rest.firstIndex(of: 0x0A) {
      let line = rest[rest.startIndex..<end]
      guard let place = try? JSONDecoder().decode(Place.self, from: Data(line)),
        place.step ?? step <= step
      else { break }
      kept = end + 1 - data.startIndex
      rest = rest[(end + 1)...]
    }
    return kept
  }
}
