internal import Foundation

/// The names of everything in a run's folder. Rank 0 is the only writer below it.
public struct RunFolder: Sendable, Equatable {
  /// The run's folder.
  public let path: String

  /// A run's folder, which need not exist yet.
  public init(_ path: String) { self.path = path }

  /// `config.resolved.yaml`: the configuration with every key written out.
  public var configuration: String { path.appending(file: "config.resolved.yaml") }
  /// `splits_final.json`: who trains and who validates, in nnU-Net's shape.
  public var splits: String { path.appending(file: "splits_final.json") }
  /// `provenance.json`: what made the run.
  public var provenance: String { path.appending(file: "provenance.json") }
  /// `crossval`: what is made of all folds together.
  public var crossValidation: ResultFolder {
    ResultFolder(path: path.appending(file: "crossval"))
  }

  /// `fold_k`.
  public func fold(_ fold: Int) -> FoldFolder {
    FoldFolder(path: path.appending(file: "fold_\(fold)"))
  }

  /// Makes the run's folder and those of its folds, where they are not there yet.
  ///
  /// - Parameter folds: how many folds the run has.
  /// - Throws: ``FileError``.
  public func create(folds: Int) throws(FileError) {
    let folders = [path, crossValidation.path] + (0..<folds).map { fold($0).validation.path }
    for folder in folders { try makeFolder(folder) }
  }
}

/// Makes a folder and those above it, where they are not there yet.
///
/// - Throws: ``FileError``, which says how to name another one.
func makeFolder(
  _ folder: String, remedy: String = "name another with --output"
) throws(FileError) {
  do {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  } catch {
    throw FileError(
      path: folder,
      description: "Cannot make the folder \(folder) (\(error.localizedDescription)): "
        + "\(remedy).")
  }
}

/// The names of everything in one fold's folder.
public struct FoldFolder: Sendable, Equatable {
  /// The fold's folder.
  public let path: String

  /// Which state of training a checkpoint holds.
  public enum Checkpoint: String, Sendable, CaseIterable {
    /// The last one saved; `--continue` starts from it.
    case latest
    /// The one saved before it; `--continue` starts from it where the latest is damaged.
    case previous
    /// The one that validated best.
    case best
    /// The one after the last step.
    case final
  }

  /// `checkpoint_latest.safetensors` and its like.
  public func checkpoint(_ checkpoint: Checkpoint) -> String {
    path.appending(file: "checkpoint_\(checkpoint.rawValue).safetensors")
  }

  /// `log.jsonl`: one line an event.
  public var log: String { path.appending(file: "log.jsonl") }
  /// `events.out.tfevents.segmpi`: the numbers of the log for TensorBoard.
  public var events: String { path.appending(file: "events.out.tfevents.segmpi") }
  /// `validation`: predictions and metrics of the fold's validation subjects.
  public var validation: ResultFolder {
    ResultFolder(path: path.appending(file: "validation"))
  }
}

/// The names of everything in a folder of results.
public struct ResultFolder: Sendable, Equatable {
  /// The folder.
  public let path: String

  /// `metrics.csv`: one row a subject and label.
  public var metrics: String { path.appending(file: "metrics.csv") }
  /// `summary.json`: the same and its means, in nnU-Net's shape.
  public var summary: String { path.appending(file: "summary.json") }

  /// `SUBJECT.nii.gz`: a predicted label volume.
  public func prediction(_ subject: String) -> String {
    path.appending(file: "\(subject).nii.gz")
  }
}
