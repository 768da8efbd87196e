internal import Foundation

/// The predictions that validation left in a run's folder, with their references.
struct ValidationPredictions: Sendable {
  /// One subject.
  struct Pair: Sendable, Equatable {
    var subject: String
    var fold: Int
    var prediction: String
    var reference: String
    /// What values in the reference stand for; nil where they are the labels.
    var map: [Int: UInt8]?
  }

  /// The labels of the data set, the background first.
  let labels: [DatasetLabel]
  /// The subjects of all folds that are complete, by fold and in the order of the data set.
  let pairs: [Pair]

  /// Finds them.
  ///
  /// - Throws: ``CrossValidationError`` for a folder that is no run or has no finished fold;
  ///   ``DatasetError`` where the data set no longer lies where the configuration says.
  init(of folder: RunFolder) throws {
    let study = try FinishedStudy(folder)
    labels = study.dataset.labels
    var pairs: [Pair] = []
    for (fold, split) in study.folds.splits.enumerated() {
      let results = folder.fold(fold).validation
      guard VolumeNames.exists(results.metrics) else { continue }
      guard split.test.isEmpty else {
        throw CrossValidationError(
          "The run \(folder.path) keeps subjects for a test (data.folds.test), of which nothing may "
            + "be chosen: choose with a run that keeps none.")
      }
      let names = Set(split.val)
      let numbers = Dictionary(uniqueKeysWithValues: labels.map { (Int($0.number), $0.number) })
      for subject in study.dataset.subjects where names.contains(subject.name) {
        let prediction = results.prediction(subject.name)
        guard VolumeNames.exists(prediction) else {
          throw CrossValidationError(
            "The run \(folder.path) lacks the prediction \(prediction): make it again with "
              + "segmpi train --fold \(fold) --continue.")
        }
        pairs.append(
          Pair(
            subject: subject.name, fold: fold, prediction: prediction, reference: subject.label,
            map: subject.labelMap.isEmpty ? nil : subject.meanings(of: numbers)))
      }
    }
    guard !pairs.isEmpty else {
      throw CrossValidationError(
        "The run \(folder.path) has validated no fold yet: train one to its end first.")
    }
    self.pairs = pairs
  }
}

/// What a run's folder says of its experiment: configuration, data set and folds.
struct FinishedStudy: Sendable {
  let configuration: ExperimentConfiguration
  let dataset: Dataset
  let folds: Folds

  /// Reads the configuration and the folds, and opens the data set; no volume is read.
  ///
  /// - Throws: ``CrossValidationError`` for a folder that is no run, and what is thrown for a
  ///   configuration, a data set or folds with faults.
  init(_ folder: RunFolder) throws {
    guard VolumeNames.exists(folder.configuration) else {
      throw CrossValidationError(
        "\(folder.path) is no run folder (it lacks config.resolved.yaml): name the folder that "
          + "segmpi train wrote.")
    }
    configuration = try ExperimentConfiguration.load(contentsOf: folder.configuration)
    dataset = try Dataset.open(configuration.data)
    folds = try Folds(contentsOf: folder.splits, dataset: dataset)
  }
}

/// Why nothing can be made of a run's folder.
public struct CrossValidationError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}
