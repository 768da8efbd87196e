/// The splits of a cross-validation.
public struct Folds: Sendable, Equatable {
  /// One split a fold.
  public var splits: [Split]
  /// What was noticed and may be meant so, for the program to say.
  public var notices: [String]

  /// Folds given as they are.
  public init(splits: [Split], notices: [String] = []) {
    self.splits = splits
    self.notices = notices
  }

  /// Divides a data set into folds, so that every subject validates exactly one of them.
  ///
  /// A column `fold` of the data set's table is respected. Otherwise groups (patients) are dealt:
  /// a group is never split, every stratum's groups and all groups together are spread so that two
  /// folds differ by at most one group, and where groups differ in size the larger go to the
  /// folds with fewer subjects. The result depends on the seed and on the subjects' names, groups
  /// and strata, not on the order of files.
  ///
  /// A stratum of a group is the stratum of its subjects; a group with subjects of several strata
  /// counts as a stratum of its own kind (`a+b`).
  ///
  /// - Parameters:
  ///   - dataset: the subjects with their attributes.
  ///   - section: how many folds, the seed, and which columns hold strata and groups.
  /// - Throws: ``FoldsError`` for a column that the table lacks or leaves empty, for fewer groups
  ///   than folds, and for a `fold` column that is incomplete, has other than `count` folds or
  ///   splits a group.
  public init(of dataset: Dataset, _ section: FoldsSection) throws(FoldsError) {
    guard section.count >= 2 else {
      throw FoldsError(["data.folds.count must be at least 2, not \(section.count)."])
    }
    var columns = FoldColumns(dataset: dataset, section: section)
    let groups = columns.groups()
    var faults = columns.faults
    let assignment: [String: Int]
    if dataset.subjects.contains(where: { $0.fold != nil }) {
      assignment = Self.given(dataset, groups: groups, count: section.count, faults: &faults)
      guard faults.isEmpty else { throw FoldsError(faults) }
    } else {
      guard faults.isEmpty else { throw FoldsError(faults) }
      guard groups.count >= section.count else {
        throw FoldsError([
          "There are \(groups.count) groups for \(section.count) folds: "
            + "lower data.folds.count, or name another column in data.folds.group."
        ])
      }
      assignment = Self.dealt(groups, count: section.count, seed: section.seed)
    }
    let splits = (0..<section.count).map { fold in
      Split(
        train: dataset.subjects.map(\.name).filter { assignment[$0] != fold },
        val: dataset.subjects.map(\.name).filter { assignment[$0] == fold })
    }
    self.init(splits: splits, notices: columns.notices)
  }

  /// The fold of each subject by the table's column.
  private static func given(
    _ dataset: Dataset, groups: [SubjectGroup], count: Int, faults: inout [Finding]
  ) -> [String: Int] {
    var assignment: [String: Int] = [:]
    for subject in dataset.subjects {
      if let fold = subject.fold {
        assignment[subject.name] = fold
      } else {
        faults.append(
          Finding(
            .brokenRow, subject.name,
            "The subject \(subject.name) has no fold: fill the column or remove it."))
      }
    }
    let found = Set(assignment.values).sorted()
    if faults.isEmpty, found != Array(0..<count) {
      faults.append(
        Finding(
          .folds, nil,
          "The column fold has the folds \(found.map { "\($0)" }.joined(separator: ", ")) where "
            + "data.folds.count asks for 0 to \(count - 1): make the two agree."))
    }
    for group in groups where Set(group.subjects.compactMap { assignment[$0] }).count > 1 {
      faults.append(
        Finding(
          .groupAcrossFolds, group.subjects.first,
          "The column fold splits the group \(group.name) "
            + "(\(group.subjects.joined(separator: ", "))): put it into one fold."))
    }
    return assignment
  }
}

/// Subjects that stay together.
struct SubjectGroup: Equatable {
  var name: String
  var stratum: String
  /// Sorted names.
  var subjects: [String]
}
