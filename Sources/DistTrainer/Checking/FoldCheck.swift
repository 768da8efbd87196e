/// What is wrong with how subjects fall into folds.
enum FoldCheck {
  /// Whether subjects can fall into folds as asked, and no group is in two.
  ///
  /// - Parameters:
  ///   - dataset: the subjects that are whole.
  ///   - section: the section `data` of a configuration; nil takes a column `fold` for as many folds
  ///     as it has, and finds nothing where there is none.
  /// - Returns: the faults; none where all is well.
  static func findings(of dataset: Dataset, _ section: DataSection?) -> [Finding] {
    let given = dataset.subjects.compactMap(\.fold)
    var asked = section ?? DataSection()
    if section == nil {
      guard let last = given.max() else { return [] }
      asked.folds.count = max(2, last + 1)
    }
    do {
      _ = try Folds(of: dataset, asked)
      return []
    } catch {
      return error.findings
    }
  }

  /// What is wrong with the patch for the volumes as they are prepared.
  ///
  /// Only volumes of less than half the patch: smaller ones are filled up at their borders, which
  /// small structures often are.
  ///
  /// - Returns: a warning for each.
  static func findings(
    of reports: [SubjectReport], against experiment: ExperimentConfiguration
  ) -> [Finding] {
    let patch = experiment.training.patch
    let extents = patch.count == 2 ? [1] + patch : patch
    guard extents.count == 3 else { return [] }
    return reports.compactMap { report in
      guard let shape = report.canonicalShape, let spacing = report.canonicalSpacing,
        let prepared = experiment.preparation.extents(of: shape, spacing: spacing),
        (0..<3).contains(where: { 2 * prepared[$0] < extents[$0] })
      else { return nil }
      return Finding(
        .smallerThanPatch, report.subject,
        "\(report.image): is \(SubjectInspection.text(prepared)) voxels as it is prepared, less than "
          + "half of the patch \(SubjectInspection.text(extents)); lower training.patch, or leave "
          + "this subject out.")
    }
  }
}
