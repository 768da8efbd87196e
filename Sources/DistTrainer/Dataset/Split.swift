/// Which subjects train and which validate one fold: an element of nnU-Net's `splits_final.json`.
public struct Split: Sendable, Equatable, Codable {
  /// Subjects to train on, sorted.
  public var train: [String]
  /// Subjects to validate on, sorted.
  public var val: [String]

  /// A split; names may come in any order.
  public init(train: [String], val: [String]) {
    self.train = train.sorted { $0.precedes($1) }
    self.val = val.sorted { $0.precedes($1) }
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
