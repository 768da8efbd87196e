/// Reads groups and strata from the columns that the configuration names, or that are there.
struct FoldColumns {
  let dataset: Dataset
  private(set) var faults: [Finding] = []
  private(set) var notices: [String] = []
  /// The column of groups; nil where every subject is one.
  private(set) var groupColumn: String?
  /// The column of strata; nil where all subjects are alike.
  private(set) var stratumColumn: String?

  init(dataset: Dataset, section: FoldsSection) {
    self.dataset = dataset
    let present = dataset.columns ?? []
    stratumColumn = named(section.stratify, key: "stratify", without: "all subjects are alike")
    if section.stratify == nil, present.contains("stratum") { stratumColumn = "stratum" }
    groupColumn = named(section.group, key: "group", without: "every subject is a group")
    if section.group == nil {
      // Splitting a patient over folds is the fault that is hardest to see later, so a column
      // that looks like one is used unasked.
      groupColumn = ["patient", "group"].first { $0 != stratumColumn && present.contains($0) }
    }
  }

  /// The column of that name. A table that lacks it is a fault; where there is no table at all, the
  /// subjects are taken as they are, with a notice.
  private mutating func named(_ name: String?, key: String, without: String) -> String? {
    guard let name else { return nil }
    guard let columns = dataset.columns else {
      notices.append(
        "data.folds.\(key) names the column \(name), but \(dataset.name) comes without a table "
          + "(manifest.csv or groups.csv): \(without).")
      return nil
    }
    guard columns.contains(name) else {
      let remedy = NearestKey.remedy(for: name, among: columns, plural: "the columns")
      faults.append(
        Finding(
          .folds, nil,
          "data.folds.\(key) names the column \(name), which the table of \(dataset.name) lacks: "
            + remedy))
      return nil
    }
    return name
  }

  /// The groups, sorted by name.
  mutating func groups() -> [SubjectGroup] {
    var groups: [String: SubjectGroup] = [:]
    var strata: [String: Set<String>] = [:]
    for subject in dataset.subjects {
      let stratum = value(of: stratumColumn, subject) ?? ""
      let name = value(of: groupColumn, subject) ?? subject.name
      groups[name, default: SubjectGroup(name: name, stratum: "", subjects: [])]
        .subjects.append(subject.name)
      strata[name, default: []].insert(stratum)
    }
    return groups.values.map { group in
      var group = group
      group.stratum = (strata[group.name] ?? []).sorted { $0.precedes($1) }.joined(separator: "+")
      return group
    }.sorted { $0.name.precedes($1.name) }
  }

  private mutating func value(of column: String?, _ subject: Subject) -> String? {
    guard let column else { return nil }
    if let value = subject.attributes[column] { return value }
    faults.append(
      Finding(
        .brokenRow, subject.name,
        "The subject \(subject.name) has no \(column) in the table: fill the column."))
    return nil
  }
}
