public import Collective
internal import Evaluation
internal import Foundation

/// What a data set is like: grids, intensities in the foreground, how frequent classes are.
///
/// Measured on all subjects, to choose spacing, patch and class weights by; training itself learns
/// from training subjects only.
public struct DatasetFingerprint: Sendable {
  private let labels: [DatasetLabel]
  private let subjects: [(name: String, measures: SubjectFingerprint)]

  /// Reads all subjects; collective over `world`.
  ///
  /// - Parameters:
  ///   - dataset: the subjects.
  ///   - experiment: which way their axes run, and which labels they may hold.
  ///   - world: all ranks; the subjects are dealt to them and their threads.
  ///   - progress: called on each rank with the number of its subjects done so far, and of all.
  /// - Returns: the fingerprint on rank 0; nil elsewhere.
  /// - Throws: `VolumeError` in one sentence that names the file and the remedy.
  public static func measure(
    _ dataset: Dataset, _ experiment: Experiment, world: any Communicator,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> DatasetFingerprint? {
    let host = try HostRanks(world)
    let own = stride(from: world.rank, to: dataset.subjects.count, by: world.size)
      .map { dataset.subjects[$0] }
    let text = try world.agree {
      let measures = try inBatches(own, threads: host.threads, progress: progress) { subject, _ in
        try SubjectFingerprint(subject, experiment)
      }
      return String(decoding: try JSONEncoder().encode(measures), as: UTF8.self)
    }
    guard let texts = try world.gatherTexts(text) else { return nil }
    let parts = try texts.map {
      try JSONDecoder().decode([SubjectFingerprint].self, from: Data($0.utf8))
    }
    return DatasetFingerprint(
      labels: experiment.labels,
      subjects: dataset.subjects.enumerated().map { index, subject in
        (subject.name, parts[index % world.size][index / world.size])
      })
  }

  /// Statistics of one channel's intensities in the foreground, over the samples of all subjects.
  struct Intensities: Equatable {
    var mean = 0.0
    var deviation = 0.0
    /// The percentiles 0, 0.5, 50, 99.5 and 100.
    var percentiles: [Double] = []

    /// The statistics of samples, with NumPy's percentiles and the population's deviation.
    init(_ samples: [Float]) {
      guard !samples.isEmpty else { return }
      let count = Double(samples.count)
      mean = samples.reduce(0) { $0 + Double($1) } / count
      let mean = mean
      deviation = (samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count)
        .squareRoot()
      let sorted = samples.sorted()
      percentiles = [0, 0.5, 50, 99.5, 100].map { percent in
        let place = percent / 100 * (count - 1)
        let (low, high) = (sorted[Int(place)], sorted[min(Int(place) + 1, sorted.count - 1)])
        return Double(low) + (Double(high) - Double(low)) * (place - place.rounded(.down))
      }
    }
  }

  /// The statistics of each channel.
  var intensities: [Intensities] {
    let channels = subjects.first?.measures.samples.count ?? 0
    return (0..<channels).map { channel in
      Intensities(subjects.flatMap { $0.measures.samples[channel] })
    }
  }

  /// Voxels, share of all voxels, and subjects of each class, background first.
  var frequencies: [(voxels: Int, share: Double, subjects: Int)] {
    let total = subjects.reduce(0) { $0 + $1.measures.classVoxels.reduce(0, +) }
    return labels.indices.map { index in
      let counts = subjects.map { $0.measures.classVoxels[index] }
      let voxels = counts.reduce(0, +)
      return (voxels, Double(voxels) / Double(max(1, total)), counts.count { $0 > 0 })
    }
  }

  /// The median of each axis, of the lower and upper middle their mean.
  private static func medians(_ rows: [[Double]]) -> [Double] {
    (0..<3).map { axis in
      let sorted = rows.map { $0[axis] }.sorted()
      guard !sorted.isEmpty else { return 0 }
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
  }

  /// The fingerprint as JSON in the shape of nnU-Net's `dataset_fingerprint.json`, with further keys.
  public var json: String { record.indented }

  private var record: JSONValue {
    func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
    func integers(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }
    let all = subjects.map(\.measures)
    let shares = all.map {
      Double($0.nonZeroShape.reduce(1, *)) / Double($0.shape.reduce(1, *))
    }.sorted()
    let median =
      shares.isEmpty ? 1 : (shares[(shares.count - 1) / 2] + shares[shares.count / 2]) / 2
    return .object([
      (
        "foreground_intensity_properties_per_channel",
        .object(
          intensities.enumerated().map { channel, one in
            (
              "\(channel)",
              .object([
                ("max", .number(one.percentiles.last)), ("mean", .number(one.mean)),
                ("median", .number(one.percentiles.count > 2 ? one.percentiles[2] : nil)),
                ("min", .number(one.percentiles.first)),
                (
                  "percentile_00_5", .number(one.percentiles.count > 1 ? one.percentiles[1] : nil)
                ),
                (
                  "percentile_99_5", .number(one.percentiles.count > 3 ? one.percentiles[3] : nil)
                ),
                ("std", .number(one.deviation)),
              ])
            )
          })
      ),
      ("median_relative_size_after_cropping", .number(median)),
      ("shapes_after_crop", .array(all.map { integers($0.nonZeroShape) })),
      ("spacings", .array(all.map { numbers($0.spacing) })),
      ("subjects", .array(subjects.map { .string($0.name) })),
      ("shapes", .array(all.map { integers($0.shape) })),
      ("median_spacing", numbers(Self.medians(all.map(\.spacing)))),
      ("median_shape", numbers(Self.medians(all.map { $0.shape.map(Double.init) }))),
      (
        "classes",
        .array(
          zip(labels, frequencies).map { label, found in
            .object([
              ("label", .integer(Int(label.number))), ("name", .string(label.name)),
              ("voxels", .integer(found.voxels)), ("share", .number(found.share)),
              ("subjects", .integer(found.subjects)),
            ])
          })
      ),
    ])
  }
}

extension DatasetFingerprint: CustomStringConvertible {
  /// Tables of grids, intensities and classes.
  public var description: String {
    func rounded(_ value: Double, _ digits: Double) -> String {
      "\((value * digits).rounded() / digits)"
    }
    func row(_ name: String, _ values: [Double], _ digits: Double) -> [String] {
      let sorted = values.sorted()
      guard let least = sorted.first, let most = sorted.last else { return [name, "-", "-", "-"] }
      let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      return [name] + [least, median, most].map { rounded($0, digits) }
    }
    var grids = [["", "least", "median", "most"]]
    for (axis, name) in ["D", "H", "W"].enumerated() {
      grids.append(row("extent \(name)", subjects.map { Double($0.measures.shape[axis]) }, 10))
    }
    for (axis, name) in ["D", "H", "W"].enumerated() {
      grids.append(row("spacing \(name) (mm)", subjects.map { $0.measures.spacing[axis] }, 10_000))
    }
    var brightness = [["channel", "mean", "deviation", "0.5 %", "median", "99.5 %"]]
    for (channel, one) in intensities.enumerated() {
      let middle = one.percentiles.count == 5 ? one.percentiles[1...3].map { $0 } : []
      brightness.append(
        ["\(channel)"] + ([one.mean, one.deviation] + middle).map { rounded($0, 1000) }
          + Array(repeating: "-", count: 3 - middle.count))
    }
    var classes = [["label", "subjects", "voxels", "share"]]
    for (label, found) in zip(labels, frequencies) {
      classes.append(
        [
          "\(label.number) \(label.name)", "\(found.subjects)", TextTable.grouped(found.voxels),
          TextTable.score(found.share),
        ])
    }
    return """
      \(subjects.count) subjects
      \(TextTable(rows: grids, namedColumns: 1))
      intensities in the foreground:
      \(TextTable(rows: brightness, namedColumns: 1))
      \(TextTable(rows: classes, namedColumns: 1))
      """
  }
}
