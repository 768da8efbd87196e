import Collective
import DistTrainer
import Foundation
import Testing
import Volumes

@Suite("A check of seeded faults") struct SeededCheckTests {
  static func check(_ path: String, threads: Int? = nil) throws -> DatasetCheck {
    var request = DatasetCheck.Request(DataSection(path))
    request.threads = threads
    return try #require(try DatasetCheck.run(request, world: SerialCommunicator()))
  }

  /// Declared, and seeded in no label file.
  static let nowhere = "The label 3 (absent) occurs in none of"

  @Test("every one of sixty faults and warnings is named, in one line each, and nothing else")
  func everySeed() throws {
    let folder = try TemporaryFolder()
    var data = try SeededDataset(in: folder.path)
    for index in 0..<12 { try data.add("whole\(index)") }
    let seeds = Seed.files + Seed.volumes + Seed.warnings
    for seed in seeds {
      let name = try #require(seed.subject)
      try data.add(name)
      try seed.plant(&data, name)
    }
    try data.finish(
      labels: #"{"background": 0, "head": 1, "tail": 2, "absent": 3, "rare": 4}"#)
    let check = try Self.check(folder.path)
    let lines = check.description.split(separator: "\n")
    for seed in seeds {
      let found = check.findings.filter { $0.subject == seed.subject }
      let told = found.map { "\($0.kind): \($0.sentence)" }.joined(separator: "\n")
      #expect(found.map(\.kind) == [seed.kind], "\(seed.subject ?? ""): \(told)")
      guard let finding = found.first else { continue }
      #expect(finding.sentence.contains(seed.piece), "\(seed.piece) is not in: \(told)")
      #expect(lines.count { $0.contains(finding.sentence) } == 1)
      let line = try #require(lines.first { $0.contains(finding.sentence) })
      #expect(line.hasPrefix(finding.severity.rawValue), "\(line)")
      #expect(line.contains(try #require(seed.subject)))
    }
    #expect(check.findings.count { $0.sentence.hasPrefix(Self.nowhere) } == 1)
    #expect(
      check.findings.count == seeds.count + 1,
      "\(check.findings.filter { one in !seeds.contains { $0.subject == one.subject } })")
    // At least 25 of them end with status 1.
    #expect(check.faults.count >= 25)
    #expect(Set(check.findings.map(\.sentence)).count == check.findings.count)
    // A remedy stands behind the colon or the semicolon.
    for finding in check.findings {
      #expect(
        finding.sentence.contains("; ") || finding.sentence.contains(": "), "\(finding.sentence)")
      #expect(finding.sentence.hasSuffix("."))
    }
  }

  @Test("a generated data set without seeds is clean, on any number of threads", arguments: [1, 3])
  func clean(threads: Int) throws {
    let folder = try TemporaryFolder()
    var data = try SeededDataset(in: folder.path)
    for index in 0..<24 { try data.add("whole\(index)") }
    try data.finish()
    let check = try Self.check(folder.path, threads: threads)
    #expect(check.findings == [])
    #expect(check.description.hasSuffix("no faults"))
  }

  @Test("of a warning that many subjects share, one line is shown, and JSON has all")
  func digest() throws {
    let folder = try TemporaryFolder()
    var data = try SeededDataset(in: folder.path)
    for index in 0..<9 { try data.add("subject\(index)", affine: Seed.turned) }
    try data.finish()
    let check = try Self.check(folder.path)
    #expect(check.findings.map(\.kind) == Array(repeating: .oblique, count: 9))
    let lines = check.description.split(separator: "\n").filter { $0.hasPrefix("warning") }
    #expect(lines.count == 1)
    #expect(lines.first?.contains("8 more subjects are like this") == true)
    struct Form: Decodable {
      struct Finding: Decodable {
        var severity: String
        var kind: String
        var subject: String?
        var sentence: String
      }
      var findings: [Finding]
      var warnings: Int
    }
    let form = try JSONDecoder().decode(Form.self, from: Data(check.json.utf8))
    #expect(form.findings.count == 9 && form.warnings == 9)
    #expect(form.findings.allSatisfy { $0.severity == "warning" && $0.kind == "oblique" })
  }

  @Test("headers alone tell of grids and channels, and not of voxels")
  func headers() throws {
    let folder = try TemporaryFolder()
    var data = try SeededDataset(in: folder.path)
    for index in 0..<4 { try data.add("whole\(index)") }
    let seeds = Seed.volumes.filter { [.labelShape, .notFinite, .labelFraction].contains($0.kind) }
    for seed in seeds {
      let name = try #require(seed.subject)
      try data.add(name)
      try seed.plant(&data, name)
    }
    try data.finish()
    var request = DatasetCheck.Request(DataSection(folder.path))
    request.depth = .headers
    let check = try #require(try DatasetCheck.run(request, world: SerialCommunicator()))
    #expect(check.findings.map(\.kind) == [.labelShape])
  }

  @Test("with a configuration, volumes far smaller than the patch and impossible folds are named")
  func experiment() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset(folder.path, subjects: ["a", "b", "c"], edit: SmallStudy.unlike)
    // Volumes are 6x5x4 voxels of 1x1.5x2 mm.
    for (yaml, kinds) in [
      ("training: {patch: [8, 8, 8]}", []),
      ("training: {patch: [8, 16, 8]}", Array(repeating: .smallerThanPatch, count: 3)),
      ("training: {patch: [8, 16, 8]}\npreparation: {spacing: [1, 0.8, 2]}", []),
      ("training: {patch: [8, 8, 10]}", Array(repeating: .smallerThanPatch, count: 3)),
      ("training: {patch: [8, 8, 10]}\npreparation: {orientation: SRA}", []),
    ] as [(String, [Finding.Kind])] {
      let text = """
        schema: 1
        name: small
        data: {dataset: "\(folder.path)", folds: {count: 2}}
        network: {kind: unet, dimensions: 3, features: 4, levels: 2}
        \(yaml)
        """
      let experiment = try ExperimentConfiguration.load(yaml: text, name: "test")
      let check = try #require(
        try DatasetCheck.run(DatasetCheck.Request(experiment), world: SerialCommunicator()))
      #expect(Set(check.findings.map(\.kind)) == Set(kinds), "\(yaml): \(check.findings)")
    }
    var experiment = try ExperimentConfiguration.load(
      yaml: SmallStudy.yaml(folder.path), name: "test")
    experiment.data.folds.count = 4
    experiment.data.folds.group = nil
    let check = try #require(
      try DatasetCheck.run(DatasetCheck.Request(experiment), world: SerialCommunicator()))
    #expect(check.faults.count == 1 && check.findings.first?.kind == .folds)
    #expect(check.faults.first?.contains("There are 3 groups for 4 folds") == true)
  }
}
