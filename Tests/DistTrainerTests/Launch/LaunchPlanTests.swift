import Collective
import Compute
import Foundation
import Nets
import Testing
import Volumes

@testable import DistTrainer

@Suite("The start of a run")
struct LaunchPlanTests {
  /// Three ranks on two hosts; host beta, of ranks 1 and 2, has a copy of the data of its own.
  ///
  /// - Returns: the lines of the plan, or the error of each rank.
  private static func start(
    _ change: (_ folder: String) throws -> Void = { _ in }
  ) throws -> [String] {
    let folder = try TemporaryFolder()
    var phantom = Phantom()
    phantom.shape = [8, 8, 8]
    for host in ["alpha", "beta"] {
      try phantom.write(to: "\(folder.path)/\(host)", count: 3)
    }
    try change("\(folder.path)/beta")
    let path = folder.path
    return try InProcessCommunicator.run(ranks: 3) { world in
      let host = world.rank == 0 ? "alpha" : "beta"
      var section = DataSection()
      section.dataset = "\(path)/\(host)"
      do {
        let plan = try LaunchPlan(
          Dataset.open(section),
          RankSituation(host: host, cores: [world.rank], availableMemory: 3 << 30),
          world: world)
        return plan.lines(MemoryNeed(training: 1 << 30), folds: 1, precision: .float32)
          .joined(separator: "; ")
      } catch let error as AgreedError {
        return error.message
      }
    }
  }

  private static func files(_ folder: String, _ ending: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
  }

