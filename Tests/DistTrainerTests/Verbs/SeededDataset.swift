import CounterRandom
import DistTrainer
import Foundation
import Volumes

/// A data set in nnU-Net's layout, of two channels and plain `.nii` files, with a table beside it:
/// whole, until faults are seeded into it.
struct SeededDataset {
  let folder: String
  /// The lines of the table, by subject.
  var rows: [String: String] = [:]
  private var count = 0

  static let shape = [8, 9, 10]

  init(in folder: String) throws {
    self.folder = folder
    for part in ["imagesTr", "labelsTr"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
    }
  }

  /// Writes a subject without fault: noise in both channels, a third of the voxels in each label.
  mutating func add(
    _ name: String, shape: [Int] = shape, affine: Affine = Affine(spacing: SIMD3(1, 1.5, 2)),
    scale: Float = 1
  ) throws {
    var random = RandomStream(seed: 7, "test/seeded", count)
    let geometry = Geometry(shape: shape, affine: affine)
    for channel in 0..<2 {
      let voxels = (0..<geometry.count).map { _ in (random.uniform() * 1000).rounded() * scale }
      try VolumeFiles.write(
        Volume(voxels: voxels, geometry: geometry), to: image(name, channel))
    }
    let labels = (0..<geometry.count).map { _ in UInt8(random.integer(below: 3)) }
    try VolumeFiles.write(LabelVolume(voxels: labels, geometry: geometry), to: label(name))
    rows[name] = "\(name),patient-\(count),\(count % 4)"
    count += 1
  }

  /// Writes `dataset.json` and the table. Of the labels declared, `absent` occurs nowhere, and
  /// `rare` only where it is seeded.
  func finish(labels: String = #"{"background": 0, "head": 1, "tail": 2}"#) throws {
    try write(
      "dataset.json",
      """
      {"name": "Seeded", "channel_names": {"0": "T1", "1": "T2"}, "file_ending": ".nii",
       "labels": \(labels)}
      """)
    let lines = rows.sorted { $0.key < $1.key }.map(\.value)
    try write("manifest.csv", (["subject,patient,fold"] + lines).joined(separator: "\n"))
  }

  func image(_ name: String, _ channel: Int = 0) -> String {
    "\(folder)/imagesTr/\(name)_000\(channel).nii"
  }

  func label(_ name: String) -> String { "\(folder)/labelsTr/\(name).nii" }

  // MARK: Changes

  func write(_ file: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

  func copy(_ path: String, to target: String) throws {
    if FileManager.default.fileExists(atPath: target) { try remove(target) }
    try FileManager.default.copyItem(atPath: path, toPath: target)
  }

  /// Changes the voxels of an image.
  func edit(_ path: String, _ body: (inout Volume) -> Void) throws {
    var volume = try VolumeFiles.readImage(path, finite: false)
    body(&volume)
    try VolumeFiles.write(volume, to: path)
  }

  /// Changes the voxels of a label.
  func editLabel(_ name: String, _ body: (inout LabelVolume) -> Void) throws {
    var volume = try VolumeFiles.readLabels(label(name))
    body(&volume)
    try VolumeFiles.write(volume, to: label(name))
  }

  /// Gives a volume another grid, its voxels as they are.
  func place(_ path: String, _ affine: Affine) throws {
    try edit(path) {
      $0 = Volume(
        voxels: $0.voxels, geometry: Geometry(shape: $0.geometry.shape, affine: affine))
    }
  }

  /// Overwrites bytes of a file.
  func patch(_ path: String, at offset: Int, _ bytes: [UInt8]) throws {
    var data = try [UInt8](SmallStudy.bytes(path))
    data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    try Data(data).write(to: URL(fileURLWithPath: path))
  }

  /// Overwrites a float of a header.
  func patch(_ path: String, at offset: Int, _ value: Float) throws {
    let bits = value.bitPattern
    try patch(path, at: offset, (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
  }

  /// Overwrites a 16-bit number of a header.
  func patch(_ path: String, at offset: Int, _ value: Int16) throws {
    try patch(
      path, at: offset, [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)])
  }

  /// The file compressed, under its plain name.
  func compress(_ path: String) throws {
    let volume = try VolumeFiles.readImage(path)
    try VolumeFiles.write(volume, to: path + ".gz")
    try remove(path)
    try FileManager.default.moveItem(atPath: path + ".gz", toPath: path)
  }

  /// Changes the bytes of a file.
  func rewrite(_ path: String, _ body: (Data) -> Data) throws {
    try body(SmallStudy.bytes(path)).write(to: URL(fileURLWithPath: path))
  }
}
