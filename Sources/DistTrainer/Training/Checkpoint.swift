internal import Collective
public import Compute
internal import Foundation
internal import Nets
internal import Volumes

/// The state of one fold's training in a file: weights, optimizer, progress, configuration.
///
/// A safetensors file. Weights have their PyTorch-spelled names; the optimizer's state the same
/// names after `adam.m/` and the like. Equal training gives equal bytes: nothing of time, host or
/// ranks is in it. A checksum over all of it finds any damage.
public struct Checkpoint: Sendable {
  private static let format = "segmpi-checkpoint-1"
  /// What the names of the best weights begin with, where a later stage begins with them.
  static let bestPrefix = "best/"
  private static let checksumKey = "checksum"

  let file: Safetensors
  /// What messages call it: the file it was read from.
  public let name: String

  /// Reads the bytes of a checkpoint.
  ///
  /// - Parameters:
  ///   - bytes: the file's contents.
  ///   - name: the file's name, for messages.
  /// - Throws: ``CheckpointError`` where it is damaged or something else.
  public init(reading bytes: [UInt8], name: String) throws(CheckpointError) {
    self.name = name
    var file: Safetensors
    do {
      file = try Safetensors(reading: bytes)
    } catch {
      throw Self.damaged(name, "\(error)")
    }
    let isSealed = file.metadata.removeValue(forKey: Self.checksumKey) != nil
    self.file = file
    // What is written is a function of the contents: to write it again finds damage anywhere.
    if isSealed, self.bytes != bytes {
      throw Self.damaged(name, "its contents do not have the checksum that it states")
    }
    guard file.metadata["format"] == Self.format else {
      throw CheckpointError("\(name) is not a checkpoint of segmpi; name a file that segmpi wrote")
    }
    if !isSealed { throw Self.damaged(name, "it has no checksum") }
  }

  init(_ snapshot: CheckpointSnapshot) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let table = snapshot.table
    var tensors = table.tensors(of: snapshot.values.span)
    for (index, name) in snapshot.state.names.enumerated() {
      tensors.merge(table.tensors(of: snapshot.state[index].span, prefix: name + "/")) { $1 }
    }
    if let best = snapshot.bestWeights {
      tensors.merge(table.tensors(of: best.span, prefix: Self.bestPrefix)) { $1 }
    }
    for (name, values) in snapshot.residuals {
      tensors.merge(table.tensors(of: values.span, prefix: name + "/")) { $1 }
    }
    let experiment = snapshot.experiment
    name = "the checkpoint of fold \(snapshot.fold)"
    file = Safetensors(
      tensors: tensors,
      metadata: [
        "format": Self.format,
        "fold": "\(snapshot.fold)",
        "progress": String(decoding: try encoder.encode(snapshot.progress), as: UTF8.self),
        "configuration": try experiment.configuration.resolvedYAML(),
        "channels": "\(experiment.channels)",
        "labels": String(decoding: try encoder.encode(experiment.labels), as: UTF8.self),
      ])
  }

  /// The file's contents.
  public var bytes: [UInt8] {
    var checksum = ContentChecksum()
    let contents = file.fileContents()
    checksum.update(contents.span)
    var sealed = file
    sealed.metadata[Self.checksumKey] = String(checksum.value, radix: 16)
    return sealed.fileContents()
  }

  /// What is damaged in the bytes of a checkpoint; nil where nothing is, or they are something else.
  static func damage(of bytes: [UInt8], name: String) -> CheckpointError? {
    do {
      _ = try Checkpoint(reading: bytes, name: name)
      return nil
    } catch {
      return error.damage == nil ? nil : error
    }
  }

  private static func damaged(_ name: String, _ reason: String) -> CheckpointError {
    CheckpointError(
      "\(name) is damaged (\(reason)); remove it and continue from another checkpoint",
      damage: "\(name) is damaged (\(reason))")
  }

  /// The experiment that the network was trained in.
  ///
  /// - Throws: ``CheckpointError`` where the record is damaged.
  public func experiment() throws -> Experiment {
    guard let yaml = file.metadata["configuration"], let labels = file.metadata["labels"],
      let channels = file.metadata["channels"].flatMap({ Int($0) }), channels > 0
    else { throw CheckpointError("\(name) lacks its configuration; train again") }
    return try Experiment(
      ExperimentConfiguration.load(yaml: yaml, name: "the configuration in \(name)"),
      channels: channels,
      labels: JSONDecoder().decode([DatasetLabel].self, from: Data(labels.utf8)))
  }

  /// How far training had come.
  ///
  /// - Throws: ``CheckpointError`` where the record is damaged.
  public func progress() throws -> TrainingProgress {
    guard let text = file.metadata["progress"],
      let progress = try? JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8))
    else { throw CheckpointError("\(name) lacks its progress; remove it and start again") }
    return progress
  }

  /// Fills a network's parameters, all or none.
  ///
  /// - Throws: ``CheckpointError`` that lists every name that does not fit.
  public func load(into parameters: any ParameterStore) throws {
    let table = parameters.table
    try parameters.update { values, _ in
      try naming { try table.load(file, into: &values) }
    }
  }

  /// The weights that were best, where a later stage begins with them; nil where there are none.
  ///
  /// - Throws: ``CheckpointError`` that lists every name that does not fit.
  func bestWeights(of table: ParameterTable) throws -> [Float]? {
    guard file.tensors.keys.contains(where: { $0.hasPrefix(Self.bestPrefix) }) else { return nil }
    var values = [Float](repeating: 0, count: table.elementCount)
    var span = values.mutableSpan
    try naming { try table.load(file, prefix: Self.bestPrefix, into: &span) }
    return values
  }

  /// Refuses to go on with a state of another fold or experiment.
  ///
  /// - Throws: ``CheckpointError`` that says in what it differs.
  func requireFits(_ experiment: Experiment, fold: Int) throws {
    guard file.metadata["fold"] == "\(fold)" else {
      throw CheckpointError(
        "\(name) belongs to fold \(file.metadata["fold"] ?? "?"), not \(fold); "
          + "put each fold's files back into its own folder")
    }
    let own = try self.experiment()
    guard own.channels == experiment.channels, own.labels == experiment.labels else {
      throw CheckpointError(
        "\(name) belongs to images of \(own.channels) channels and the labels "
          + "\(own.labels.map(\.name)), not to \(experiment.channels) channels and "
          + "\(experiment.labels.map(\.name)); put the run's own checkpoint back, or start a new run "
          + "with --output")
    }
    let difference = try ConfigurationDifference(
      from: own.configuration.resolvedYAML(), to: experiment.configuration.resolvedYAML())
    guard let difference else { return }
    throw CheckpointError(
      "\(name) belongs to another configuration (\(difference)); put the run's own checkpoint back, "
        + "or start a new run with --output")
  }

  /// Names the file in an error that knows only of its contents.
  func naming<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as SafetensorsError {
      throw CheckpointError("\(name) cannot be used: \(error)")
    }
  }
}

