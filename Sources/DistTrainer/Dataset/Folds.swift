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

  /// Divides a data set as the section `data` of a configuration says: into folds, or by a file of
  /// splits, with the training subjects cut down to `data.subset`.
  ///
  /// - Parameters:
  ///   - dataset: the subjects with their attributes.
  ///   - data: the section.
  /// - Throws: ``FoldsError``, as ``init(of:_:)`` of folds and ``init(contentsOf:dataset:)`` do; also
  ///   for a file that has a group on both sides of a split, and a subset of more groups than a
  ///   fold trains on.
  public init(of dataset: Dataset, _ data: DataSection) throws(FoldsError) {
    var columns = FoldColumns(dataset: dataset, section: data.folds)
    if let file = data.folds.file {
      try self.init(contentsOf: file, dataset: dataset)
      try requireWholeGroups(columns.groups(), in: file)
      notices = columns.notices
    } else {
      try self.init(of: dataset, data.folds)
    }
    if let subset = data.subset {
      try limit(to: subset, of: columns.groups(), seed: data.folds.seed)
    }
  }

  /// Refuses a group that trains and is measured, or validates, in one split.
  private func requireWholeGroups(
    _ groups: [SubjectGroup], in file: String
  ) throws(FoldsError) {
    var faults: [Finding] = []
    for (fold, split) in splits.enumerated() {
      let parts = [split.train, split.val, split.test].map { Set($0) }
      for group in groups where parts.count(where: { !$0.isDisjoint(with: group.subjects) }) > 1 {
        faults.append(
          Finding(
            .groupAcrossFolds, group.subjects.first,
            "Fold \(fold) of \(file) splits the group \(group.name) "
              + "(\(group.subjects.joined(separator: ", "))): put it into one part."))
      }
    }
    guard faults.isEmpty else { throw FoldsError(faults) }
  }

  /// Divides a data set into folds, so that every subject is of exactly one of them.
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
    let names = dataset.subjects.map(\.name)
    var splits: [Split] = []
    for fold in 0..<section.count {
      let own = names.filter { assignment[$0] == fold }
      switch section.test {
      case .none:
        splits.append(Split(train: names.filter { assignment[$0] != fold }, val: own))
      case .next:
        guard section.count >= 3 else {
          throw FoldsError([
            "data.folds.test is next, which needs data.folds.count of at least 3, not 2."
          ])
        }
        let next = (fold + 1) % section.count
        splits.append(
          Split(
            train: names.filter { assignment[$0] != fold && assignment[$0] != next },
            val: names.filter { assignment[$0] == next }, test: own))
      case .half:
        let members = groups.filter { assignment[$0.subjects[0]] == fold }
        guard members.count >= 2 else {
          throw FoldsError([
            "Fold \(fold) has a single group, of which data.folds.test cannot take half: lower "
              + "data.folds.count."
          ])
        }
        let halves = Self.dealt(members, count: 2, seed: section.seed)
        splits.append(
          Split(
            train: names.filter { assignment[$0] != fold },
            val: own.filter { halves[$0] == 1 }, test: own.filter { halves[$0] == 0 }))
      }
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
