import Collective
import DistTrainer
import Foundation
import Testing
import Volumes

@Suite("Mended copies of a data set") struct DatasetRepairTests {
  /// A seeded data set with a fault of each kind that can be mended, and one that cannot.
  static func write(_ folder: String) throws {
    var data = try SeededDataset(in: folder)
    for index in 0..<4 { try data.add("whole\(index)") }
    let seeds = Seed.files + Seed.volumes + Seed.warnings
    for name in [
      "labelShape", "labelPlacement", "labelAxes", "channelGrid", "shortFile", "missingLabel",
    ] {
      try data.add(name)
      let seed = try #require(seeds.first { $0.subject == name })
      try seed.plant(&data, name)
    }
    try data.add("mapped")
    try data.edit(data.label("mapped")) { label in
      for place in label.voxels.indices { label.voxels[place] *= 100 }
    }
    try data.finish()
  }

  static func contents(_ folder: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      contents[path] = FileManager.default.contents(atPath: "\(folder)/\(path)")
    }
    return contents
  }

  static func findings(_ path: String) throws -> [String: Finding.Kind] {
    let check = try SeededCheckTests.check(path)
    return Dictionary(check.findings.map { ($0.subject ?? "", $0.kind) }) { first, _ in first }
  }

  static func section(_ path: String) -> DataSection {
    var section = DataSection(path)
    section.map = ["100": 1, "200": 2]
    return section
  }

  @Test("a label that lies outside of its image is not resampled into nothing", arguments: [2, 40])
  func outside(millimeters: Double) throws {
    let folder = try TemporaryFolder()
    let (old, new) = (folder.path + "/old", folder.path + "/new")
    try SmallStudy.writeDataset(old, subjects: ["a", "b"]) { name, _, label in
      guard name == "b" else { return }
      let columns = label.geometry.affine.columns
      label = Volume(
        voxels: label.voxels,
        geometry: Geometry(
          shape: label.geometry.shape,
          affine: Affine(columns: columns, origin: SIMD3(millimeters, 0, 0))))
    }
    let outcome = try DatasetRepair(DataSection(old), fixes: [.resample], output: new).run()
    #expect(outcome.written == 1 && outcome.mended == [:])
    let told = try #require(outcome.leftOut.first)
    #expect(told.subject == "b" && told.kind == .labelPlacement)
    // Two thirds of 120 voxels are labeled, and lie in six sheets of 1 mm.
    let lost = millimeters > 6 ? 80 : 27
    #expect(
      told.sentence.contains(
        "labelsTr/b.nii.gz has \(lost) of its 80 labeled voxels outside of "), "\(told.sentence)")
  }

  @Test("all three fixes together leave no fault, and the originals untouched", arguments: [1, 2])
  func together(threads: Int) throws {
    let folder = try TemporaryFolder()
    let (old, new) = (folder.path + "/old", folder.path + "/new")
    try Self.write(old)
    let before = try Self.contents(old)
    let outcome = try DatasetRepair(
      Self.section(old), fixes: Set(DatasetRepair.Fix.allCases), output: new, threads: threads
    ).run()
    #expect(try Self.contents(old) == before)
    #expect(outcome.written == 9)
    // The plane of voxels that the label of other shape lacks is background then.
    // Labels of the three grids are stored as floats, and in 8 bits thereafter, too.
    #expect(outcome.mended == [.copyGeometry: 1, .resample: 3, .mapLabels: 4])
    #expect(Set(outcome.leftOut.compactMap(\.subject)) == ["shortFile", "missingLabel"])
    #expect(try Self.findings(new) == [:])
    let dataset = try Dataset.open(new)
    #expect(dataset.name == "Seeded" && dataset.channels == ["T1", "T2"])
    #expect(dataset.columns == ["patient"] && dataset.subjects.allSatisfy { $0.fold != nil })
    #expect(dataset.subjects.allSatisfy { $0.labelMap.isEmpty })
    // What was whole is there byte for byte.
    let after = try Self.contents(new)
    for path in ["imagesTr/whole0_0000.nii", "imagesTr/mapped_0001.nii", "labelsTr/whole1.nii"] {
      #expect(after[path] == before[path])
    }
    let mapped = try VolumeFiles.readLabels("\(new)/labelsTr/mapped.nii")
    let stored = try VolumeFiles.readImage("\(old)/labelsTr/mapped.nii")
    #expect(mapped.voxels.map { Float($0) * 100 } == stored.voxels)
    // Axes that ran the other way: the same voxels in the same places.
    let turned = try VolumeFiles.readLabels("\(new)/labelsTr/labelAxes.nii")
    let image = try VolumeFiles.readImage("\(new)/imagesTr/labelAxes_0000.nii")
    #expect(turned.geometry == image.geometry)
    let original = try VolumeFiles.readLabels("\(old)/labelsTr/labelAxes.nii")
    #expect(turned.oriented().voxels == original.oriented().voxels)
  }

  @Test(
    "one fix mends its own kind and leaves the others to be told",
    arguments: [
      (
        DatasetRepair.Fix.copyGeometry,
        [
          "labelShape": Finding.Kind.labelShape, "labelAxes": .labelAxes,
          "channelGrid": .channelGrid,
        ]
      ),
      (.resample, [:]),
      (
        .mapLabels,
        [
          "labelShape": .labelShape, "labelAxes": .labelAxes, "channelGrid": .channelGrid,
          "labelPlacement": .labelPlacement,
        ]
      ),
    ])
  func single(fix: DatasetRepair.Fix, left: [String: Finding.Kind]) throws {
    let folder = try TemporaryFolder()
    let (old, new) = (folder.path + "/old", folder.path + "/new")
    try Self.write(old)
    _ = try DatasetRepair(Self.section(old), fixes: [fix], output: new).run()
    // Where values are not replaced, the new data set says what they stand for.
    #expect(try Self.findings(new) == left)
  }

  @Test("a value that stands for no label is told, and its subject left out")
  func unmapped() throws {
    let folder = try TemporaryFolder()
    let (old, new) = (folder.path + "/old", folder.path + "/new")
    try Self.write(old)
    var section = DataSection(old)
    section.map = ["100": 1]
    let outcome = try DatasetRepair(section, fixes: [.mapLabels], output: new).run()
    let found = try #require(outcome.leftOut.first { $0.subject == "mapped" })
    #expect(found.kind == .labelUndeclared && found.sentence.contains("holds 200.0"))
    #expect(outcome.description.contains("left out: \(found.sentence)"))
    #expect(try Dataset.open(new).subjects.allSatisfy { $0.name != "mapped" })
  }

  @Test("a folder that holds something is not written into")
  func occupied() throws {
    let folder = try TemporaryFolder()
    let old = folder.path + "/old"
    try Self.write(old)
    let before = try Self.contents(folder.path)
    for output in [old, folder.path] {
      let error = #expect(throws: FileError.self) {
        try DatasetRepair(DataSection(old), fixes: [.resample], output: output).run()
      }
      #expect(error?.description.contains("is not empty: name a new one with --output") == true)
    }
    #expect(try Self.contents(folder.path) == before)
  }
}
