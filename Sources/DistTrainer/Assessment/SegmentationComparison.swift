public import Evaluation
internal import Foundation
internal import Volumes

/// Compares predicted segmentations with references, matched by the names of their files.
public struct SegmentationComparison: Sendable {
  /// One pair of files.
  private struct Pair {
    var subject: String
    var prediction: String
    var reference: String
    /// What values in the reference stand for; nil where they are the labels.
    var map: [Int: UInt8]?
  }

  private let pairs: [Pair]
  private let names: [UInt8: String]
  private let asked: [UInt8]?

  /// Matches files.
  ///
  /// - Parameters:
  ///   - predictions: a folder of label volumes, or one.
  ///   - references: a folder of label volumes, a data set (its subjects' labels), or one volume.
  ///   - labels: the labels to measure with names of their own choice; nil measures all that occur,
  ///     the background left out.
  /// - Throws: ``ComparisonError`` that names files without a counterpart.
  public init(
    predictions: String, references: String, labels: [(number: UInt8, name: String?)]? = nil
  ) throws {
    asked = labels?.map(\.number)
    var names: [UInt8: String] = [:]
    let found = try Self.files(predictions, what: "predictions")
    var expected: [String: String]
    var maps: [String: [Int: UInt8]] = [:]
    if Self.isDataset(references) {
      let dataset = try Dataset.open(references)
      for label in dataset.labels { names[label.number] = label.name }
      expected = Dictionary(
        dataset.subjects.map { ($0.name, $0.label) }, uniquingKeysWith: { first, _ in first })
      let numbers = Dictionary(
        uniqueKeysWithValues: dataset.labels.map { (Int($0.number), $0.number) })
      for subject in dataset.subjects where !subject.labelMap.isEmpty {
        maps[subject.name] = subject.meanings(of: numbers)
      }
    } else {
      expected = try Self.files(references, what: "references")
    }
    for label in labels ?? [] { if let name = label.name { names[label.number] = name } }
    self.names = names
    // Two single files belong together whatever they are called.
    if found.count == 1, expected.count == 1, let one = found.first, let other = expected.first,
      one.value == predictions, other.value == references
    {
      expected = [one.key: other.value]
    }
    var pairs: [Pair] = []
    var strays: [String] = []
    for (subject, prediction) in found.sorted(by: { $0.key.precedes($1.key) }) {
      if let reference = expected.removeValue(forKey: subject) {
        pairs.append(
          Pair(
            subject: subject, prediction: prediction, reference: reference, map: maps[subject]))
      } else {
        strays.append(subject)
      }
    }
    let missed = expected.keys.sorted { $0.precedes($1) }
    var faults: [String] = []
    if !strays.isEmpty {
      faults.append(
        "In \(predictions) there are predictions without a reference of their name in "
          + "\(references) (\(Self.list(strays))): add the references, or take these away.")
    }
    if !missed.isEmpty {
      faults.append(
        "In \(references) there are references without a prediction of their name in "
          + "\(predictions) (\(Self.list(missed))): predict them, or name a folder of the "
          + "references wanted.")
    }
    guard faults.isEmpty else { throw ComparisonError(faults) }
    self.pairs = pairs
  }

  /// Reads all pairs and measures them.
  ///
  /// - Parameter progress: called with the number of pairs measured so far, and of all.
  /// - Returns: the metrics, by subject and label.
  /// - Throws: `VolumeError` for a file that cannot be read, ``ComparisonError`` for a pair on
  ///   unlike grids.
  public func run(progress: (Int, Int) -> Void = { _, _ in }) throws -> MetricsTable {
    var counts: [LabelCounts] = []
    for (index, pair) in pairs.enumerated() {
      counts.append(try Self.count(pair))
      progress(index + 1, pairs.count)
    }
    let labels =
      asked
      ?? (1...255).map { UInt8($0) }.filter { label in
        counts.contains { $0[label].referenceVoxels + $0[label].predictedVoxels > 0 }
      }
    guard !labels.isEmpty else {
      throw ComparisonError([
        "No file holds a label but the background: nothing can be measured; "
          + "name the labels with --labels if that is meant so."
      ])
    }
    return MetricsTable(
      zip(pairs, counts).map { pair, counts in
        SubjectMetrics(
          subject: pair.subject, referenceFile: pair.reference, predictionFile: pair.prediction,
          labels: labels.map {
            LabelMetrics(label: $0, name: names[$0] ?? "label \($0)", counts: counts[$0])
          })
      })
  }

  private static func count(_ pair: Pair) throws -> LabelCounts {
    let prediction = try VolumeFiles.readLabels(pair.prediction)
    let reference = try VolumeFiles.readLabels(pair.reference, map: pair.map)
    guard let distance = prediction.geometry.cornerDisagreement(with: reference.geometry) else {
      throw ComparisonError([
        "The prediction \(pair.prediction) has shape \(prediction.shape) and its reference "
          + "\(pair.reference) has shape \(reference.shape): predict on the reference's grid."
      ])
    }
    guard distance <= 0.1 * (reference.geometry.spacing.min() ?? 0) else {
      throw ComparisonError([
        "The prediction \(pair.prediction) lies \(TextTable.score(distance)) mm beside its "
          + "reference \(pair.reference): predict on the reference's grid, or correct its header."
      ])
    }
    var counts = LabelCounts()
    try counts.add(prediction: prediction.voxels.span, reference: reference.voxels.span)
    return counts
  }

  /// Volume files by their names without endings.
  private static func files(_ path: String, what: String) throws -> [String: String] {
    guard VolumeNames.exists(path) else {
      throw ComparisonError(["There are no \(what) at \(path): mend the path."])
    }
    guard VolumeNames.exists(path.appending(file: ".")) else {
      return [VolumeNames.stem(of: path.lastComponent): path]
    }
    let volumes = VolumeNames.readable(in: path).filter {
      !VolumeNames.stem(of: $0).hasSuffix(LabelFiles.probabilitySuffix)
    }
    guard !volumes.isEmpty else {
      throw ComparisonError(["The folder \(path) holds no volume: name the one with the \(what)."])
    }
    var files: [String: String] = [:]
    for file in volumes {
      let path = path.appending(file: file)
      if let other = files.updateValue(path, forKey: VolumeNames.stem(of: file)) {
        throw ComparisonError(["\(other) and \(path) have one name: keep one of them."])
      }
    }
    return files
  }

  /// The first names, and how many there are beyond.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }

  private static func isDataset(_ path: String) -> Bool {
    path.hasSuffix(".json") || VolumeNames.exists(path.appending(file: "dataset.json"))
  }
}

/// Why segmentations cannot be compared.
public struct ComparisonError: Error, Equatable, CustomStringConvertible {
  /// One sentence a fault, with the remedy.
  public let faults: [String]

  init(_ faults: [String]) { self.faults = faults }

  /// One sentence a fault.
  public var description: String { faults.joined(separator: "\n") }
}
