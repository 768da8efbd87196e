public import Evaluation
internal import Synchronization
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
  private let groups: [MeasuredStructure]
  private let surface: SurfaceSettings?

  /// Matches files.
  ///
  /// - Parameters:
  ///   - predictions: a folder of label volumes, or one.
  ///   - references: a folder of label volumes, a data set (its subjects' labels), or one volume.
  ///   - labels: the labels to measure with names of their own choice; nil measures all that occur,
  ///     the background left out.
  ///   - groups: groups of labels to measure as one, by number or by the data set's names.
  ///   - surface: how surface distances are measured; nil for overlap only.
  /// - Throws: ``ComparisonError`` that names files without a counterpart, or a group's unknown
  ///   label.
  public init(
    predictions: String, references: String, labels: [(number: UInt8, name: String?)]? = nil,
    groups: [NamedGroup] = [], surface: SurfaceSettings? = nil
  ) throws {
    self.surface = surface
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
    self.groups = try groups.map { try Self.structure($0, names) }
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

  /// Reads all pairs and measures them, several at a time.
  ///
  /// - Parameters:
  ///   - threads: how many to use; no value depends on it.
  ///   - progress: called with the number of pairs measured so far, and of all; one call at a time,
  ///     on any thread.
  /// - Returns: the metrics, by subject and label.
  /// - Throws: `VolumeError` for a file that cannot be read, ``ComparisonError`` for a pair on
  ///   unlike grids.
  public func run(
    threads: Int = 1, progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> MetricsTable {
    let done = Mutex(0)
    // Whole pairs first: they need no one to wait. What cores are left share a pair.
    let inner = max(1, threads / max(1, pairs.count))
    let measured = try ParallelLoop.map(pairs.count, threads: threads) { index in
      let pair = try measure(pairs[index], threads: inner)
      done.withLock { count in
        count += 1
        progress(count, pairs.count)
      }
      return pair
    }
    let labels = asked ?? Set(measured.flatMap(\.counts.foreground)).sorted()
    guard !labels.isEmpty || !groups.isEmpty else {
      throw ComparisonError([
        "No file holds a label but the background: nothing can be measured; "
          + "name the labels with --labels if that is meant so."
      ])
    }
    return MetricsTable(
      zip(pairs, measured).map { pair, found in
        SubjectMetrics(
          subject: pair.subject, referenceFile: pair.reference, predictionFile: pair.prediction,
          labels: labels.map { entry(of: $0, in: found) }
            + found.entries.filter(\.structure.isGroup))
      })
  }

  /// What was measured of one pair.
  private struct MeasuredPair: Sendable {
    var counts: LabelCounts
    var entries: [LabelMetrics]
    var grid: EvaluationGrid
  }

  /// A label's entry; one without surfaces where the label is in neither volume.
  private func entry(of label: UInt8, in pair: MeasuredPair) -> LabelMetrics {
    if let entry = pair.entries.first(where: { !$0.structure.isGroup && $0.label == label }) {
      return entry
    }
    return LabelMetrics(
      structure(label), counts: pair.counts[label],
      surfaces: surface.map { .absent($0, grid: pair.grid) })
  }

  private func structure(_ label: UInt8) -> MeasuredStructure {
    MeasuredStructure(label: label, name: names[label] ?? "label \(label)")
  }

  private static func structure(
    _ group: NamedGroup, _ names: [UInt8: String]
  ) throws -> MeasuredStructure {
    let labels = names.sorted { $0.key < $1.key }.map {
      DatasetLabel(number: $0.key, name: $0.value)
    }
    switch group.resolved(among: labels, orAnyNumber: true) {
    case .numbers(let numbers): return try MeasuredStructure(group: group.name, labels: numbers)
    case .stray(let text):
      throw ComparisonError([
        "The group \(group.name) holds \(text), which is no label: give numbers from 1 to 255, or "
          + "names that the data set of the references has."
      ])
    }
  }

  private func measure(_ pair: Pair, threads: Int) throws -> MeasuredPair {
    let (prediction, reference) = try Self.read(pair)
    var counts = LabelCounts()
    try counts.add(prediction: prediction.voxels.span, reference: reference.voxels.span)
    let measurement = StructureMeasurement(
      (asked ?? counts.foreground).map(structure) + groups, surface: surface)
    let grid = try EvaluationGrid(shape: reference.shape, spacing: reference.geometry.spacing)
    return MeasuredPair(
      counts: counts,
      entries: try measurement(
        prediction: prediction.voxels, reference: reference.voxels, counts: counts, grid: grid,
        threads: threads),
      grid: grid)
  }

  /// Reads a pair whose volumes lie on one grid.
  private static func read(_ pair: Pair) throws -> (LabelVolume, LabelVolume) {
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
    return (prediction, reference)
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
