import DistTrainer
import Foundation
import ProcessTestSupport
import Testing
import Volumes

/// A folder of a test's own with a small phantom data set, a configuration, and run folders.
final class Workshop {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "segmpi-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var phantom = Phantom()
    phantom.shape = [20, 16, 20]
    try phantom.write(to: dataset, count: 8)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var dataset: String { "\(path)/data" }

  /// The run folder of this name.
  func folder(_ name: String) -> RunFolder { RunFolder("\(path)/\(name)") }

  /// Writes a configuration that trains four folds for 20 steps, and gives its file.
  func configuration(
    named name: String = "tiny", network: String = "", training: String = "precision: float32"
  ) throws -> String {
    let file = "\(path)/\(name).yaml"
    let text = """
      schema: 1
      name: tiny
      data: {dataset: \(dataset), folds: {count: 4, seed: 1}}
      network: {kind: unet, features: 4, levels: 2\(network)}
      optimizer: {kind: adam, learningRate: 0.01}
      augmentation: [{kind: flip, axes: [0]}, {kind: noise}]
      training:
        {epochs: 2, stepsPerEpoch: 10, patch: [16, 16, 16], validateEvery: 1, \(training)}

      """
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  /// Trains to the end, which must succeed.
  func train(
    _ configuration: String, into name: String, ranks: Int? = nil, _ more: String...
  ) throws -> RunFolder {
    let run = try Binary.run(
      ["train", configuration, "--output", "\(path)/\(name)"] + more, ranks: ranks)
    try #require(run.status == 0, "\(ranks ?? 0) ranks: \(run.errors)")
    return folder(name)
  }
}

/// What of a run folder must not depend on how the run was made.
struct RunResults {
  /// The bytes of each file, by its path below the run folder.
  private(set) var files: [String: Data] = [:]

  /// Reads checkpoints, predictions and tables.
  ///
  /// - Parameters:
  ///   - run: the run folder.
  ///   - folds: those that were trained.
  ///   - hasCrossValidation: whether the table of all folds belongs to it.
  /// - Throws: where a file is missing.
  init(of run: RunFolder, folds: [Int] = [0, 1, 2, 3], hasCrossValidation: Bool = true) throws {
    var paths =
      hasCrossValidation ? [run.crossValidation.metrics, run.crossValidation.curves] : []
    let splits = try JSONDecoder().decode(
      [Split].self, from: Data(contentsOf: URL(filePath: run.splits)))
    for fold in folds {
      let folder = run.fold(fold)
      paths += FoldFolder.Checkpoint.allCases.map { folder.checkpoint($0) }
      let results = folder.validation
      paths += [results.metrics, results.curves, results.scores, results.subjectScores]
      paths += splits[fold].val.map { folder.validation.prediction($0) }
    }
    for path in paths {
      files[String(path.dropFirst(run.path.count))] = try Data(contentsOf: URL(filePath: path))
    }
    for fold in folds {
      files["/fold_\(fold)/log.jsonl without times"] = Data(
        try Self.log(run.fold(fold).log).joined(separator: "\n").utf8)
    }
  }

  private struct Split: Decodable {
    var val: [String]
  }

  /// The lines of a log without the members that tell the time.
  static func log(_ path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      var entry = try #require(object as? [String: Any])
      #expect(entry.removeValue(forKey: "seconds") is NSNumber)
      #expect(entry.removeValue(forKey: "timings") is [String: Any])
      let rest = try JSONSerialization.data(withJSONObject: entry, options: .sortedKeys)
      return String(decoding: rest, as: UTF8.self)
    }
  }

  /// The paths of files that differ from, or are missing in, another run.
  func differences(from other: RunResults) -> [String] {
    Set(files.keys).union(other.files.keys).filter { files[$0] != other.files[$0] }.sorted()
  }
}
