public import Collective
internal import Foundation

/// Trained networks that predict together: the checkpoints of a run's folds, or single files.
public struct TrainedModels: Sendable {
  /// The experiment of the first; the others have a network of the same kind.
  public let experiment: Experiment
  /// The files that were read.
  public let names: [String]
  let checkpoints: [Checkpoint]

  /// Reads checkpoints on rank 0 and hands them to all.
  ///
  /// Collective over `world`.
  /// - Parameters:
  ///   - paths: run folders and checkpoint files, at least one.
  ///   - fold: the fold to take of a run folder; nil takes every fold that has been trained.
  ///   - kind: which checkpoint of a fold to take.
  ///   - world: all ranks.
  /// - Throws: ``CheckpointError`` where a checkpoint is missing, damaged, or of another experiment
  ///   than the first.
  public init(
    _ paths: [String], fold: Int? = nil, checkpoint kind: FoldFolder.Checkpoint = .final,
    world: any Communicator
  ) throws {
    let list = try world.agree {
      world.rank == 0
        ? try paths.flatMap { try Self.files(of: $0, fold: fold, kind) }.joined(separator: "\n")
        : ""
    }
    let names = try world.broadcast(list, root: 0).split(separator: "\n").map(String.init)
    self.names = names
    checkpoints = try names.map { name in
      let bytes = try world.agree { () throws -> [UInt8] in
        guard world.rank == 0 else { return [] }
        guard let data = FileManager.default.contents(atPath: name) else {
          throw CheckpointError("\(name) cannot be read; mend the path or its permissions")
        }
        return [UInt8](data)
      }
      let content = try world.broadcast(bytes, root: 0)
      return try world.agree { try Checkpoint(reading: content, name: name) }
    }
    experiment = try world.agree { [checkpoints] in
      try Self.commonExperiment(of: checkpoints, names: names)
    }
  }

  /// The checkpoints that a path of the command line stands for.
  private static func files(
    of path: String, fold: Int?, _ kind: FoldFolder.Checkpoint
  ) throws -> [String] {
    guard VolumeNames.exists(path) else {
      throw CheckpointError("There is no run or checkpoint at \(path); mend the path")
    }
    guard VolumeNames.exists(path.appending(file: ".")) else { return [path] }
    let folder = RunFolder(path)
    if let fold {
      let file = folder.fold(fold).checkpoint(kind)
      guard VolumeNames.exists(file) else {
        throw CheckpointError(
          "The run \(path) has no \(file.lastComponent) of fold \(fold); train that fold to its "
            + "end, or choose another with --fold or --checkpoint")
      }
      return [file]
    }
    var files: [String] = []
    for fold in 0... {
      guard VolumeNames.exists(folder.fold(fold).path) else { break }
      let file = folder.fold(fold).checkpoint(kind)
      if VolumeNames.exists(file) { files.append(file) }
    }
    guard !files.isEmpty else {
      throw CheckpointError(
        "The run \(path) has no checkpoint_\(kind.rawValue).safetensors of any fold; train it to "
          + "its end, or choose another with --checkpoint")
    }
    return files
  }

  private static func commonExperiment(
    of checkpoints: [Checkpoint], names: [String]
  ) throws -> Experiment {
    guard let first = checkpoints.first else {
      throw CheckpointError("There is no checkpoint to predict with; name a run or a checkpoint")
    }
    let experiment = try first.experiment()
    for (name, checkpoint) in zip(names, checkpoints).dropFirst() {
      guard let difference = try checkpoint.experiment().difference(from: experiment) else {
        continue
      }
      throw CheckpointError(
        "\(name) has another \(difference) than \(names[0]); predict with each by itself")
    }
    return experiment
  }
}

extension Experiment {
  /// What keeps two experiments' networks from predicting together; nil where nothing does.
  func difference(from other: Experiment) -> String? {
    let (mine, theirs) = (configuration, other.configuration)
    if mine.network != theirs.network { return "network" }
    if channels != other.channels { return "number of channels" }
    if labels.map(\.number) != other.labels.map(\.number) { return "set of labels" }
    if patch != other.patch { return "patch" }
    if mine.preparation != theirs.preparation { return "preparation" }
    return nil
  }
}
