public import Collective
internal import Foundation
internal import Nets

/// Trained networks that predict together: the checkpoints of runs' folds, or single files.
public struct TrainedModels: Sendable {
  /// Networks of one kind, which see the same images.
  struct Group: Sendable {
    var experiment: Experiment
    var checkpoints: [Checkpoint]
  }

  /// The files that were read.
  public let names: [String]
  /// The networks by kind, in the order of the first of each.
  let groups: [Group]

  /// The experiment of the first network; the others have images of as many channels and the same
  /// labels.
  public var experiment: Experiment { groups[0].experiment }

  /// Reads checkpoints on rank 0 and hands them to all.
  ///
  /// Collective over `world`.
  /// - Parameters:
  ///   - paths: run folders and checkpoint files, at least one.
  ///   - fold: the fold to take of a run folder; nil takes every fold that has been trained.
  ///   - kind: which checkpoint of a fold to take.
  ///   - world: all ranks.
  /// - Throws: ``CheckpointError`` where a checkpoint is missing, damaged, or of other channels or
  ///   labels than the first.
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
    let checkpoints = try names.map { name in
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
    groups = try world.agree { try Self.groups(of: checkpoints, names: names) }
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

  private static func groups(
    of checkpoints: [Checkpoint], names: [String]
  ) throws -> [Group] {
    var groups: [Group] = []
    for (name, checkpoint) in zip(names, checkpoints) {
      let experiment = try checkpoint.experiment()
      if let first = groups.first?.experiment,
        let difference = experiment.difference(from: first)
      {
        throw CheckpointError(
          "\(name) has another \(difference) than \(names[0]); predict with each by itself")
      }
      if let known = groups.firstIndex(where: { experiment.isSameKind(as: $0.experiment) }) {
        groups[known].checkpoints.append(checkpoint)
      } else {
        groups.append(Group(experiment: experiment, checkpoints: [checkpoint]))
      }
    }
    guard !groups.isEmpty else {
      throw CheckpointError("There is no checkpoint to predict with; name a run or a checkpoint")
    }
    return groups
  }
}

extension Experiment {
  /// What keeps two experiments' networks from predicting together; nil where nothing does.
  func difference(from other: Experiment) -> String? {
    if channels != other.channels { return "number of channels" }
    if labels.map(\.number) != other.labels.map(\.number) { return "set of labels" }
    return nil
  }

  /// Whether one plan serves the networks of both: same network, tiles, arithmetic and images.
  func isSameKind(as other: Experiment) -> Bool {
    let (mine, theirs) = (configuration, other.configuration)
    return mine.network == theirs.network && patch == other.patch
      && mine.preparation == theirs.preparation
      && mine.inference.overlap == theirs.inference.overlap
      && mine.inference.weights == theirs.inference.weights
      && mine.training.precision == theirs.training.precision
      && mine.training.border == theirs.training.border
      && loss.activation == other.loss.activation
  }
}
