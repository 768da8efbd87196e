import Collective
import DistTrainer
import Foundation
import Testing
import Volumes

@Suite("Post-processing of folders")
struct PostProcessingRunTests {
  static let steps = [PostProcessingChoice]([LargestComponent()])

  static func write(
    _ voxels: [UInt8], _ path: String, spacing: [Double] = [1, 1, 1], shape: [Int] = [1, 2, 8]
  ) throws {
    try SegmentationComparisonTests.write(voxels, path, spacing: spacing, shape: shape)
  }

  @discardableResult
  static func run(
    _ input: String, _ output: String, steps: [PostProcessingChoice] = steps,
    references: String? = nil, ranks: Int = 1
  ) throws -> PostProcessingRun.Outcome {
    try InProcessCommunicator.run(ranks: ranks) { world in
      try PostProcessingRun(input: input, output: output, steps: steps, references: references)
        .run(world: world)
    }[0]
  }

  @Test("a folder is treated, with what it did to the metrics; probabilities are left alone")
  func folder() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    // a: label 1 at 0...2 is right, its speck at 6 and 7 is not; b needs nothing.
    try Self.write(
      [1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], "\(path)/in/a.nii.gz")
    try Self.write(
      [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "\(path)/ref/a.nii.gz")
    let other: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    try Self.write(other, "\(path)/in/b.nii")
    try Self.write(other, "\(path)/ref/b.nii.gz")
    try Self.write(other, "\(path)/in/a_probabilities.nii.gz")
    let outcome = try Self.run("\(path)/in", "\(path)/out/deep", references: "\(path)/ref")
    #expect(outcome.files == ["\(path)/out/deep/a.nii.gz", "\(path)/out/deep/b.nii"])
    #expect(outcome.changedFiles == 1 && outcome.changedVoxels == 2)
    let treated = try VolumeFiles.readLabels("\(path)/out/deep/a.nii.gz")
    #expect(treated.voxels == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(try SmallStudy.bytes("\(path)/in/b.nii") == SmallStudy.bytes("\(path)/out/deep/b.nii"))
    let table = try #require(outcome.table)
    let lines = table.description.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(
      lines == [
        "label metric before after difference",
        // a: TP 3, FP 2 then 0, FN 1: (6/9 + 1)/2 and (6/7 + 1)/2.
        "label 1 dice 0.8333 0.9286 +0.0952",
        "label 1 precision 0.8000 1.0000 +0.2000",
        "label 1 recall 0.8750 0.8750 +0.0000",
        "label 1 jaccard 0.7500 0.8750 +0.1250",
      ])
    struct Document: Decodable {
      struct Step: Decodable { var kind: String }
      struct Change: Decodable { var before: Double, after: Double, difference: Double }
      struct Label: Decodable { var dice: Change }
      var postprocessing: [Step]
      var labels: [String: Label]
    }
    let document = try JSONDecoder().decode(Document.self, from: Data(table.json().utf8))
    #expect(document.postprocessing.map(\.kind) == ["largestComponent"])
    #expect(document.labels["1"]?.dice.before == (6.0 / 9 + 1) / 2)
    #expect(document.labels["1"]?.dice.after == (6.0 / 7 + 1) / 2)
  }

  @Test("the header's geometry stays bit for bit, and any number of ranks writes the same bytes")
  func geometry() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4, orientation: "PIR")
    let steps = [PostProcessingChoice]([SmallComponents(minimum: 400), FillHoles()])
    let alone = try Self.run("\(path)/data/labelsTr", "\(path)/one", steps: steps)
    let shared = try Self.run("\(path)/data/labelsTr", "\(path)/three", steps: steps, ranks: 3)
    #expect(alone.files.count == 4)
    #expect(alone.changedVoxels == shared.changedVoxels)
    for (one, three) in zip(alone.files, shared.files) {
      #expect(try SmallStudy.bytes(one) == SmallStudy.bytes(three))
      let before = try VolumeFiles.readHeader(
        "\(path)/data/labelsTr/\(URL(fileURLWithPath: one).lastPathComponent)")
      let after = try VolumeFiles.readHeader(one)
      #expect(before.geometry == after.geometry)
      // Rotation, offsets and codes of qform and sform: bytes 252 to 327 of the header.
      #expect(before.source.bytes[252..<328] == after.source.bytes[252..<328])
    }
  }

  @Test("one file may go to a file or into a folder")
  func single() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let voxels: [UInt8] = [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    try Self.write(voxels, "\(path)/x.nii.gz")
    #expect(
      try Self.run("\(path)/x.nii.gz", "\(path)/y.nii").files == ["\(path)/y.nii"])
    #expect(
      try Self.run("\(path)/x.nii.gz", "\(path)/out").files == ["\(path)/out/x.nii.gz"])
    for file in ["y.nii", "out/x.nii.gz"] {
      #expect(try VolumeFiles.readLabels("\(path)/\(file)").voxels.reduce(0, +) == 2)
    }
  }

  @Test("what cannot be done is refused in a sentence, and nothing is written over")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let voxels = [UInt8](repeating: 1, count: 16)
    try Self.write(voxels, "\(path)/in/a.nii.gz")
    try Self.write(voxels, "\(path)/ref/a.nii.gz")
    try Self.write(voxels, "\(path)/other/z.nii.gz")
    try folder.write(["empty/notes.txt", "images/notes.txt"])
    try VolumeFiles.write(
      Volume(voxels: [0.5, 0.5], channels: 2, geometry: Geometry(shape: [1, 1, 1])),
      to: "\(path)/images/a.nii.gz")
    func message(_ input: String, _ output: String, references: String? = nil) -> String {
      SegmentationComparisonTests.message {
        try Self.run(
          "\(path)/\(input)", "\(path)/\(output)", references: references.map { "\(path)/\($0)" })
      }
    }
    #expect(message("in", "in").contains("is where the input lies: name another output"))
    #expect(message("in", "../\(URL(fileURLWithPath: path).lastPathComponent)/in").contains("lies"))
    #expect(message("in/a.nii.gz", "in").contains("is where the input lies"))
    #expect(message("gone", "out") == "There is nothing at \(path)/gone: mend the path.")
    #expect(message("empty", "out").contains("The folder \(path)/empty holds no label volume"))
    #expect(message("images", "out").contains("a.nii.gz: holds 2 channels, a label has one"))
    #expect(
      message("in", "other", references: "ref")
        == "The folder \(path)/other holds other volumes already (z.nii.gz): name an empty one, for "
        + "all of its volumes are measured.")
    #expect(message("in", "out2", references: "other").contains("predictions without a reference"))
    #expect(!FileManager.default.fileExists(atPath: "\(path)/out2/a.nii.gz"))
  }
}
