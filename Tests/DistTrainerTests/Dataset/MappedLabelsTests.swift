import Collective
import Compute
import DistTrainer
import Evaluation
import Foundation
import Testing
import Volumes

@Suite struct MappedLabelsTests {
  static func experiment(channels: Int, labels: [DatasetLabel]) throws -> Experiment {
    let yaml = SmallStudy.yaml("data", "preparation: {normalization: {kind: none}}")
    return try Experiment(
      ExperimentConfiguration.load(yaml: yaml, name: "test"), channels: channels, labels: labels)
  }

  @Test("stored values become the labels that the map says, in training and in evaluation")
  func values() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset(folder.path, subjects: ["a"]) { _, _, label in
      label.voxels = label.voxels.map { [0, 255, 300][Int($0)] }
    }
    let json = folder.path + "/dataset.json"
    let text = try String(contentsOfFile: json, encoding: .utf8)
    try folder.write(
      ["dataset.json"],
      text: text.replacing("{\"name\"", with: "{\"map\": {\"255\": 2, \"300\": 1}, \"name\""))
    let dataset = try Dataset.open(folder.path)
    let subject = try PreparedSubject(
      dataset.subjects[0], Self.experiment(channels: 1, labels: dataset.labels))
    #expect(subject.classes.prefix(4) == [0, 2, 1, 0])
    // A prediction of the labels themselves is without fault.
    let predictions = folder.path + "/predictions"
    try FileManager.default.createDirectory(
      atPath: predictions, withIntermediateDirectories: true)
    let reference = try #require(subject.reference)
    try VolumeFiles.write(reference, to: predictions + "/a.nii.gz")
    let table = try SegmentationComparison(predictions: predictions, references: folder.path).run()
    #expect(table.subjects[0].labels.allSatisfy { $0.counts.falsePositives == 0 })
    #expect(table.subjects[0].labels.allSatisfy { $0.counts.truePositives == 40 })
  }

  @Test("without the map such values are refused, with the voxel and the remedy")
  func undeclared() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset(folder.path, subjects: ["a"]) { _, _, label in
      label.voxels[1] = 255
    }
    let dataset = try Dataset.open(folder.path)
    let error = #expect(throws: VolumeError.self) {
      try PreparedSubject(
        dataset.subjects[0], Self.experiment(channels: 1, labels: dataset.labels))
    }
    #expect(error?.description.contains("voxel (0, 0, 1) holds 255") == true)
  }

  @Test("a channel on another grid is brought to the first one's")
  func otherGrid() throws {
    let folder = try TemporaryFolder()
    // Intensities are x + 2y + 3z in millimeters: linear interpolation is exact.
    func write(_ name: String, _ geometry: Geometry) throws {
      let voxels = (0..<geometry.count).map { place -> Float in
        let index = geometry.index(of: place).map { Double($0) }
        let point = geometry.affine(SIMD3(index[0], index[1], index[2]))
        return Float(point.x + 2 * point.y + 3 * point.z)
      }
      try VolumeFiles.write(
        Volume(voxels: voxels, geometry: geometry), to: "\(folder.path)/\(name).nii")
    }
    let first = Geometry(
      shape: [16, 16, 16], affine: Affine(spacing: SIMD3(1, 1, 1), origin: SIMD3(2, 2, 2)))
    let second = Geometry(
      shape: [30, 12, 15],
      affine: Affine(
        columns: [SIMD3(-0.7, 0, 0), SIMD3(0, 2, 0), SIMD3(0, 0, 1.5)], origin: SIMD3(20, 0, 0)))
    try write("a", first)
    try write("b", second)
    try VolumeFiles.write(
      LabelVolume(voxels: [UInt8](repeating: 0, count: first.count), geometry: first),
      to: folder.path + "/l.nii")
    let labels = [DatasetLabel(number: 0, name: "b"), DatasetLabel(number: 1, name: "f")]
    let subject = try PreparedSubject(
      Subject(
        name: "s", images: ["a", "b"].map { "\(folder.path)/\($0).nii" },
        label: folder.path + "/l.nii"),
      Self.experiment(channels: 2, labels: labels))
    let count = first.count
    #expect(subject.image.channels == 2 && subject.image.geometry == first)
    let worst = (0..<count).map { abs(subject.image.voxels[$0] - subject.image.voxels[count + $0]) }
      .max()
    #expect(try #require(worst) < 1e-4)
  }
}
