internal import Evaluation

/// Who falls into which fold, as `segmpi split` shows it.
public struct SplitTable: Sendable, CustomStringConvertible {
  /// One fold.
  public struct Row: Sendable, Equatable {
    /// The fold, from 0.
    public var fold: Int
    /// Subjects it trains on.
    public var training: Int
    /// Subjects it validates.
    public var validation: Int
    /// Subjects it is measured on alone; nil where those that validate are measured.
    public var test: Int?
    /// Groups (patients) it is measured on; nil where there is no column of groups.
    public var groups: Int?
    /// Subjects it is measured on by stratum, in the order of ``SplitTable/strata``.
    public var strata: [Int]
  }

  /// The folds in order.
  public let rows: [Row]
  /// The strata, sorted by name; empty where there is no column of strata.
  public let strata: [String]

  /// Counts the subjects of folds.
  ///
  /// - Parameters:
  ///   - folds: the folds of `dataset`.
  ///   - dataset: the subjects with their attributes.
  ///   - section: which columns hold strata and groups.
  public init(_ folds: Folds, of dataset: Dataset, _ section: FoldsSection) {
    let columns = FoldColumns(dataset: dataset, section: section)
    func values(_ column: String?) -> [String: String] {
      guard let column else { return [:] }
      return Dictionary(
        dataset.subjects.compactMap { subject in
          subject.attributes[column].map { (subject.name, $0) }
        }, uniquingKeysWith: { first, _ in first })
    }
    let stratum = values(columns.stratumColumn)
    let group = values(columns.groupColumn)
    let strata = Set(stratum.values).sorted { $0.precedes($1) }
    self.strata = strata
    rows = folds.splits.enumerated().map { fold, split in
      Row(
        fold: fold, training: split.train.count, validation: split.val.count,
        test: split.test.isEmpty ? nil : split.test.count,
        groups: columns.groupColumn == nil
          ? nil : Set(split.measured.compactMap { group[$0] }).count,
        strata: strata.map { name in split.measured.count { stratum[$0] == name } })
    }
  }

  /// One line a fold: subjects that train, validate and test, and of those that are measured the
  /// groups and the subjects by stratum.
  public var description: String {
    let hasGroups = rows.contains { $0.groups != nil }
    let hasTest = rows.contains { $0.test != nil }
    let heading =
      ["fold", "train", "validate"] + (hasTest ? ["test"] : []) + (hasGroups ? ["groups"] : [])
      + strata
    let cells = rows.map { row in
      let measured = (hasTest ? [row.test ?? 0] : []) + (row.groups.map { [$0] } ?? [])
      return ([row.fold, row.training, row.validation] + measured + row.strata).map { "\($0)" }
    }
    return TextTable(rows: [heading] + cells).description
  }

  /// The table as JSON: `folds` with `fold`, `train`, `validate`, `test`, `groups`,
  /// `strata`.
  public var json: String {
    JSONValue.object([
      (
        "folds",
        .array(
          rows.map { row in
            .object([
              ("fold", .integer(row.fold)), ("train", .integer(row.training)),
              ("validate", .integer(row.validation)),
              ("test", row.test.map { .integer($0) } ?? .null),
              ("groups", row.groups.map { .integer($0) } ?? .null),
              (
                "strata",
                .object(zip(strata, row.strata).map { ($0, .integer($1)) })
              ),
            ])
          })
      )
    ]).indented
  }
}
