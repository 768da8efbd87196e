import Collective
import DistTrainer
import Foundation
import Testing
import Volumes

@Suite struct DatasetCheckTests {
  static func check(_ path: String) throws -> DatasetCheck {
    try #require(
      try DatasetCheck.run(
        DatasetCheck.Request(DataSection(path)), world: SerialCommunicator()))
  }

  @Test("a whole data set has no fault, and its shapes, spacings and label volumes are told")
  func whole() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset(folder.path, subjects: ["a", "b"], edit: SmallStudy.unlike)
    let check = try Self.check(folder.path)
    #expect(check.findings == [])
    let lines = check.description.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(lines.first == "Small: 2 subjects" && lines.last == "no faults")
    #expect(lines.contains("H 5 5 5 1.5 1.5 1.5"))
    // 120 voxels, a third of each label.
    #expect(lines.contains("2 tail 2 40 40 40"))
  }

  /// One thing wrong with subject b, and a piece of the sentence that says so.
  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var edit: @Sendable (inout Volume, inout Volume) -> Void
    var sentence: String
    var testDescription: String { name }
  }

  static let faults: [Fault] = [
    Fault(
      name: "NaN and infinity",
      edit: { image, _ in
        image.voxels[7] = .nan
        image.voxels[30] = -.infinity
      },
      // Place 7 of [6, 5, 4] is (0, 1, 3).
      sentence: "imagesTr/b_0000.nii.gz: 2 voxels NaN or infinite, the first at (0, 1, 3)"),
    Fault(
      name: "constant", edit: { image, _ in for i in image.voxels.indices { image.voxels[i] = 4 } },
      sentence: "imagesTr/b_0000.nii.gz: every voxel holds 4.0"),
    Fault(
      name: "label 9",
      edit: { _, label in
        label.voxels[21] = 9
        label.voxels[22] = 9
      },
      sentence: "labelsTr/b.nii.gz: holds the label 9 (2 voxels, the first at (1, 0, 1)), which is "
        + "not declared"),
    Fault(
      name: "label 3, the first beyond", edit: { _, label in label.voxels[119] = 3 },
      sentence: "labelsTr/b.nii.gz: holds the label 3 (1 voxel, the first at (5, 4, 3))"),
    Fault(
      name: "label 300", edit: { _, label in label.voxels[0] = 300 },
      sentence: "labelsTr/b.nii.gz: holds the label 300 (1 voxel, the first at (0, 0, 0))"),
    Fault(
      name: "half a label", edit: { _, label in label.voxels[4] = 0.5 },
      sentence: "labelsTr/b.nii.gz: holds values that are no whole numbers, such as 0.5 (1 voxel"),
    Fault(
      name: "other shape",
      edit: { _, label in
        label = Volume(
          voxels: [Float](repeating: 1, count: 60),
          geometry: Geometry(shape: [3, 5, 4], spacing: [1, 1.5, 2]))
      },
      sentence: "labelsTr/b.nii.gz: has shape 3x5x4 where "),
    Fault(
      name: "other spacing",
      edit: { _, label in
        label = Volume(
          voxels: label.voxels, geometry: Geometry(shape: [6, 5, 4], spacing: [2, 1.5, 2]))
      },
      // The far corner is 5 voxels away along D: 5 mm too far.
      sentence: "labelsTr/b.nii.gz and its image "),
    Fault(
      name: "two channels",
      edit: { image, _ in
        image = Volume(
          voxels: image.voxels + image.voxels.reversed(), channels: 2, geometry: image.geometry)
      },
      sentence: "imagesTr/b_0000.nii.gz: holds 2 channels where 1 are declared"),
  ]

  @Test("one fault is named once, with its file", arguments: faults)
  func fault(_ fault: Fault) throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset(folder.path, subjects: ["a", "b", "c"]) { name, image, label in
      if name == "b" { fault.edit(&image, &label) }
    }
    let check = try Self.check(folder.path)
    #expect(check.faults.count == 1)
    #expect(check.faults.first?.contains(fault.sentence) == true, "\(check.faults)")
    #expect(check.faults.first?.hasPrefix(folder.path) == true)
    #expect(check.description.contains("\n1 fault"))
  }

  @Test("a background-only label is noticed, and is no fault")
  func emptyLabel() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset(folder.path, subjects: ["a", "b"]) { name, _, label in
      if name == "b" { for i in label.voxels.indices { label.voxels[i] = 0 } }
    }
    let check = try Self.check(folder.path)
    #expect(check.faults == [])
    #expect(check.warnings.count == 1)
    #expect(
      check.warnings.first?.contains("labelsTr/b.nii.gz: holds nothing but background") == true)
  }

  @Test("all faults are found at once, on any number of ranks alike", arguments: [1, 2, 3])
  func together(ranks: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset(path, subjects: ["a", "b", "c", "d", "e"]) { name, image, label in
      if name == "b" { label.voxels[0] = 9 }
      if name == "c" { for i in image.voxels.indices { image.voxels[i] = Float(i) } }
    }
    // d is cut in the middle, e loses its label; c is a once more.
    let image = URL(fileURLWithPath: "\(path)/imagesTr/d_0000.nii.gz")
    try SmallStudy.bytes(image.path).prefix(100).write(to: image)
    try FileManager.default.removeItem(atPath: "\(path)/labelsTr/e.nii.gz")
    let checks = try InProcessCommunicator.run(ranks: ranks) { world in
      try DatasetCheck.run(DatasetCheck.Request(DataSection(path)), world: world)
    }
    #expect(checks.count { $0 != nil } == 1)
    let faults = try #require(checks[0]).faults
    #expect(faults.count == 4, "\(faults)")
    for piece in [
      "e_0000.nii.gz has no label", "labelsTr/b.nii.gz: holds the label 9",
      "imagesTr/d_0000.nii.gz: ", "imagesTr/c_0000.nii.gz: has the same voxels as",
    ] {
      #expect(faults.contains { $0.contains(piece) }, "\(piece)")
    }
    #expect(faults.contains { $0.contains("truncated") })
  }

  @Test("a patient in two folds of the table is a fault")
  func splitPatient() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset(folder.path, subjects: ["a", "b", "c", "d"])
    try folder.write(
      ["manifest.csv"], text: "subject,patient,fold\na,p,0\nb,p,1\nc,q,0\nd,r,1\n")
    let faults = try Self.check(folder.path).faults
    #expect(
      faults == ["The column fold splits the group p (a, b): put it into one fold."])
  }

  /// The folder of the real pairs: beside the package, or where SEGMPI_SHARED says.
  static let brokenPairs: String = {
    let named = ProcessInfo.processInfo.environment["SEGMPI_SHARED"]
    let beside = URL(fileURLWithPath: #filePath).appending(path: "../../../../../shared")
    return (named ?? beside.standardizedFileURL.path) + "/data/broken-pairs"
  }()

  static let hippocampus = brokenPairs.replacing("broken-pairs", with: "hippocampus")

  @Test(
    "the 200 subjects of the Decathlon's hippocampus are clean, without fault or warning",
    .enabled(
      if: FileManager.default.fileExists(atPath: hippocampus),
      "SKIPPED: \(hippocampus) is not there"))
  func realData() throws {
    var request = DatasetCheck.Request(DataSection(Self.hippocampus))
    // Loops of a debug build are a hundred times slower; the program's own test reads all voxels.
    request.depth = .headers
    let check = try #require(try DatasetCheck.run(request, world: SerialCommunicator()))
    #expect(check.findings == [])
    #expect(check.description.hasPrefix("Hippocampus: 200 subjects"))
  }

  @Test(
    "the two defective pairs that a public collection left out are found",
    .enabled(
      if: FileManager.default.fileExists(atPath: brokenPairs),
      "skipped: \(brokenPairs) is not there"))
  func realPairs() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    // 118 is an image without a label, 281 a label of another shape than any image.
    try SmallStudy.writeDataset(path, subjects: ["hippocampus_281", "whole"])
    let label = "\(path)/labelsTr/hippocampus_281.nii.gz"
    try FileManager.default.removeItem(atPath: label)
    try SmallStudy.bytes("\(Self.brokenPairs)/hippocampus_281.nii.gz")
      .write(to: URL(fileURLWithPath: label))
    try SmallStudy.bytes("\(Self.brokenPairs)/hippocampus_118.nii.gz")
      .write(to: URL(fileURLWithPath: "\(path)/imagesTr/hippocampus_118_0000.nii.gz"))
    let faults = try Self.check(path).faults
    #expect(
      faults.contains {
        $0.hasPrefix("The image \(path)/imagesTr/hippocampus_118_0000.nii.gz has no label")
      }, "\(faults)")
    #expect(faults.contains { $0.hasPrefix("\(label): has shape ") }, "\(faults)")
  }
}