  @Test("Copies with equal contents are one data set, and the plan is told")
  func equal() throws {
    let told = try Self.start()
    #expect(
      told[0]
        == "start: alpha: 1 rank on 1 core, 1 thread a rank; start: beta: 2 ranks on 2 cores, 1 thread "
        + "a rank; start: float32 on engine with instructions; start: memory: 1.0 GiB a rank (1.0 GiB "
        + "to train, 0.0 MiB to predict), 0.0 MiB for a fold's checkpoint; beta needs 2.0 GiB of 3.0 "
        + "GiB available")
  }

  @Test("One changed byte of an image is found, with subject, host and rank")
  func changedByte() throws {
    let errors = try Self.start { folder in
      let file = try Self.files("\(folder)/imagesTr", ".nii.gz")[1]
      var data = try Data(contentsOf: URL(filePath: file))
      data[data.count - 5] ^= 1
      try data.write(to: URL(filePath: file))
    }
    #expect(Set(errors).count == 1)
    #expect(errors[0].hasPrefix("the image of subject "))
    #expect(
      errors[0].hasSuffix(
        " differs on host beta (rank 1): other bytes than on host alpha (rank 0), as many; copy the "
          + "data set to that host anew"))
  }

  @Test("Another length is found, by the label it belongs to")
  func changedLength() throws {
    let errors = try Self.start { folder in
      let file = try Self.files("\(folder)/labelsTr", ".nii.gz")[2]
      var data = try Data(contentsOf: URL(filePath: file))
      data.append(0)
      try data.write(to: URL(filePath: file))
    }
    #expect(errors[0].hasPrefix("the label of subject "))
    #expect(errors[0].contains(" bytes, where host alpha (rank 0) has "))
  }

  @Test("A subject that one host lacks is named")
  func missingSubject() throws {
    let errors = try Self.start { folder in
      let manifest = "\(folder)/manifest.csv"
      let lines = try String(contentsOfFile: manifest, encoding: .utf8).split(separator: "\n")
      try (lines[..<1] + lines[2...]).joined(separator: "\n")
        .write(toFile: manifest, atomically: true, encoding: .utf8)
      let file = "\(folder)/dataset.json"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      for path in try Self.files("\(folder)/imagesTr", ".nii.gz").prefix(1)
        + Self.files("\(folder)/labelsTr", ".nii.gz").prefix(1)
      {
        try FileManager.default.removeItem(atPath: path)
      }
      try text.replacing("\"numTraining\": 3", with: "\"numTraining\": 2")
        .replacing("\"numTraining\":3", with: "\"numTraining\":2")
        .write(toFile: file, atomically: true, encoding: .utf8)
    }
    #expect(Set(errors).count == 1)
    #expect(
      errors[0].hasPrefix("the list of subjects differs on host beta (rank 1): it lacks '"),
      "\(errors[0])")
  }

  @Test("The data set's digest is that of its bytes, wherever they lie and whoever reads them")
  func digest() throws {
    let folder = try TemporaryFolder()
    var phantom = Phantom()
    phantom.shape = [8, 8, 8]
    for place in ["here", "there"] { try phantom.write(to: "\(folder.path)/\(place)", count: 3) }
    func digest(_ place: String, ranks: Int = 1) throws -> String {
      var section = DataSection()
      section.dataset = "\(folder.path)/\(place)"
      let dataset = try Dataset.open(section)
      let found = try InProcessCommunicator.run(ranks: ranks) { world in
        try dataset.checksum(world: world, threads: 1)
      }
      #expect(found.dropFirst().allSatisfy { $0 == nil })
      return try #require(found[0])
    }
    let whole = try digest("here")
    #expect(try [2, 3, 7].map { try digest("here", ranks: $0) } == [whole, whole, whole])
    #expect(try digest("there") == whole)
    // A label's last byte but one, of the length that gzip keeps there.
    let file = try Self.files("\(folder.path)/there/labelsTr", ".nii.gz")[2]
    var data = try Data(contentsOf: URL(filePath: file))
    data[data.count - 2] ^= 1
    try data.write(to: URL(filePath: file))
    #expect(try digest("there") != whole)
  }

  @Test("Ranks that run unlike programs are refused, those of one build are not")
  func programs() throws {
    let folder = try TemporaryFolder()
    try folder.write(["a", "copy"], text: "one build")
    try folder.write(["b"], text: "another build")
    let path = folder.path
    func check(_ names: [String]) throws -> [String] {
      try InProcessCommunicator.run(ranks: names.count) { world in
        do {
          try LaunchedProgram.requireSame(
            world, program: "\(path)/\(names[world.rank])", host: "host \(world.rank)")
          return ""
        } catch let error as AgreedError {
          return error.message
        }
      }
    }
    let sums = ["a", "copy", "b"].map { LaunchedProgram.checksum(of: "\(path)/\($0)") }
    #expect(sums[0] == sums[1] && sums[1] != sums[2] && sums.allSatisfy { $0.count == 16 })
    #expect(try check(["a", "a", "a"]) == ["", "", ""])
    #expect(try check(["a", "copy"]) == ["", ""])
    let sentence =
      "rank 2 on host host 2 runs another build of the program than rank 0 on host host 0: install "
      + "the same one on every host"
    #expect(try check(["a", "copy", "b"]) == [sentence, sentence, sentence])
  }

  @Test("Too little memory on a host is refused, with what is needed and what there is")
  func memory() throws {
    let plans = try InProcessCommunicator.run(ranks: 3) { world in
      let plan = try LaunchPlan(
        Dataset(name: "none", channels: [], labels: [], subjects: []),
        RankSituation(
          host: world.rank == 0 ? "alpha" : "beta", cores: [world.rank], availableMemory: 3 << 30),
        world: world)
      func refusal(_ need: MemoryNeed) -> String? {
        do { try plan.requireMemory(need, folds: 1) } catch { return error.description }
        return nil
      }
      return (refusal(MemoryNeed(training: 3 << 29)), refusal(MemoryNeed(training: 3 << 29 + 1)))
    }
    #expect(plans.allSatisfy { $0.0 == nil })
    #expect(
      plans[0].1
        == "host beta has 3.0 GiB of memory available where its 2 ranks would take 3.0 GiB: start fewer "
        + "ranks there, lower training.patch or training.shardSize, or ask the scheduler for more")
  }
}
