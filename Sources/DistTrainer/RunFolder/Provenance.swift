internal import Evaluation
internal import Foundation

/// What made a run: enough to tell why two results differ, and to make one again.
///
/// Nothing in it enters a checkpoint or a metric, so it may differ where those are equal byte for
/// byte.
public struct Provenance: Sendable, Equatable, Codable {
  /// When this part of the run began, in ISO 8601.
  public var started: String
  /// The command line.
  public var command: [String]
  /// The versions of the program and its libraries by name: `segmpi`, `engine`, and `MPI` under mpirun.
  public var versions: [String: String]
  /// The host of each rank.
  public var hosts: [String]
  /// Threads a rank.
  public var threads: Int
  /// The instruction set that oneDNN used.
  public var instructionSet: String
  /// The arithmetic that `precision: auto` came out as.
  public var precision: String
  /// The seeds by purpose, as decimal texts (they have 64 bits, more than JSON's readers keep).
  public var seeds: [String: String]
  /// SHA-256 by what it is the digest of: `config.resolved.yaml`, `splits_final.json`, and `data`, a list
  /// of what the data set says of its subjects and of the length and checksum of each of their files.
  /// `program` has what tells one build of the program from another instead: `checksum64:` and a
  /// checksum of its bytes, or `stamp:` and its file's length and time where it is a debug build.
  public var hashes: [String: String]
  /// The step that this part of the run continued after; `nil` for the first part.
  public var continuedAfterStep: Int?

  /// What made a run, begun now.
  public init(
    command: [String], versions: [String: String], hosts: [String], threads: Int,
    instructionSet: String, precision: String, seeds: [String: UInt64], hashes: [String: String],
    continuedAfterStep: Int? = nil
  ) {
    started = Date().ISO8601Format()
    self.command = command
    self.versions = versions
    self.hosts = hosts
    self.threads = threads
    self.instructionSet = instructionSet
    self.precision = precision
    self.seeds = seeds.mapValues { "\($0)" }
    self.hashes = hashes
    self.continuedAfterStep = continuedAfterStep
  }

  /// How many ranks took part.
  public var ranks: Int { hosts.count }

  /// Writes `provenance.json`: a list of this part of the run after those that it continues.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - continuing: whether to keep the parts that the file has; otherwise it is written anew.
  /// - Throws: ``FileError``, also for a file to be continued that is no provenance.
  public func write(to path: String, continuing: Bool) throws(FileError) {
    var parts: [Provenance] = []
    if continuing { parts = try Self.read(path) }
    let list = JSONValue.array((parts + [self]).map(\.json))
    try AtomicFile.replace(path, with: list.indented)
  }

  /// Reads a `provenance.json`, the parts of the run in order; none where there is no file.
  ///
  /// - Throws: ``FileError`` for a file that is no provenance.
  public static func read(_ path: String) throws(FileError) -> [Provenance] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    do {
      return try JSONDecoder().decode([Provenance].self, from: data)
    } catch {
      throw FileError(
        path: path,
        description: "\(path) is not the provenance of a run: restore it, or remove it to go on "
          + "without it.")
    }
  }

  private var json: JSONValue {
    func table(_ table: [String: String]) -> JSONValue {
      .object(table.sorted { $0.key.precedes($1.key) }.map { ($0.key, .string($0.value)) })
    }
    return .object([
      ("started", .string(started)),
      ("command", .array(command.map { .string($0) })),
      ("versions", table(versions)),
      ("ranks", .integer(ranks)),
      ("hosts", .array(hosts.map { .string($0) })),
      ("threads", .integer(threads)),
      ("instructionSet", .string(instructionSet)),
      ("precision", .string(precision)),
      ("seeds", table(seeds)),
      ("hashes", table(hashes)),
      ("continuedAfterStep", continuedAfterStep.map { .integer($0) } ?? .null),
    ])
  }
}
