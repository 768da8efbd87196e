/// Which subjects train and which validate one fold: an element of nnU-Net's `splits_final.json`.
public struct Split: Sendable, Equatable, Codable {
  /// Subjects to train on, sorted.
  public var train: [String]
  /// Subjects to validate on, sorted.
  public var val: [String]
  /// Subjects to measure on in the end and not before, sorted; where there are none, those that
  /// validate are measured.
  public var test: [String]

  /// A split; names may come in any order.
  public init(train: [String], val: [String], test: [String] = []) {
    self.train = train.sorted { $0.precedes($1) }
    self.val = val.sorted { $0.precedes($1) }
    self.test = test.sorted { $0.precedes($1) }
  }

  /// The subjects whose metrics are the fold's result.
  public var measured: [String] { test.isEmpty ? val : test }

  private enum CodingKeys: String, CodingKey { case train, val, test }

  /// Reads a split, in which `test` may be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      train: try container.decode([String].self, forKey: .train),
      val: try container.decode([String].self, forKey: .val),
      test: try container.decodeIfPresent([String].self, forKey: .test) ?? [])
  }

  /// Writes a split, without `test` where there is none, as nnU-Net writes it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(train, forKey: .train)
    try container.encode(val, forKey: .val)
    if !test.isEmpty { try container.encode(test, forKey: .test) }
  }
}

/// What can be wrong with folds.
public struct FoldsError: Error, Equatable, CustomStringConvertible {
  /// The faults, each with the subject that it is about.
  public let findings: [Finding]

  /// The faults, one sentence each, with the remedy.
  public var faults: [String] { findings.map(\.sentence) }

  init(_ faults: [String]) { findings = faults.map { Finding(.folds, nil, $0) } }

  init(_ findings: [Finding]) { self.findings = findings }

  /// One sentence a fault.
  public var description: String { faults.joined(separator: "\n") }
}