/// Why a checkpoint cannot be used.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String
  /// Which file is damaged and how, where that is the matter; nil for any other.
  let damage: String?

  /// An error with this sentence.
  public init(_ description: String) { self.init(description, damage: nil) }

  init(_ description: String, damage: String?) {
    self.description = description
    self.damage = damage
  }
}

/// A copy of all that a checkpoint is made of: taken in the time of a copy, so that another thread
/// can make and write the file while training goes on.
struct CheckpointSnapshot: Sendable {
  let experiment: Experiment
  let fold: Int
  let progress: TrainingProgress
  let table: ParameterTable
  let values: [Float]
  let state: OptimizerState
  /// The weights that were best, where a later stage begins with them.
  let bestWeights: [Float]?
  let residuals: WireResiduals

  /// The checkpoint's file.
  ///
  /// - Throws: `EncodingError` where the configuration cannot be written.
  func bytes() throws -> [UInt8] { try Checkpoint(self).bytes }
}

extension FoldTrainer {
  /// The state as it stands after the last step.
  ///
  /// Collective where gradients travel in bfloat16 (``residuals()``); the fold's first rank has all of
  /// the state then, the others all but residuals.
  /// - Throws: `EncodingError` where the configuration cannot be written; `MPIError`.
  public func checkpoint() throws -> Checkpoint { try Checkpoint(snapshot(residuals())) }

  /// A copy of the state as it stands after the last step.
  ///
  /// - Parameter residuals: those of ``residuals()``.
  /// - Returns: the copy.
  func snapshot(_ residuals: WireResiduals) -> CheckpointSnapshot {
    CheckpointSnapshot(
      experiment: experiment, fold: fold, progress: progress, table: parameters.table,
      values: copyOfValues(), state: state, bestWeights: bestWeights, residuals: residuals)
  }

  /// Takes up a state, to go on as if training had not been interrupted.
  ///
  /// - Throws: ``CheckpointError`` where it belongs to another fold or experiment; the trainer is
  ///   then unchanged.
  public func restore(_ checkpoint: Checkpoint) throws {
    try checkpoint.requireFits(experiment, fold: fold)
    let progress = try checkpoint.progress()
    let stages = experiment.configuration.stages
    guard stages.indices.contains(progress.stage) else {
      throw CheckpointError(
        "\(checkpoint.name) is in stage \(progress.stage) of \(stages.count); remove it and start "
          + "again")
    }
    var state = OptimizerState(
      for: stages[progress.stage].optimizer, table: parameters.table)
    for index in state.names.indices {
      var arena = state[index]
      var span = arena.mutableSpan
      try checkpoint.naming {
        try parameters.table.load(
          checkpoint.file, prefix: state.names[index] + "/", into: &span)
      }
      state[index] = arena
    }
    let best = try checkpoint.bestWeights(of: parameters.table)
    // Read twice: before the first change, everything is known to fit.
    try eachResidual(of: checkpoint) { _, _ in }
    try checkpoint.load(into: parameters)
    try eachResidual(of: checkpoint) { reducer.setResidual($0, to: $1) }
    self.state = state
    bestWeights = best
    stage = stages[progress.stage]
    self.progress = progress
  }
}
