public import Evaluation
internal import Foundation

/// Chooses for each foreground label from which probability on a voxel has it, on the validation
/// subjects of a run and nothing else.
///
/// A curve is one of all voxels of the subjects together, the label against all others. Thresholds
/// are multiples of 1 / 2^10. There is one for each fold, from its own validation subjects; one for
/// all folds together, which their ensemble takes; and, to measure honestly, a nested one for each
/// fold, chosen on the subjects of the other folds.
public struct ThresholdSearch: Sendable {
  /// What a rule chose on some subjects, or nothing, where they lack the label.
  struct Choice: Sendable {
    var chosen: ChosenThreshold?
    /// Areas under the curves of 2^16 bins.
    var areaUnderROC: Double?
    var averagePrecision: Double?
  }

  /// One fold of one label.
  struct FoldChoice: Sendable {
    var fold: Int
    var subjects: Int
    var own: Choice
    /// Chosen on the other folds; nil where there is none.
    var nested: ChosenThreshold?
  }

  /// The means over subjects at some thresholds.
  struct Measured: Sendable {
    /// `0.5`, `same subjects`, `nested`.
    var name: String
    var dice: Aggregate
    var precision: Aggregate
    var recall: Aggregate
  }

  /// All of one label.
  struct LabelChoice: Sendable {
    var label: DatasetLabel
    var ensemble: Choice
    var folds: [FoldChoice]
    var measured: [Measured]
  }

  let rule: ThresholdRule
  let labels: [LabelChoice]
  private let folder: RunFolder

  /// Chooses.
  ///
  /// - Parameters:
  ///   - path: the run's folder. Its data set must lie where its configuration says; no volume is
  ///     read.
  ///   - rule: which point of the curve is taken.
  /// - Throws: ``CrossValidationError`` for a folder that is no run, ``ThresholdError`` where no fold
  ///   has left scores, ``FileError`` for scores that are damaged.
  public init(_ path: String, rule: ThresholdRule = .precisionRecall) throws {
    folder = RunFolder(path)
    self.rule = rule
    let study = try FinishedStudy(folder)
    let folds = try study.scores(in: folder)
    guard !folds.isEmpty else {
      throw ThresholdError(
        study.configuration.evaluation.curves
          ? "The run \(path) has validated no fold yet: train one to its end first."
          : "The run \(path) was trained with evaluation.curves: false and left no scores: train "
            + "with true.")
    }
    labels = try study.dataset.labels.filter { $0.number != 0 }.enumerated().map { index, label in
      try LabelChoice(label, index: index, folds: folds, rule: rule)
    }
  }

  /// Writes ``json`` into the run's folder, `crossval/threshold.json`.
  ///
  /// - Returns: the file.
  /// - Throws: ``FileError``.
  public func write() throws -> String {
    try makeFolder(folder.crossValidation.path)
    try AtomicFile.replace(folder.crossValidation.threshold, with: json)
    return folder.crossValidation.threshold
  }
}

extension FinishedStudy {
  /// The scores of the folds that left any.
  ///
  /// - Throws: ``FileError`` for scores that are damaged or of other subjects.
  func scores(in folder: RunFolder) throws -> [FoldScores] {
    let labels = dataset.labels.filter { $0.number != 0 }
    return try folds.splits.enumerated().compactMap { fold, split in
      guard split.test.isEmpty else {
        throw CrossValidationError(
          "The run \(folder.path) keeps subjects for a test (data.folds.test), of which nothing may "
            + "be chosen: choose with a run that keeps none.")
      }
      let names = Set(split.val)
      return try FoldScores(
        of: folder, fold: fold, labels: labels,
        subjects: dataset.subjects.map(\.name).filter(names.contains))
    }
  }
}

extension ThresholdSearch.LabelChoice {
  /// Chooses for the label at `index` of each fold's scores.
  fileprivate init(
    _ label: DatasetLabel, index: Int, folds: [FoldScores], rule: ThresholdRule
  ) throws {
    self.label = label
    func choose(_ folds: [FoldScores]) throws -> ThresholdSearch.Choice {
      var fine = ScoreHistogram()
      for fold in folds { fine.merge(fold.pooled[index]) }
      let curve = ScoreCurve(fine)
      let coarse = try CoarseScores.pooled(
        folds.flatMap { $0.entries(of: label.number).map(\.scores) })
      return ThresholdSearch.Choice(
        chosen: try? ScoreCurve(coarse).threshold(rule),
        areaUnderROC: curve.areaUnderROC.number, averagePrecision: curve.averagePrecision.number)
    }
    ensemble = try choose(folds)
    self.folds = try folds.map { fold in
      ThresholdSearch.FoldChoice(
        fold: fold.fold, subjects: fold.entries(of: label.number).count, own: try choose([fold]),
        nested: try choose(folds.filter { $0.fold != fold.fold }).chosen)
    }
    let entries = folds.map { $0.entries(of: label.number) }
    let own = self.folds.map { $0.own.chosen?.threshold }
    let nested = self.folds.map { $0.nested?.threshold }
    measured = [
      .init("0.5", entries, at: folds.map { _ in 0.5 }),
      .init("each fold's own", entries, at: own),
      .init(
        "all folds together", entries, at: folds.map { [ensemble] _ in ensemble.chosen?.threshold }),
      .init("nested", entries, at: nested),
    ].compactMap(\.self)
  }
}

extension ThresholdSearch.Measured {
  /// Measures each fold's subjects at a threshold of its own; nil where a fold has none.
  fileprivate init?(_ name: String, _ entries: [[FoldScores.Entry]], at thresholds: [Double?]) {
    guard !thresholds.contains(nil) else { return nil }
    self.name = name
    let counts = zip(entries, thresholds).flatMap { entries, threshold in
      entries.map { $0.scores.counts(at: threshold ?? 0) }
    }
    func aggregate(_ metric: any OverlapMetric.Type) -> Aggregate {
      Aggregate(counts.map { metric.value(of: $0) }, worst: metric.worst)
    }
    dice = aggregate(Dice.self)
    precision = aggregate(Evaluation.Precision.self)
    recall = aggregate(Recall.self)
  }
}
