internal import Evaluation
internal import Foundation
internal import Volumes

/// Writes what all groups report into the run's folder; lives on rank 0, the only writer.
///
/// Checkpoints are made and written by a thread of their own, in the order in which they come.
final class RecordWriter {
  private let study: Study
  private let folder: RunFolder
  private let observer: any RunObserver
  private let work = BackgroundWork(name: "segmpi.checkpoints")
  private var logs: [Int: LogFile] = [:]
  private var scores: [Int: FoldScores] = [:]
  private let progress: ProgressFile
  /// The metrics of the folds that are complete.
  private(set) var tables: [Int: MetricsTable] = [:]

  /// A writer for `study`.
  init(_ study: Study, folder: RunFolder, observer: any RunObserver) {
    self.study = study
    self.folder = folder
    self.observer = observer
    progress = ProgressFile(folder)
  }

  deinit { work.close() }

  /// Writes a report.
  func record(_ record: RunRecord) throws {
    let fold = record.fold
    switch record.kind {
    case .latestCheckpoint: try save(record, .latest)
    case .bestCheckpoint: try save(record, .best)
    case .finalCheckpoint: try save(record, .final)
    case .began:
      logs[fold] = try LogFile(folder.fold(fold), continuingAfter: record.index)
      let steps = study.experiment.configuration.training.totalSteps
      progress.begin(fold: fold, after: record.index, of: steps)
      observer.foldBegan(fold, after: record.index, of: steps)
    case .logLine:
      let line = String(decoding: record.payload, as: UTF8.self)
      try logs[fold]?.append(line)
      observer.foldLogged(fold, line: line)
    case .step:
      let figures = StepFigures(record, study.experiment.configuration.training)
      progress.note(figures)
      observer.foldStepped(figures)
    case .prediction: try savePrediction(record)
    case .scores: try addScores(record)
    case .measurements:
      try scores.removeValue(forKey: fold)?.write(to: folder.fold(fold).validation)
      try saveMetrics(record)
    case .stopped, .asksForRanks, .finished: break
    }
  }

  /// Turns a state into a file, in its turn.
  func save(_ snapshot: CheckpointSnapshot, as kind: FoldFolder.Checkpoint) throws {
    let folder = folder.fold(snapshot.fold)
    try work.submit { try folder.write(snapshot.bytes(), as: kind) }
  }

  /// Says that the run is alive, and throws what went wrong with a checkpoint meanwhile.
  func poll() throws {
    progress.beat()
    try work.check()
  }

  /// Returns when every checkpoint lies on the disk.
  func flush() throws { try work.finish() }

  private func save(_ record: RunRecord, _ kind: FoldFolder.Checkpoint) throws {
    let folder = folder.fold(record.fold)
    try work.submit { try folder.write(record.payload, as: kind) }
  }

  private func savePrediction(_ record: RunRecord) throws {
    let subject = study.dataset.subjects[record.index]
    let prepared = study.subjects(of: record.fold)[record.index]
    let numbers = study.experiment.labels.map(\.number)
    let labels = LabelVolume(
      voxels: record.payload.map { numbers[Int($0)] }, geometry: prepared.grid.original,
      source: prepared.grid.source)
    try VolumeFiles.write(
      labels, to: folder.fold(record.fold).validation.prediction(subject.name))
  }

  private func addScores(_ record: RunRecord) throws {
    let labels = study.experiment.labels.filter { $0.number != 0 }
    scores[record.fold, default: FoldScores(fold: record.fold, labels: labels)].add(
      try [ScoreHistogram](numbers: integers(in: record.payload)),
      of: study.dataset.subjects[record.index].name)
  }

  private func saveMetrics(_ record: RunRecord) throws {
    let subjects = study.measuredPlaces(record.fold).map { study.dataset.subjects[$0] }
    let table = study.experiment.metrics(
      integers(in: record.payload), study.experiment.measurement, of: subjects, fold: record.fold,
      in: folder)
    try folder.fold(record.fold).validation.write(table)
    tables[record.fold] = table
    progress.finish(fold: record.fold)
    observer.foldFinished(
      record.fold, dice: table.foregroundMean(Dice.self), subjects: subjects.count)
  }
}

extension ResultFolder {
  /// Writes a table of metrics as `metrics.csv` and `summary.json`.
  func write(_ table: MetricsTable) throws {
    try AtomicFile.replace(metrics, with: table.csv)
    try AtomicFile.replace(summary, with: table.summary.indented)
  }
}

extension FoldFolder {
  /// Writes a checkpoint; the latest before it stays as the previous one.
  fileprivate func write(_ bytes: [UInt8], as kind: Checkpoint) throws {
    try AtomicFile.replace(
      checkpoint(kind), keepingOldAs: kind == .latest ? checkpoint(.previous) : nil
    ) { try $0.write(bytes.span) }
  }
}

/// A fold's open log and event file: a class, for what is not copyable stands in no dictionary.
private final class LogFile {
  private let log: RunLog
  private let events: EventFile

  init(_ folder: FoldFolder, continuingAfter step: Int) throws {
    let step = step == 0 ? nil : step
    log = try RunLog(path: folder.log, continuingAfter: step)
    events = try EventFile(path: folder.events, continuingAfter: step)
  }

  func append(_ line: String) throws {
    try log.append(line: line)
    try events.append(line: line)
  }
}
