internal import Evaluation
internal import Foundation

/// What a run folder holds, finished or not, as far as reports need it.
struct ReportedRun: Sendable {
  /// How far a fold has come.
  enum FoldState: String, Sendable {
    /// Trained, predicted and measured.
    case finished
    /// Trained in part, or not yet measured.
    case inProgress = "in progress"
    /// Not begun.
    case missing
  }

  /// One fold.
  struct Fold: Sendable {
    var number: Int
    var state: FoldState
    var log: TrainingLog
    /// The metrics of its validation subjects; nil until it is finished.
    var table: MeasuredTable?
  }

  let folder: RunFolder
  /// What the report calls the run: its folder's name, or its path where two are called alike.
  var name: String
  let configuration: ExperimentConfiguration
  /// The configuration's text.
  let yaml: String
  let provenance: [Provenance]
  let splits: [Split]
  let folds: [Fold]
  /// The metrics of all folds that are finished, in case order.
  let table: MeasuredTable

  /// Reads a run's folder.
  ///
  /// - Throws: a ``FileError`` or ``ConfigurationError`` in one sentence for a folder that is no run
  ///   or holds a damaged table.
  init(_ path: String) throws {
    folder = RunFolder(path)
    guard let yaml = try? String(contentsOfFile: folder.configuration, encoding: .utf8) else {
      throw FileError(
        path: path,
        description: "\(path) is no run folder (it lacks config.resolved.yaml): name a folder that "
          + "train has written.")
    }
    self.yaml = yaml
    configuration = try ExperimentConfiguration.load(yaml: yaml, name: folder.configuration)
    provenance = try Provenance.read(folder.provenance)
    splits = try Self.splits(folder.splits)
    let folder = folder
    folds = try splits.indices.map { try Self.fold($0, in: folder) }
    table = MeasuredTable.joined(folds.compactMap(\.table))
    let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
    name = trimmed.lastComponent
  }

  private static func splits(_ path: String) throws -> [Split] {
    do {
      let splits = try JSONDecoder().decode(
        [Split].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
      guard !splits.isEmpty else { throw CocoaError(.fileReadCorruptFile) }
      return splits
    } catch {
      throw FileError(
        path: path,
        description: "\(path) does not tell the folds of the run: restore it from the run's host, "
          + "or train again.")
    }
  }

  private static func fold(_ number: Int, in run: RunFolder) throws -> Fold {
    let folder = run.fold(number)
    let log = TrainingLog(text: (try? String(contentsOfFile: folder.log, encoding: .utf8)) ?? "")
    let path = folder.validation.metrics
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      return Fold(
        number: number, state: log.entries.isEmpty ? .missing : .inProgress, log: log, table: nil)
    }
    return Fold(
      number: number, state: .finished, log: log, table: try MeasuredTable(csv: text, path: path))
  }

  /// What the metrics' names stand for, as the run's `summary.json` says it; sorted by name.
  var definitions: [(name: String, meaning: String)] {
    struct Summary: Decodable {
      var definitions: [String: Definition]?
    }
    let folders = [folder.crossValidation] + folds.map { folder.fold($0.number).validation }
    for file in folders.map(\.summary) {
      guard let data = FileManager.default.contents(atPath: file),
        let found = try? JSONDecoder().decode(Summary.self, from: data).definitions
      else { continue }
      return found.sorted { $0.key.precedes($1.key) }.map { ($0.key, $0.value.meaning) }
    }
    return []
  }

  /// How many folds are finished.
  var finishedFolds: Int { folds.count { $0.state == .finished } }

  /// Whether all folds are finished.
  var isFinished: Bool { finishedFolds == folds.count }

  /// The files of a subject, predicted by its fold.
  func prediction(of subject: String, fold: Int) -> String {
    folder.fold(fold).validation.prediction(subject)
  }

  /// Which folds are not finished, in a sentence; nil where all are.
  var notice: String? {
    guard !isFinished else { return nil }
    func list(_ state: FoldState) -> String? {
      let numbers = folds.filter { $0.state == state }.map { "\($0.number)" }
      guard !numbers.isEmpty else { return nil }
      return (numbers.count == 1 ? "fold " : "folds ") + numbers.joined(separator: ", ")
        + (state == .missing ? " not begun" : " in progress")
    }
    let rest = [list(.inProgress), list(.missing)].compactMap(\.self).joined(separator: "; ")
    return "\(name) is not finished (\(rest)): its figures are of \(finishedFolds) of "
      + "\(folds.count) folds and will change."
  }
}

/// What `summary.json` says of a name: a sentence, or a formula and when there is no value.
private struct Definition: Decodable {
  let meaning: String

  private enum CodingKeys: String, CodingKey {
    case formula, undefined
  }

  init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      meaning = text
      return
    }
    let parts = try decoder.container(keyedBy: CodingKeys.self)
    let formula = try parts.decode(String.self, forKey: .formula)
    let undefined = try parts.decodeIfPresent(String.self, forKey: .undefined)
    meaning = formula + (undefined.map { "; not defined \($0)" } ?? "")
  }
}
