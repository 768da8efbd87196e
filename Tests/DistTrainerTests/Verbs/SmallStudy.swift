import Collective
import Compute
import DistTrainer
import Foundation
import Volumes

/// Small data sets and the smallest training run that leaves a whole run folder.
enum SmallStudy {
  /// Phantoms of 24x20x24 voxels, two scans a patient, written into `folder`.
  static func writePhantoms(_ folder: String, count: Int, orientation: String = "RAS") throws {
    var phantom = Phantom()
    phantom.shape = [24, 20, 24]
    phantom.spacing = [3, 4, 3]
    phantom.orientation = orientation
    try phantom.write(to: folder, count: count)
  }

  /// A configuration for ``writePhantoms(_:count:orientation:)``, as YAML.
  static func yaml(_ dataset: String, _ more: String = "") -> String {
    """
    schema: 1
    name: small
    data: {dataset: "\(dataset)", folds: {count: 2, group: group}}
    network: {kind: unet, dimensions: 3, features: 4, levels: 2}
    training: {epochs: 1, stepsPerEpoch: 2, patch: [16, 16, 16], shards: 2, precision: float32}
    \(more)
    """
  }

  /// Trains in `folder`/run on the phantoms in `folder`/data.
  static func train(
    in folder: String, folds: [Int]? = nil, output: String = "run", continues: Bool = false,
    overrides: [String] = []
  ) throws -> TrainingRun.Outcome? {
    let config = "\(folder)/config.yaml"
    try Data(yaml("\(folder)/data").utf8).write(to: URL(fileURLWithPath: config))
    return try TrainingRun(
      configuration: config, overrides: overrides, folds: folds, output: "\(folder)/\(output)",
      continues: continues
    ).run(world: SerialCommunicator(), observer: Unseen()) { _ in try CPUEngine(threads: 1) }
  }

  /// Watches nothing.
  private final class Unseen: RunObserver {
    func foldBegan(_ fold: Int, after step: Int, of totalSteps: Int) {}
    func foldStepped(_ figures: StepFigures) {}
    func foldLogged(_ fold: Int, line: String) {}
    func foldFinished(_ fold: Int, dice: Double?, subjects: Int) {}
  }

  /// Writes a data set of one channel in nnU-Net's layout; intensities count upward by voxel.
  static func writeDataset(
    _ folder: String, subjects: [String], shape: [Int] = [6, 5, 4],
    edit: (String, inout Volume, inout Volume) -> Void = { _, _, _ in }
  ) throws {
    for part in ["imagesTr", "labelsTr"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
    }
    let count = shape.reduce(1, *)
    for (index, name) in subjects.enumerated() {
      let geometry = Geometry(shape: shape, spacing: [1, 1.5, 2])
      var image = Volume(
        voxels: (0..<count).map { Float($0 + index) }, geometry: geometry)
      var label = Volume(voxels: (0..<count).map { Float($0 % 3) }, geometry: geometry)
      edit(name, &image, &label)
      try VolumeFiles.write(image, to: "\(folder)/imagesTr/\(name)_0000.nii.gz")
      try VolumeFiles.write(label, to: "\(folder)/labelsTr/\(name).nii.gz")
    }
    let description = """
      {"name": "Small", "channel_names": {"0": "T1"}, "file_ending": ".nii.gz",
       "labels": {"background": 0, "head": 1, "tail": 2}}
      """
    try Data(description.utf8).write(to: URL(fileURLWithPath: "\(folder)/dataset.json"))
  }

  /// Gives the label of each name of one letter another pattern, which a check wants; the voxels of
  /// each label are as many as before.
  static func unlike(_ name: String, _: inout Volume, _ label: inout Volume) {
    let place = 3 * Int((name.unicodeScalars.first?.value ?? 0) % 32)
    label.voxels.swapAt(place, place + 1)
  }

  /// The contents of a file.
  static func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
  }
}
