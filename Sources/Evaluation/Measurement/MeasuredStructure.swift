/// What is measured: the voxels of one label, or of a named group of labels taken together ("whole"
/// = 1, 2, 4), as nnU-Net's regions.
public struct MeasuredStructure: Sendable, Hashable {
  /// The labels that make it, ascending; one for a label, at least one for a group.
  public let labels: [UInt8]
  /// The label's or the group's name.
  public let name: String
  /// Whether it is a group, be it of a single label.
  public let isGroup: Bool

  /// One label.
  public init(label: UInt8, name: String) {
    labels = [label]
    self.name = name
    isGroup = false
  }

  /// The union of labels.
  ///
  /// - Throws: ``EvaluationError`` for a group without labels or without a name.
  public init(group name: String, labels: [UInt8]) throws(EvaluationError) {
    guard !labels.isEmpty, !name.isEmpty else { throw .badGroup(name: name) }
    self.labels = Set(labels).sorted()
    self.name = name
    isGroup = true
  }

  private init(_ name: String, _ labels: [UInt8], isGroup: Bool) {
    self.labels = labels
    self.name = name
    self.isGroup = isGroup
  }

  /// The same with other numbers for its labels.
  public func relabeled(_ number: (UInt8) -> UInt8) -> MeasuredStructure {
    MeasuredStructure(name, Set(labels.map(number)).sorted(), isGroup: isGroup)
  }

  /// What stands in a table's column `label`: `2`, and for a group `1+2`.
  public var labelText: String { labels.map { "\($0)" }.joined(separator: "+") }

  /// nnU-Net's key in `summary.json`: `2`, and for a region its tuple, `(1, 2)`.
  public var key: String {
    guard isGroup else { return labelText }
    let list = labels.map { "\($0)" }.joined(separator: ", ")
    return labels.count == 1 ? "(\(list),)" : "(\(list))"
  }

  /// For each label whether it belongs to the structure.
  var members: [Bool] {
    var members = [Bool](repeating: false, count: 256)
    for label in labels { members[Int(label)] = true }
    return members
  }
}
