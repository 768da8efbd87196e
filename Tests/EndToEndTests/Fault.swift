import Foundation
import Testing
import Volumes

/// Something wrong with what a user gives, and what the sentence about it must name.
struct Fault: CustomTestStringConvertible, Sendable {
  var testDescription: String
  /// What the sentence must hold: the file or key, and the remedy.
  var named: [String]
  /// Brings the fault about; gives the arguments after `train`.
  var arrange: @Sendable (Workshop) throws -> [String]

  init(
    _ name: String, names named: [String],
    _ arrange: @escaping @Sendable (Workshop) throws -> [String]
  ) {
    testDescription = name
    self.named = named
    self.arrange = arrange
  }

  /// Faults of a configuration and its overrides.
  static let configurations: [Fault] = [
    Fault(
      "an unknown key", names: ["network.levls", "line 4", "tiny.yaml", "did you mean levels?"]
    ) {
      let file = try $0.configuration()
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacing("levels:", with: "levls:").write(
        toFile: file, atomically: true, encoding: .utf8)
      return [file]
    },
    Fault("no configuration", names: ["none.yaml", "does not exist", "correct the path"]) {
      ["\($0.path)/none.yaml"]
    },
    Fault("no data set", names: ["no data set", "/nowhere", "name a folder with dataset.json"]) {
      [try $0.configuration(), "--set", "data.dataset=\($0.path)/nowhere"]
    },
    Fault(
      "a patch that the levels do not divide", names: ["training.patch", "15", "use 14 or 16"]
    ) { [try $0.configuration(), "--set", "training.patch=[16, 16, 15]"] },
    Fault("a fold that is not", names: ["no fold 9", "0 to 3", "change --fold"]) {
      [try $0.configuration(), "--fold", "9"]
    },
    Fault("more folds than patients", names: ["4 groups for 5 folds", "data.folds.count"]) {
      [try $0.configuration(), "--set", "data.folds.count=5"]
    },
    Fault("a folder that cannot be made", names: ["/tiny.yaml/run", "--output"]) {
      let file = try $0.configuration()
      return [file, "--output", "\(file)/run"]
    },
  ]

  /// Faults of the files of a data set; the second patient's first scan is the one at fault.
  static let files: [Fault] = [
    Fault(
      "an image without its label",
      names: ["imagesTr/\(subject)_0000.nii.gz", "has no label", "add labelsTr/\(subject).nii.gz"]
    ) {
      try FileManager.default.removeItem(atPath: label($0))
      return [try $0.configuration()]
    },
    Fault(
      "a label without its image", names: ["labelsTr/\(subject).nii.gz", "has no image", "add it"]
    ) {
      try FileManager.default.removeItem(atPath: image($0))
      return [try $0.configuration()]
    },
    Fault(
      "a label of another shape",
      names: [
        "labelsTr/\(subject).nii.gz", "20x16x18", "20x16x20", "resample it", "--fix resample",
      ]
    ) {
      let geometry = try VolumeFiles.readLabels(label($0)).geometry
      let other = Geometry(shape: [20, 16, 18], affine: geometry.affine)
      try VolumeFiles.write(
        LabelVolume(voxels: Array(repeating: 1, count: other.count), geometry: other),
        to: label($0))
      return [try $0.configuration()]
    },
    Fault(
      "a label of another spacing",
      names: [
        "labelsTr/\(subject).nii.gz", "mm at the farthest", "imagesTr/\(subject)_0000.nii.gz",
        "correct its header", "--fix copy-geometry",
      ]
    ) {
      let labels = try VolumeFiles.readLabels(label($0))
      var other = labels.geometry.affine
      for row in 0..<3 { other.rows[row].y *= 1.1 }
      try VolumeFiles.write(
        LabelVolume(
          voxels: labels.voxels, geometry: Geometry(shape: labels.shape, affine: other)),
        to: label($0))
      return [try $0.configuration()]
    },
    Fault(
      "a label that is not declared",
      names: ["labelsTr/\(subject).nii.gz", "(3, 2, 1)", "holds 7", "0, 1, 2", "declare it"]
    ) {
      var labels = try VolumeFiles.readLabels(label($0))
      labels.voxels[(3 * 16 + 2) * 20 + 1] = 7
      try VolumeFiles.write(labels, to: label($0))
      return [try $0.configuration()]
    },
    Fault(
      "a voxel that is no number",
      names: ["imagesTr/\(subject)_0000.nii.gz", "NaN", "(3, 2, 1)", "leave this subject out"]
    ) {
      var volume = try VolumeFiles.readImage(image($0))
      volume.voxels[(3 * 16 + 2) * 20 + 1] = .nan
      try VolumeFiles.write(volume, to: image($0))
      return [try $0.configuration()]
    },
    Fault(
      "an image twice, where every voxel is looked at",
      names: ["imagesTr/\(subject)_0000.nii.gz", "has the same voxels as", "leave one"]
    ) {
      let first = image($0).replacing("patient002", with: "patient001")
      try FileManager.default.removeItem(atPath: image($0))
      try FileManager.default.copyItem(atPath: first, toPath: image($0))
      return [try $0.configuration(), "--set", "data.check=full"]
    },
    Fault(
      "a truncated file", names: ["imagesTr/\(subject)_0000.nii.gz", "truncated", "copy it again"]
    ) {
      let file = URL(filePath: image($0))
      let bytes = try Data(contentsOf: file)
      try bytes.prefix(bytes.count / 2).write(to: file)
      return [try $0.configuration()]
    },
  ]

  private static let subject = "patient002_t1"

  private static func image(_ workshop: Workshop) -> String {
    "\(workshop.dataset)/imagesTr/\(subject)_0000.nii.gz"
  }

  private static func label(_ workshop: Workshop) -> String {
    "\(workshop.dataset)/labelsTr/\(subject).nii.gz"
  }
}
