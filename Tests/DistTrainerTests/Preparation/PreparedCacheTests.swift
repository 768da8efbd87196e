import Collective
import Compute
import Evaluation
import Foundation
import Synchronization
import Testing
import Volumes

@testable import DistTrainer

@Suite struct PreparedCacheTests {
  static func experiment(_ dataset: Dataset, _ overrides: [String] = []) throws -> Experiment {
    let configuration = try ExperimentConfiguration.load(
      yaml: SmallStudy.yaml("nowhere"), overrides: overrides)
    return try Experiment(
      configuration, channels: dataset.channels.count, labels: dataset.labels)
  }

  static func fill(
    _ folder: String, _ dataset: Dataset, _ overrides: [String] = [], ranks: Int = 1,
    threads: Int = 1
  ) throws -> PreparedCache.Filled {
    let cache = try PreparedCache(folder, for: experiment(dataset, overrides))
    return try InProcessCommunicator.run(ranks: ranks) { world in
      try cache.fill(dataset, world: world, threads: threads)
    }[0]
  }

  static func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test(
    "what comes from a file is what preparation makes, to the last bit", arguments: [1, 2, 3, 7],
    [1, 3])
  func roundTrip(ranks: Int, threads: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 5, orientation: "PSR")
    let dataset = try Dataset.open("\(path)/data")
    let settings = ["preparation.spacing=[4, 4, 4]", "preparation.crop=nonZero"]
    let filled = try Self.fill(
      "\(path)/cache", dataset, settings, ranks: ranks, threads: threads)
    #expect(filled.prepared == 5 && filled.total == 5)
    #expect(try Self.files("\(path)/cache").count == 5)
    let experiment = try Self.experiment(dataset, settings)
    for subject in dataset.subjects {
      let fresh = try PreparedSubject(subject, experiment)
      let key = try #require(filled.keys[subject.name])
      let file = "\(path)/cache/\(subject.name)-\(key.prefix(16)).prepared"
      let kept = try #require(PreparedFile.open(file, key: key, name: subject.name))
      #expect(kept.name == fresh.name && kept.image == fresh.image && kept.grid == fresh.grid)
      #expect(kept.classes == fresh.classes && kept.foreground == fresh.foreground)
      #expect(kept.reference == fresh.reference)
      let isSame = kept.withVoxels { image, classes in
        image.indices.allSatisfy { image[$0] == fresh.image.voxels[$0] }
          && classes.indices.allSatisfy { classes[$0] == fresh.classes[$0] }
      }
      #expect(isSame)
    }
  }

  @Test("only what has changed is prepared again: a file's bytes, or a setting")
  func changes() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a", "b", "c"])
    let dataset = try Dataset.open("\(path)/data")
    #expect(try Self.fill("\(path)/cache", dataset).prepared == 3)
    #expect(try Self.fill("\(path)/cache", dataset).prepared == 0)
    // Settings that have nothing to do with preparation change no key.
    #expect(try Self.fill("\(path)/cache", dataset, ["training.seed=7"]).prepared == 0)
    #expect(
      try Self.fill("\(path)/cache", dataset, ["preparation.normalization.kind=none"]).prepared == 3
    )
    #expect(try Self.files("\(path)/cache").count == 6)
    let label = "\(path)/data/labelsTr/b.nii.gz"
    var labels = try VolumeFiles.readLabels(label)
    labels.voxels[0] = 2
    try VolumeFiles.write(labels, to: label)
    let filled = try Self.fill("\(path)/cache", dataset)
    #expect(filled.prepared == 1)
    let subjects = try dataset.subjects.map { try filled.subject($0) }
    #expect(subjects.map { $0.classes.max() } == [2, 2, 2])
    #expect(subjects[1].reference?.voxels[0] == 2)
  }

  @Test(
    "a damaged file is prepared anew, never trusted and never a crash",
    arguments: [0, 3, 12, 40, 300, -1, -200])
  func damage(place: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a"])
    let dataset = try Dataset.open("\(path)/data")
    let key = try #require(try Self.fill("\(path)/cache", dataset).keys["a"])
    let file = "\(path)/cache/\(try Self.files("\(path)/cache")[0])"
    let whole = try SmallStudy.bytes(file)
    // Cut there, counted from either end; a place in the header is also overwritten.
    try whole.prefix(place < 0 ? whole.count + place : place)
      .write(to: URL(fileURLWithPath: file))
    #expect(PreparedFile.open(file, key: key, name: "a") == nil)
    if place >= 0, place < 300 {
      var bytes = whole
      bytes[place] ^= 0xFF
      try bytes.write(to: URL(fileURLWithPath: file))
      #expect(PreparedFile.open(file, key: key, name: "a") == nil)
    }
    #expect(try Self.fill("\(path)/cache", dataset).prepared == 1)
    #expect(try SmallStudy.bytes(file) == whole)
  }

  @Test("a bit that fell over among the voxels is found, and the volume prepared anew")
  func bits() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a"])
    let dataset = try Dataset.open("\(path)/data")
    #expect(try Self.fill("\(path)/cache", dataset).prepared == 1)
    let file = "\(path)/cache/\(try Self.files("\(path)/cache")[0])"
    let whole = try SmallStudy.bytes(file)
    // 120 voxels of four bytes, then classes and reference of one byte each.
    for place in [whole.count - 720, whole.count - 241, whole.count - 240, whole.count - 1] {
      var bytes = whole
      bytes[place] ^= 1
      try bytes.write(to: URL(fileURLWithPath: file))
      #expect(try Self.fill("\(path)/cache", dataset).prepared == 1)
      #expect(try SmallStudy.bytes(file) == whole)
    }
    #expect(try Self.fill("\(path)/cache", dataset).prepared == 0)
  }

  @Test("what is mapped stays as it is when its file is removed or replaced")
  func removed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a"])
    let dataset = try Dataset.open("\(path)/data")
    let filled = try Self.fill("\(path)/cache", dataset)
    let kept = try filled.subject(dataset.subjects[0])
    let fresh = try PreparedSubject(dataset.subjects[0], Self.experiment(dataset))
    try FileManager.default.removeItem(atPath: "\(path)/cache")
    #expect(kept.image == fresh.image && kept.classes == fresh.classes)
    // A file that vanished before it was opened is prepared in memory.
    #expect(try filled.subject(dataset.subjects[0]).image == fresh.image)
  }

  @Test("a full disk is told in a sentence, and leaves nothing behind")
  func fullDisk() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a"])
    let dataset = try Dataset.open("\(path)/data")
    let subject = try PreparedSubject(dataset.subjects[0], Self.experiment(dataset))
    let file = "\(path)/a.prepared"
    // Room for so many calls of write, or none for bringing it to the disk.
    for room in [0, 1, 2, 4, 99] {
      let count = Mutex(0)
      var calls = SystemCalls.live
      calls.write = { descriptor, bytes in
        let isFull = count.withLock { count in
          count += 1
          return count > room
        }
        return isFull
          ? .failure(SystemError(code: ENOSPC)) : SystemCalls.live.write(descriptor, bytes)
      }
      if room == 99 { calls.synchronize = { _ in .failure(SystemError(code: ENOSPC)) } }
      let full = calls
      let error = #expect(throws: FileError.self) {
        try PreparedFile.write(subject, key: "k", to: file, calls: full)
      }
      let text = error?.description ?? ""
      #expect(text.contains(file) && text.contains("No space left") && text.contains("data.cache"))
      #expect(try Self.files(path) == ["data"])
    }
    #expect(throws: FileError.self) {
      try PreparedFile.write(subject, key: "k", to: "\(path)/nowhere/a.prepared")
    }
  }

  @Test("a source that is gone or cut short is a sentence with its name, on every rank the same")
  func sources() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a", "b", "c"])
    let dataset = try Dataset.open("\(path)/data")
    let image = "\(path)/data/imagesTr/b_0000.nii.gz"
    let whole = try SmallStudy.bytes(image)
    for cut in [nil, whole.count / 2] as [Int?] {
      if let cut {
        try whole.prefix(cut).write(to: URL(fileURLWithPath: image))
      } else {
        try FileManager.default.removeItem(atPath: image)
      }
      for ranks in [1, 3] {
        let errors = try InProcessCommunicator.run(ranks: ranks) { world -> String in
          do {
            let cache = try PreparedCache("\(path)/cache", for: Self.experiment(dataset))
            _ = try cache.fill(dataset, world: world)
            return ""
          } catch {
            return "\(error)"
          }
        }
        #expect(errors.allSatisfy { $0.contains(image) }, "\(errors)")
      }
      // Nothing of the faulty subject is kept.
      #expect(try !Self.files("\(path)/cache").contains { $0.hasPrefix("b-") || $0.hasPrefix(".") })
    }
  }

  @Test(
    "what a header names and a folder holds belongs to the volume",
    arguments: [
      ("a.nhdr", ["a.nhdr", "a.raw.gz"]), ("a.mhd", ["a.mhd", "a.zraw"]),
      ("a.img", ["a.hdr", "a.img"]), ("slices", ["slices/1.png", "slices/inner/2.png"]),
      ("a.mha", ["a.mha"]),
    ])
  func parts(name: String, parts: [String]) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a"])
    let dataset = try Dataset.open("\(path)/data")
    var subject = try #require(dataset.subjects.first)
    if name == "slices" {
      try FileManager.default.createDirectory(
        atPath: "\(path)/slices/inner", withIntermediateDirectories: true)
      for part in parts { try Data("a slice".utf8).write(to: URL(filePath: "\(path)/\(part)")) }
    } else {
      let image = try VolumeFiles.readImage(subject.images[0])
      try VolumeFiles.write(image, to: "\(path)/\(name)")
    }
    #expect(try VolumeFiles.parts(of: "\(path)/\(name)") == parts.map { "\(path)/\($0)" })
    subject.images = ["\(path)/\(name)"]
    let cache = try PreparedCache("\(path)/cache", for: Self.experiment(dataset))
    let (key, checksum) = (try cache.key(of: subject), try VolumeChecksum(subject.images[0]))
    #expect(try cache.key(of: subject) == key)
    for part in parts where !part.hasSuffix("hdr") && !part.hasSuffix("mhd") {
      let file = URL(filePath: "\(path)/\(part)")
      let whole = try Data(contentsOf: file)
      var changed = whole
      changed[changed.endIndex - 1] ^= 1
      try changed.write(to: file)
      #expect(try cache.key(of: subject) != key)
      #expect(try VolumeChecksum(subject.images[0]).checksum != checksum.checksum)
      try whole.write(to: file)
    }
    #expect(try cache.key(of: subject) == key)
    #expect(try VolumeChecksum(subject.images[0]).length == checksum.length && checksum.length > 0)
  }

  @Test("a file's stamp changes with what is written to it")
  func stamps() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/x"
    let missing = FileStamp(file)
    try Data([1, 2]).write(to: URL(fileURLWithPath: file))
    let first = FileStamp(file)
    #expect(first != missing && first == FileStamp(file))
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file))
    #expect(FileStamp(file) != first)
  }

  @Test("pruning removes what was not used for long, and use makes young")
  func pruning() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a", "b"])
    let dataset = try Dataset.open("\(path)/data")
    let cache = "\(path)/cache"
    _ = try Self.fill(cache, dataset)
    _ = try Self.fill(cache, dataset, ["preparation.normalization={kind: none}"])
    let remains = "\(cache)/.a-0.prepared.X.partial"
    let others = ["\(cache)/notes.txt", remains]
    for file in others { try Data([1]).write(to: URL(fileURLWithPath: file)) }
    let old = Date(timeIntervalSinceNow: -40 * 86_400)
    for file in try Self.files(cache) {
      try FileManager.default.setAttributes(
        [.modificationDate: old], ofItemAtPath: "\(cache)/\(file)")
    }
    // A run uses two of the four, and removes what a killed one left.
    #expect(try Self.fill(cache, dataset).prepared == 0)
    #expect(!FileManager.default.fileExists(atPath: remains))
    let pruned = try PreparedCache.prune(cache, unusedFor: 30)
    #expect(pruned.files == 2 && pruned.bytes > 2 * 720)
    #expect(try Self.files(cache).count == 3)
    #expect(try Self.fill(cache, dataset).prepared == 0)
    #expect(try PreparedCache.prune(cache, unusedFor: 0).files == 2)
    #expect(try Self.files(cache) == ["notes.txt"])
    #expect(throws: FileError.self) { try PreparedCache.prune("\(path)/no", unusedFor: 1) }
  }

  @Test("a file of another key is not taken")
  func otherKey() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a"])
    let filled = try Self.fill("\(path)/cache", Dataset.open("\(path)/data"))
    let file = "\(path)/cache/\(try Self.files("\(path)/cache")[0])"
    let key = try #require(filled.keys["a"])
    #expect(PreparedFile.open(file, key: key, name: "a") != nil)
    #expect(
      PreparedFile.open(file, key: String(key.reversed()), name: "a") == nil)
  }

  @Test("runs that prepare at once leave whole files and nothing else")
  func atOnce() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 2)
    let dataset = try Dataset.open("\(path)/data")
    let cache = try PreparedCache("\(path)/cache", for: Self.experiment(dataset))
    // Every rank is a run of its own.
    let done = try InProcessCommunicator.run(ranks: 4) { _ in
      try cache.fill(dataset, world: SerialCommunicator())
    }
    #expect(try Self.files("\(path)/cache").count == 2)
    for subject in dataset.subjects {
      let kept = try done[0].subject(subject)
      #expect(try kept.image == PreparedSubject(subject, Self.experiment(dataset)).image)
    }
    #expect(try cache.fill(dataset, world: SerialCommunicator()).prepared == 0)
  }

  @Test("a run with a cache trains to the same weights, and its second start prepares nothing")
  func training() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4)
    let plain = try #require(try SmallStudy.train(in: path, folds: [0], output: "plain"))
    let cached = try #require(
      try SmallStudy.train(
        in: path, folds: [0], output: "cached", overrides: ["data.cache=\(path)/cache"]))
    #expect(try Self.files("\(path)/cache").count == 4)
    #expect(plain.table.subjects.map(\.labels) == cached.table.subjects.map(\.labels))
    func weights(_ folder: RunFolder) throws -> [String: [UInt8]] {
      let checkpoint = try Checkpoint(
        reading: [UInt8](SmallStudy.bytes(folder.fold(0).checkpoint(.final))), name: "final")
      return checkpoint.file.tensors.mapValues(\.bytes)
    }
    #expect(try weights(plain.folder) == weights(cached.folder))
  }
}
