internal import Collective
internal import Compute
internal import Foundation
internal import Nets

extension Study {
  /// Checks `initialize`, reads the files that folds begin with, and writes down what is loaded.
  ///
  /// Collective over `world`; rank 0 reads and writes.
  /// - Parameters:
  ///   - selected: the folds that begin anew.
  ///   - folder: the run's folder.
  ///   - world: all ranks.
  ///   - observer: told what is loaded, on rank 0.
  /// - Throws: an error in one sentence; on every rank the same.
  mutating func readInitialWeights(
    for selected: [Int], in folder: RunFolder, world: any Communicator, observer: any RunObserver
  ) throws {
    let section = experiment.configuration.initialize
    guard section != InitializeSection(), !selected.isEmpty else { return }
    let table = try world.agree { try parameterTable() }
    try world.agree { try section.requireMatches(in: table) }
    guard let from = section.from else { return }
    var known: [String: WeightTransfer] = [:]
    for fold in selected {
      let path = try world.agree { try Self.file(of: from, fold: fold, section.checkpoint) }
      if known[path] == nil {
        let local = try world.agree { () throws -> [UInt8] in
          guard world.rank == 0 else { return [] }
          guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError([
              ConfigurationFault(
                "initialize.from", "is \(from), but \(path) cannot be read: mend the path")
            ])
          }
          return [UInt8](data)
        }
        let bytes = try world.broadcast(local, root: 0)
        known[path] = try world.agree {
          let file: Safetensors
          do {
            file = try Safetensors(reading: bytes)
          } catch {
            throw ConfigurationError([
              ConfigurationFault(
                "initialize.from",
                "is \(from), but \(path) is no safetensors file (\(error)): convert it first")
            ])
          }
          return try WeightTransfer(section, file: file, name: path, table: table)
        }
      }
      transfers[fold] = known[path]
      try world.agree {
        guard world.rank == 0, let transfer = known[path] else { return }
        observer.informed("fold \(fold): \(transfer.summary)")
        try AtomicFile.replace(folder.fold(fold).initialization, with: transfer.csv)
      }
    }
  }

  /// The parameters of the study's network.
  private func parameterTable() throws -> ParameterTable {
    try NetworkGraphs.inference(
      experiment.network, input: experiment.networkInput(batch: 1), classes: experiment.classes,
      activation: experiment.loss.activation
    ).parameters
  }

  /// The file that a fold begins with.
  private static func file(
    of path: String, fold: Int, _ source: TransferSource
  ) throws -> String {
    guard VolumeNames.exists(path) else {
      throw ConfigurationError([
        ConfigurationFault(
          "initialize.from",
          "is \(path), where there is nothing: name a safetensors file or a "
            + "run's folder")
      ])
    }
    guard VolumeNames.exists(path.appending(file: ".")) else { return path }
    let kind: FoldFolder.Checkpoint =
      switch source {
      case .best: .best
      case .final: .final
      case .latest: .latest
      }
    let file = RunFolder(path).fold(fold).checkpoint(kind)
    guard VolumeNames.exists(file) else {
      throw ConfigurationError([
        ConfigurationFault(
          "initialize.from",
          "is \(path), which lacks \(file.lastComponent) of fold \(fold): train that fold there, or "
            + "choose another by initialize.checkpoint")
      ])
    }
    return file
  }
}

extension FoldFolder {
  /// `initialization.csv`: which parameters began with the values of a file.
  public var initialization: String { path.appending(file: "initialization.csv") }
  /// `class_counts.json`: how many voxels of the training subjects are of each class.
  public var classCounts: String { path.appending(file: "class_counts.json") }
}

extension FoldTrainer {
  /// Takes weights of a file.
  func take(_ transfer: WeightTransfer) {
    let table = parameters.table
    parameters.update { values, _ in transfer.apply(to: &values, table: table) }
  }
}
