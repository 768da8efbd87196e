import DistTrainer
import Evaluation
import Foundation
import Testing

@Suite struct RunFolderTests {
  @Test("the layout is the design's")
  func layout() throws {
    let folder = try TemporaryFolder()
    let run = RunFolder(folder.path + "/runs/x")
    try run.create(folds: 2)
    try run.create(folds: 2)
    let expected = [
      run.configuration: "config.resolved.yaml", run.splits: "splits_final.json",
      run.provenance: "provenance.json",
      run.fold(1).checkpoint(.latest): "fold_1/checkpoint_latest.safetensors",
      run.fold(1).checkpoint(.best): "fold_1/checkpoint_best.safetensors",
      run.fold(0).checkpoint(.final): "fold_0/checkpoint_final.safetensors",
      run.fold(0).log: "fold_0/log.jsonl",
      run.fold(0).validation.prediction("a"): "fold_0/validation/a.nii.gz",
      run.fold(0).validation.metrics: "fold_0/validation/metrics.csv",
      run.fold(0).validation.summary: "fold_0/validation/summary.json",
      run.crossValidation.metrics: "crossval/metrics.csv",
    ]
    for (path, name) in expected {
      #expect(path == "\(folder.path)/runs/x/\(name)")
      try AtomicFile.replace(path, with: "x")
    }
    let error = #expect(throws: FileError.self) {
      try RunFolder(run.configuration).create(folds: 1)
    }
    #expect(error?.description.contains("--output") == true)
  }

  @Test("a folder is locked against another holder, who is named, and free after")
  func lock() throws {
    let folder = try TemporaryFolder()
    do {
      let lock = try FolderLock(folder: folder.path)
      let error = #expect(throws: FileError.self) { _ = try FolderLock(folder: folder.path) }
      #expect(error?.description.contains("written by another run (process ") == true)
      #expect(error?.description.contains("--output") == true)
      _ = consume lock
    }
    _ = try FolderLock(folder: folder.path)
    #expect(throws: FileError.self) { _ = try FolderLock(folder: folder.path + "/no") }
  }

  static func lines(_ path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { String($0) }
  }

  static func event(_ step: Int) -> JSONValue {
    .object([("event", .string("step")), ("step", .integer(step))])
  }

  @Test("a log grows by whole lines, which can be read while it is open")
  func log() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log.jsonl"
    let log = try RunLog(path: path)
    for step in 1...3 {
      try log.append(Self.event(step))
      #expect(try Self.lines(path).count == step)
    }
    #expect(try Self.lines(path).last == #"{"event":"step","step":3}"#)
    _ = try RunLog(path: path)
    #expect(try Self.lines(path).isEmpty)
  }

  @Test(
    "a continued log is cut after the restored step and before a torn line",
    arguments: [
      (0, 1), (1, 2), (3, 4), (4, 6), (9, 7),
    ])
  func continuedLog(step: Int, kept: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log.jsonl"
    let lines = [
      #"{"event":"begin"}"#, #"{"step":1}"#, #"{"step":2}"#, #"{"step":3}"#, #"{"step":4}"#,
      #"{"event":"validation"}"#, #"{"step":5}"#,
    ]
    try folder.write(["log.jsonl"], text: lines.joined(separator: "\n") + "\n" + #"{"step":6"#)
    let log = try RunLog(path: path, continuingAfter: step)
    #expect(try Self.lines(path) == Array(lines.prefix(kept)))
    try log.append(Self.event(step + 1))
    #expect(try Self.lines(path).count == kept + 1)
  }

  @Test("a log that is not there yet can be continued")
  func noLog() throws {
    let folder = try TemporaryFolder()
    let log = try RunLog(path: folder.path + "/log.jsonl", continuingAfter: 5)
    try log.append(Self.event(6))
    #expect(try Self.lines(folder.path + "/log.jsonl").count == 1)
    #expect(throws: FileError.self) { _ = try RunLog(path: folder.path + "/no/log.jsonl") }
  }

  @Test("provenance keeps the parts of a continued run and reads back")
  func provenance() throws {
    let folder = try TemporaryFolder()
    let path = RunFolder(folder.path).provenance
    let first = Provenance(
      command: ["segmpi", "train", "a b.yaml"], versions: ["segmpi": "1.0", "oneDNN": "2.6.3"],
      hosts: ["n1", "n1", "n2"], threads: 2, instructionSet: "avx512_core", precision: "float32",
      seeds: ["training": .max, "folds": 1],
      hashes: ["config.resolved.yaml": SHA256.hex(of: "schema: 1\n")])
    try first.write(to: path, continuing: true)
    var second = first
    second.continuedAfterStep = 40
    try second.write(to: path, continuing: true)
    #expect(try Provenance.read(path) == [first, second])
    #expect(first.ranks == 3 && first.seeds["training"] == "18446744073709551615")
    #expect(first.started.hasSuffix("Z"))
    try second.write(to: path, continuing: false)
    #expect(try Provenance.read(path) == [second])
    try folder.write(["provenance.json"], text: "{}")
    let error = #expect(throws: FileError.self) { try second.write(to: path, continuing: true) }
    #expect(error?.description.contains(path) == true)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "{}")
  }
}
