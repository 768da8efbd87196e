import Collective
import Foundation
import Testing
import Volumes

@testable import DistTrainer

@Suite struct SharedSubjectsTests {
  @Test("ranks of one host share what they prepare, bit for bit, and leave nothing behind")
  func scratch() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 5)
    let dataset = try Dataset.open("\(path)/data")
    let experiment = try PreparedCacheTests.experiment(dataset, ["preparation.spacing=[4, 4, 4]"])
    let alone = try dataset.subjects.map { try PreparedSubject($0, experiment) }
    for ranks in [2, 3, 7] {
      let temporary = "\(path)/tmp\(ranks)"
      try FileManager.default.createDirectory(
        atPath: temporary, withIntermediateDirectories: true)
      let all = try InProcessCommunicator.run(ranks: ranks) { world in
        let host = HostRanks(place: world.rank, count: ranks, leader: 0, temporaryFolder: temporary)
        return try ScratchSubjects(experiment: experiment, host: host)
          .prepare(dataset.subjects, world: world, threads: 2)
      }
      for subjects in all {
        #expect(subjects.map(\.name) == alone.map(\.name))
        for (one, other) in zip(subjects, alone) {
          #expect(one.isMapped && !other.isMapped)
          #expect(one.image == other.image && one.classes == other.classes)
          #expect(one.reference == other.reference && one.grid == other.grid)
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
    }
  }

  @Test("where there is no room for temporary files, ranks hold their subjects in memory")
  func noRoom() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a", "b", "c"])
    let dataset = try Dataset.open("\(path)/data")
    let experiment = try PreparedCacheTests.experiment(dataset)
    let blocked = "\(path)/file"
    try Data([1]).write(to: URL(fileURLWithPath: blocked))
    let all = try InProcessCommunicator.run(ranks: 2) { world in
      let host = HostRanks(place: world.rank, count: 2, leader: 0, temporaryFolder: blocked)
      return try ScratchSubjects(experiment: experiment, host: host)
        .prepare(dataset.subjects, world: world, threads: 1)
    }
    let alone = try dataset.subjects.map { try PreparedSubject($0, experiment).image }
    for subjects in all {
      #expect(subjects.map(\.image) == alone)
      #expect(!subjects.contains { $0.isMapped })
    }
  }

  @Test("a fault in one subject ends every rank with its sentence, and leaves nothing behind")
  func fault() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a", "b", "c"])
    let dataset = try Dataset.open("\(path)/data")
    let experiment = try PreparedCacheTests.experiment(dataset)
    let label = "\(path)/data/labelsTr/c.nii.gz"
    try Data([31, 139, 8, 0]).write(to: URL(fileURLWithPath: label))
    let temporary = "\(path)/tmp"
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    let errors = try InProcessCommunicator.run(ranks: 2) { world -> String in
      let host = HostRanks(place: world.rank, count: 2, leader: 0, temporaryFolder: temporary)
      do {
        _ = try ScratchSubjects(experiment: experiment, host: host)
          .prepare(dataset.subjects, world: world, threads: 1)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(errors.allSatisfy { $0.contains(label) })
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
  }

  @Test("ranks in one process are on one host, and know each other's places", arguments: [1, 2, 5])
  func hosts(ranks: Int) throws {
    let hosts = try InProcessCommunicator.run(ranks: ranks) { try HostRanks($0) }
    #expect(hosts.map(\.place) == Array(0..<ranks))
    #expect(hosts.allSatisfy { $0.count == ranks && $0.leader == 0 && $0.threads >= 1 })
    #expect(Set(hosts.map(\.temporaryFolder)).count == 1)
  }
}
