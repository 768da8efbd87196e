import DistTrainer
import Evaluation
import Foundation
import Testing
import Volumes

@Suite struct SegmentationComparisonTests {
  static func write(
    _ voxels: [UInt8], _ path: String, spacing: [Double] = [1, 1, 1], shape: [Int] = [2, 2, 2]
  ) throws {
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try VolumeFiles.write(
      LabelVolume(voxels: voxels, geometry: Geometry(shape: shape, spacing: spacing)), to: path)
  }

  static func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test("metrics by subject and label are those of the definition, in table, CSV and JSON")
  func metrics() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    // Label 1: TP 2, FP 1, FN 2. Label 2 is predicted once and nowhere else.
    try Self.write([1, 1, 1, 0, 0, 0, 0, 2], "\(path)/p/a.nii.gz")
    try Self.write([1, 1, 0, 1, 1, 0, 0, 0], "\(path)/r/a.nii.gz")
    try Self.write([0, 0, 0, 0, 0, 0, 0, 1], "\(path)/p/b.nii.gz")
    try Self.write([0, 0, 0, 0, 0, 0, 0, 1], "\(path)/r/b.nii.gz")
    let table = try SegmentationComparison(
      predictions: "\(path)/p", references: "\(path)/r", labels: [(1, "head"), (2, nil)]
    ).run()
    let text = AssessmentTable(table).description.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(
      text == [
        "subject label dice precision recall jaccard",
        // 2·2/(2·2+1+2), 2/3, 2/4, 2/5.
        "a head 0.5714 0.6667 0.5000 0.4000",
        "a label 2 0.0000 0.0000 - 0.0000",
        "b head 1.0000 1.0000 1.0000 1.0000",
        "b label 2 - - - -",
        "mean of 2 head 0.7857 0.8333 0.7500 0.7000",
        "mean of 2 label 2 0.0000 0.0000 - 0.0000",
        "worst case label 2 0.0000 0.0000 0.0000 0.0000",
        "label 2: absent from both volumes in 1, made up in 1 of 2 subjects",
        "A mean leaves out what is not defined (-). The worst case counts it as 0 where a structure "
          + "was missed or made up.",
      ])
    try table.write(toFolder: "\(path)/out/deep")
    let csv = String(decoding: try SmallStudy.bytes("\(path)/out/deep/metrics.csv"), as: UTF8.self)
    #expect(csv == table.csv && csv.contains("\na,,1,head,0.5714285714285714,"))
    struct Summary: Decodable {
      var mean: [String: [String: Double?]]
    }
    let summary = try JSONDecoder().decode(
      Summary.self, from: SmallStudy.bytes("\(path)/out/deep/summary.json"))
    let dice = (4.0 / 7 + 1) / 2
    #expect(summary.mean["1"]?["Dice"] == dice)
    let printed = Data(AssessmentTable(table).json.utf8)
    #expect(try printed == SmallStudy.bytes("\(path)/out/deep/summary.json"))
  }

  @Test("a data set lends its label names, and without --labels all that occur are measured")
  func datasetReferences() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset(folder.path, subjects: ["a", "b"])
    let table = try SegmentationComparison(
      predictions: "\(folder.path)/labelsTr", references: folder.path
    ).run()
    #expect(table.labels.map(\.name) == ["head", "tail"])
    #expect(table.foregroundMean(Dice.self) == 1)
    #expect(table.foregroundMean(Jaccard.self) == 1)
  }

  @Test("groups and surfaces are measured beside labels, on any number of threads")
  func groupsAndSurfaces() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/set", subjects: ["a", "b", "c"]) { name, _, label in
      // The head of b is the fifth voxel alone; c has no tail.
      if name == "b" { label.voxels = label.voxels.indices.map { $0 == 4 ? 1 : 0 } }
      if name == "c" { label.voxels = label.voxels.map { $0 == 2 ? 0 : $0 } }
    }
    let places = Array(0..<120)
    let predictions: [String: [UInt8]] = [
      "a": places.map { UInt8($0 % 3) }, "b": places.map { $0 == 0 ? UInt8(2) : 0 },
      "c": places.map { UInt8($0 % 3 % 2) },
    ]
    for (name, voxels) in predictions {
      try Self.write(
        voxels, "\(path)/p/\(name).nii.gz", spacing: [1, 1.5, 2], shape: [6, 5, 4])
    }
    func table(threads: Int) throws -> MetricsTable {
      try SegmentationComparison(
        predictions: "\(path)/p", references: "\(path)/set",
        groups: [NamedGroup(name: "whole", labels: ["head", "2"])],
        surface: SurfaceSettings(tolerances: [1])
      ).run(threads: threads)
    }
    let one = try table(threads: 1)
    #expect(one.structures.map(\.name) == ["head", "tail", "whole"])
    for threads in [2, 7] { #expect(try table(threads: threads).csv == one.csv) }
    let b = one.subjects[1]
    // Voxel 4 lies a row, 1.5 mm, from voxel 0: d = h = w = 0 against h = 1.
    #expect(b.groups[0].surfaces?.values == [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0])
    let text = AssessmentTable(one).description.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(text[0] == "subject label dice precision recall jaccard asd_mm hd_mm hd95_mm nsd_1mm")
    #expect(text.contains("b whole 0.0000 0.0000 0.0000 0.0000 1.5000 1.5000 1.5000 0.0000"))
    #expect(text.contains("b head 0.0000 - 0.0000 0.0000 - - - 0.0000"))
    // The diagonal of 6 x 7.5 x 8 mm stands for what was missed: (0 + sqrt(156.25)) / 3.
    #expect(
      text.contains("worst case head 0.6667 0.6667 0.6667 0.6667 4.1667 4.1667 4.1667 0.6667"))
    #expect(text.contains("head: missed in 1 of 3 subjects"))
    #expect(
      text.contains("tail: absent from both volumes in 1, made up in 1 of 3 subjects"))
    #expect(text.last?.hasSuffix("a distance as the diagonal of the subject's grid.") == true)
    let message = Self.message {
      _ = try SegmentationComparison(
        predictions: "\(path)/p", references: "\(path)/set",
        groups: [NamedGroup(name: "whole", labels: ["neck"])])
    }
    #expect(message.contains("The group whole holds neck, which is no label"))
  }

  @Test("files without a counterpart are named on either side, in one sentence each")
  func counterparts() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try Self.write([0, 0, 0, 0, 0, 0, 0, 1], "\(path)/p/a.nii.gz")
    try Self.write([0, 0, 0, 0, 0, 0, 0, 1], "\(path)/p/b.nii.gz")
    try Self.write([0, 0, 0, 0, 0, 0, 0, 1], "\(path)/r/b.nii.gz")
    for name in ["h", "c", "d", "e", "f", "g"] {
      try Self.write([0, 0, 0, 0, 0, 0, 0, 1], "\(path)/r/\(name).nii.gz")
    }
    let message = Self.message {
      _ = try SegmentationComparison(predictions: "\(path)/p", references: "\(path)/r")
    }
    #expect(
      message == """
        In \(path)/p there are predictions without a reference of their name in \(path)/r (a): add \
        the references, or take these away.
        In \(path)/r there are references without a prediction of their name in \(path)/p (c, d, e, \
        f, g and 1 more): predict them, or name a folder of the references wanted.
        """)
  }

  @Test(
    "grids that differ are refused in a sentence",
    arguments: [
      (spacing: [1.0, 1, 1], shape: [2, 2, 1], "has shape [2, 2, 1]"),
      (spacing: [1.0, 1, 1.2], shape: [2, 2, 2], "lies 0.2000 mm beside"),
    ])
  func grids(_ other: (spacing: [Double], shape: [Int], piece: String)) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try Self.write(
      [UInt8](repeating: 1, count: other.shape.reduce(1, *)), "\(path)/p.nii.gz",
      spacing: other.spacing, shape: other.shape)
    try Self.write([0, 0, 0, 0, 0, 0, 0, 1], "\(path)/r.nii.gz")
    let message = Self.message {
      _ = try SegmentationComparison(
        predictions: "\(path)/p.nii.gz", references: "\(path)/r.nii.gz"
      ).run()
    }
    #expect(message.contains(other.piece) && message.contains("p.nii.gz"), "\(message)")
  }

  @Test("folders that hold nothing to measure are refused")
  func nothing() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try folder.write(["p/notes.txt"])
    try Self.write([0, 0, 0, 0, 0, 0, 0, 0], "\(path)/r/a.nii.gz")
    func message(_ predictions: String) -> String {
      Self.message {
        _ = try SegmentationComparison(
          predictions: "\(path)/\(predictions)", references: "\(path)/r"
        ).run()
      }
    }
    #expect(message("p").contains("holds no volume"))
    #expect(message("nowhere").contains("There are no predictions at \(path)/nowhere"))
    #expect(message("r").contains("No file holds a label but the background"))
  }
}
