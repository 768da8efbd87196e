internal import Collective
internal import Evaluation
internal import Foundation
internal import Nets
internal import Volumes

/// `class_counts.json`: how many voxels of a fold's training subjects are of each class.
struct ClassCounts: Codable, Equatable, Sendable {
  /// The labels, background first.
  var labels: [String]
  /// The voxels of each, on the prepared grids.
  var voxels: [Int]

  /// Counts the classes of prepared subjects.
  init(of subjects: [PreparedSubject], labels: [DatasetLabel]) {
    self.labels = labels.map(\.name)
    voxels = Array(repeating: 0, count: labels.count)
    for subject in subjects {
      var background = subject.shape.reduce(1, *)
      for label in subject.foreground.labels {
        let count = subject.foreground.count(of: label)
        voxels[Int(label)] += count
        background -= count
      }
      voxels[0] += background
    }
  }
}

extension Study {
  /// Writes the weights out that the loss of each fold takes from its training subjects.
  ///
  /// Counted once: a run that goes on takes what its folder holds. Collective over `world`; rank 0 reads
  /// and writes.
  /// - Parameters:
  ///   - selected: the folds that will be trained.
  ///   - folder: the run's folder.
  ///   - continues: whether to take what it holds.
  ///   - world: all ranks.
  /// - Throws: ``ConfigurationError`` where a class has no voxel; an error in one sentence for a file
  ///   that cannot be read or written. On every rank the same.
  mutating func learnClassWeights(
    for selected: [Int], in folder: RunFolder, continues: Bool, world: any Communicator
  ) throws {
    guard experiment.loss.needsClassCounts else { return }
    for fold in selected {
      let path = folder.fold(fold).classCounts
      let counted = ClassCounts(of: training(fold), labels: experiment.labels)
      let text = try world.agree { () throws -> String in
        guard world.rank == 0 else { return "" }
        if continues, let data = FileManager.default.contents(atPath: path) {
          return String(decoding: data, as: UTF8.self)
        }
        let text = JSONValue.object([
          ("labels", .array(counted.labels.map { .string($0) })),
          ("voxels", .array(counted.voxels.map { .integer($0) })),
        ]).indented
        try AtomicFile.replace(path, with: text)
        return text
      }
      let shared = try world.broadcast(text, root: 0)
      weighted[fold] = try world.agree {
        let counts = try? JSONDecoder().decode(ClassCounts.self, from: Data(shared.utf8))
        guard let counts, counts.labels == counted.labels,
          counts.voxels.count == counted.voxels.count
        else {
          throw FileError(
            path: path,
            description: "\(path) does not hold the counts of the labels "
              + "\(counted.labels.joined(separator: ", ")): remove it and continue")
        }
        return try experiment(of: fold).weighted(by: counts, fold: fold)
      }
    }
  }
}

extension Experiment {
  /// The experiment whose loss has its class weights written out.
  fileprivate func weighted(by counts: ClassCounts, fold: Int) throws -> Experiment {
    let loss = loss.weighted(byClassCounts: counts.voxels)
    guard loss.problems(classes: classes).isEmpty else {
      let empty = zip(counts.labels, counts.voxels).filter { $0.1 == 0 }.map(\.0)
      throw ConfigurationError([
        ConfigurationFault(
          "loss",
          "takes class weights from the training subjects of fold \(fold), which show "
            + (empty.isEmpty ? "one label only" : "no voxel of \(empty.joined(separator: ", "))")
            + ": give classWeights instead")
      ])
    }
    var changed = configuration
    changed.loss = LossChoice(loss)
    return try Experiment(changed, channels: channels, labels: labels)
  }
}
