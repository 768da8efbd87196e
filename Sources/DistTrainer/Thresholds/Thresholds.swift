internal import Compute
internal import Evaluation
internal import Foundation
internal import Volumes

/// From which probability on a voxel has a label.
///
/// A voxel gets, among the labels whose probability p reaches their threshold t, the one of the
/// greatest p / t, the lowest of equals; where no label reaches its threshold it is background. With
/// one foreground label that is p >= t.
public struct Thresholds: Sendable, Equatable {
  /// The threshold of each foreground label, by its number; from 0 to 1.
  public let values: [UInt8: Double]

  /// These thresholds.
  public init(_ values: [UInt8: Double]) { self.values = values }

  /// Reads what `--threshold` names.
  ///
  /// - Parameters:
  ///   - text: a number for every label; or the file that ``ThresholdSearch`` wrote, or the run's
  ///     folder. Of a file, one network takes the threshold of its fold, several that of all folds
  ///     together.
  ///   - models: the networks.
  /// - Throws: ``ThresholdError`` for a number outside 0...1, a file that is missing or something
  ///   else, and a label without a threshold.
  public init(_ text: String, for models: TrainedModels) throws {
    let labels = models.experiment.labels.filter { $0.number != 0 }
    if let number = Double(text) {
      guard number > 0, number <= 1 else {
        throw ThresholdError("A threshold of \(text) is no probability: name one above 0, up to 1.")
      }
      values = Dictionary(uniqueKeysWithValues: labels.map { ($0.number, number) })
      return
    }
    let file =
      VolumeNames.exists(text.appending(file: "."))
      ? RunFolder(text).crossValidation.threshold : text
    guard let data = FileManager.default.contents(atPath: file) else {
      throw ThresholdError(
        "There is no \(file): choose thresholds with segmpi threshold first, or mend the path.")
    }
    guard let document = try? JSONDecoder().decode(ThresholdDocument.self, from: data) else {
      throw ThresholdError("\(file) holds no thresholds: name a file that segmpi threshold wrote.")
    }
    let fold = models.onlyFold
    values = try Dictionary(
      uniqueKeysWithValues: labels.map { label in
        let found = document.labels.first { $0.label == label.number && $0.name == label.name }
        let own = found?.folds.first { $0.fold == fold }?.threshold
        guard let threshold = own ?? found?.ensemble.threshold, (0...1).contains(threshold) else {
          throw ThresholdError(
            "\(file) has no threshold for the label \(label.number) \(label.name): choose one in a "
              + "run of the same data set, with a validation subject that has the label.")
        }
        return (label.number, threshold)
      })
  }

  /// Decides on the class of each voxel.
  ///
  /// - Parameters:
  ///   - scores: the class probabilities.
  ///   - labels: the label of each class, the background first.
  ///   - threads: threads to interpolate with.
  /// - Returns: the classes on the grid of the file.
  func classes(of scores: SubjectScores, labels: [DatasetLabel], threads: Int) -> LabelVolume {
    let geometry = scores.geometry
    var classes = [UInt8](repeating: 0, count: geometry.count)
    var ratios = [Float](repeating: 0, count: geometry.count)
    scores.forEachForeground(threads: threads) { index, probabilities in
      guard let value = values[labels[index].number] else { return }
      let threshold = Float(value)
      // A threshold of 0 is reached everywhere, and its quotients must be numbers.
      let divisor = max(threshold, 1e-6)
      var winner = classes.mutableSpan
      var best = ratios.mutableSpan
      for voxel in probabilities.indices where probabilities[voxel] >= threshold {
        let ratio = probabilities[voxel] / divisor
        if winner[voxel] == 0 || ratio > best[voxel] {
          winner[voxel] = UInt8(index)
          best[voxel] = ratio
        }
      }
    }
    return LabelVolume(voxels: classes, geometry: geometry, source: scores.source)
  }
}

/// What of `threshold.json` prediction reads.
private struct ThresholdDocument: Decodable {
  struct Choice: Decodable {
    var threshold: Double?
  }
  struct FoldChoice: Decodable {
    var fold: Int
    var threshold: Double?
  }
  struct Label: Decodable {
    var label: UInt8
    var name: String
    var ensemble: Choice
    var folds: [FoldChoice]
  }
  var labels: [Label]
}

extension ResultFolder {
  /// `threshold.json`: the thresholds chosen on validation subjects.
  public var threshold: String { path.appending(file: "threshold.json") }
}

extension TrainedModels {
  /// The fold of the network, where there is one network.
  var onlyFold: Int? {
    guard groups.count == 1, groups[0].checkpoints.count == 1 else { return nil }
    return groups[0].checkpoints[0].file.metadata["fold"].flatMap { Int($0) }
  }
}

/// Why there are no thresholds.
public struct ThresholdError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}
