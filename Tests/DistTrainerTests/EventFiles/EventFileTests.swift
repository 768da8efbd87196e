import Foundation
import Testing

@testable import DistTrainer

@Suite("Event files")
struct EventFileTests {
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
  @Test(
    "CRC-32C has its published values",
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
      ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0..<32), 0x46DD_794E), (Array("123456789".utf8), 0xE306_9283),
    ] as [([UInt8], UInt32)])
  func checksum(bytes: [UInt8], expected: UInt32) { #expect(CRC32C.of(bytes) == expected) }

  // Python, tensorboard 2.21.0:
  //   import io
  //   from tensorboard.compat.proto import event_pb2
  //   from tensorboard.summary.writer.record_writer import RecordWriter
  //   def rec(e):
  //     b = io.BytesIO(); w = RecordWriter(b); w.write(e.SerializeToString()); w.flush()
  //     return b.getvalue().hex()
  //   rec(event_pb2.Event(wall_time=1.5, file_version="brain.Event:2"))
  //   e = event_pb2.Event(wall_time=1700000000.25, step=300)
  //   v = e.summary.value.add(); v.tag = "dice/Anterior"; v.simple_value = 0.875
  //   v = e.summary.value.add(); v.tag = "loss"; v.simple_value = 0.0
  //   rec(e)
  //   e = event_pb2.Event(wall_time=2, step=(1 << 33) + 5)
  //   v = e.summary.value.add(); v.tag = "é"; v.simple_value = float("nan"); rec(e)
  static let golden: [(EventRecord, String)] = [
    (
      EventRecord(wallTime: 1.5, step: 0, content: .version),
      "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c"
    ),
    (
      EventRecord(
        wallTime: 1_700_000_000.25, step: 300,
        content: .scalars([.init(tag: "dice/Anterior", value: 0.875), .init(tag: "loss", value: 0)])
      ),
      "31000000000000009d8383e90900001040fc54d94110ac022a230a140a0d646963652f416e746572696f7215"
        + "0000603f0a0b0a046c6f737315000000000a82149a"
    ),
    (
      EventRecord(
        wallTime: 2, step: (1 << 33) + 5, content: .scalars([.init(tag: "é", value: .nan)])),
      "1c00000000000000c8c1951d0900000000000000401085808080202a0b0a090a02c3a9150000c07f54dc9339"
    ),
  ]

  @Test("records are TensorBoard's, byte by byte", arguments: golden.indices)
  func records(index: Int) {
    let (record, expected) = Self.golden[index]
    #expect(record.bytes.map { String(Int($0) + 256, radix: 16).suffix(2) }.joined() == expected)
  }

  @Test("a line's results become scalars, its places and times do not")
  func scalars() throws {
    let line =
      #"{"epoch":2,"step":100,"loss":0.5,"dice":null,"stoppedEarly":true,"seconds":3,"#
      + #""timings":{"feed":1},"diceByLabel":{"b":0.25,"a":1,"none":null}}"#
    let (step, scalars) = try #require(EventFile.scalars(in: line))
    #expect(step == 100)
    #expect(
      scalars == [
        .init(tag: "diceByLabel/a", value: 1), .init(tag: "diceByLabel/b", value: 0.25),
        .init(tag: "loss", value: 0.5),
      ])
    let exchanging =
      #"{"step":7,"timings":{"wait":3,"exposed":1.5,"exposedFraction":0.25,"overlap":0.75}}"#
    #expect(
      EventFile.scalars(in: exchanging)?.scalars == [
        .init(tag: "timings/exposed", value: 1.5),
        .init(tag: "timings/exposedFraction", value: 0.25),
        .init(tag: "timings/overlap", value: 0.75),
      ])
    let alone = #"{"step":7,"timings":{"exposed":0,"exposedFraction":0,"overlap":null}}"#
    #expect(EventFile.scalars(in: alone)?.scalars == [])
    for line in ["", "{}", "[1]", #"{"step":-1,"loss":1}"#, #"{"step":1e300,"loss":1}"#] {
      #expect(EventFile.scalars(in: line) == nil)
    }
  }

  static func write(_ steps: [Int], to path: String, after step: Int? = nil) throws {
    let file = try EventFile(path: path, continuingAfter: step)
    for step in steps { try file.append(line: #"{"step":\#(step),"loss":\#(Double(step) / 8)}"#) }
  }

  /// The bytes of a file with the wall times, and the checksums that hang on them, set to zero.
  static func timeless(_ path: String) throws -> [UInt8] {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var start = 0
    while start < bytes.count {
      let length = bytes[start..<(start + 8)].reversed().reduce(0) { $0 << 8 | Int($1) }
      for place in (start + 13)..<(start + 21) { bytes[place] = 0 }
      for place in (start + 12 + length)..<(start + 16 + length) { bytes[place] = 0 }
      start += length + 16
    }
    return bytes
  }

  @Test("a run that was continued has the file of one that was not, but for the wall times")
  func continuing() throws {
    let folder = try TemporaryFolder()
    let (whole, parts) = ("\(folder.path)/whole", "\(folder.path)/parts")
    try Self.write([50, 100, 150, 200], to: whole)
    try Self.write([50, 100, 150], to: parts)
    // Killed in the middle of a record, after step 150; the checkpoint is of step 120.
    let handle = try FileHandle(forUpdating: URL(filePath: parts))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(Self.golden[1].0.bytes.prefix(20)))
    try handle.close()
    try Self.write([150, 200], to: parts, after: 120)
    #expect(try Self.timeless(parts) == Self.timeless(whole))
    // Begun anew, the file forgets.
    try Self.write([50], to: parts)
    #expect(
      try Self.timeless(parts) == Array(Self.timeless(whole).prefix(Self.timeless(parts).count)))
  }

  @Test(
    "what is no event file is replaced, whatever lengths it claims", arguments: [0, 7, 8, 11, 40])
  func damaged(place: Int) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/events"
    var bytes = Self.golden[0].0.bytes + Self.golden[1].0.bytes
    bytes[place] ^= 0xFF
    try Data(bytes).write(to: URL(filePath: path))
    let kept = place < Self.golden[0].0.bytes.count ? 0 : Self.golden[0].0.bytes.count
    #expect(EventRecord.length(of: bytes, upTo: 1000) == kept)
    try Self.write([400], to: path, after: 300)
    #expect(
      EventRecord.length(of: [UInt8](try Data(contentsOf: URL(filePath: path))), upTo: 400) > 0)
  }

  @Test("a trained fold's event file says what its log says, and a run that goes on cuts both")
  func beside() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writePhantoms("\(folder.path)/data", count: 4)
    let run = try #require(
      try SmallStudy.train(
        in: folder.path, folds: [0],
        overrides: ["training.epochs=3", "training.validateEvery=1"])
    ).folder.fold(0)
    let lines = try String(contentsOfFile: run.log, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 3)
    let expected = try lines.map { line in
      let (step, scalars) = try #require(EventFile.scalars(in: String(line)))
      #expect(Set(["loss", "learningRate", "dice"]).isSubset(of: scalars.map(\.tag)))
      return EventRecord(wallTime: 0, step: step, content: .scalars(scalars)).bytes.count
    }
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: run.events)))
    let version = EventRecord(wallTime: 0, step: 0, content: .version).bytes.count
    #expect(bytes.count == version + expected.reduce(0, +))
    #expect(EventRecord.length(of: bytes, upTo: 4) == version + expected[0] + expected[1])
  }

  @Test(
    "TensorBoard itself opens the file",
    .enabled(
      if: ProcessInfo.processInfo.environment["SEGMPI_TENSORBOARD_PYTHON"] != nil,
      "SEGMPI_TENSORBOARD_PYTHON names no Python with tensorboard"))
  func tensorBoard() throws {
    let folder = try TemporaryFolder()
    try Self.write([50, 100, 150], to: "\(folder.path)/events.out.tfevents.segmpi")
    try Self.write([100, 200], to: "\(folder.path)/events.out.tfevents.segmpi", after: 60)
    let python = Process()
    python.executableURL = URL(
      filePath: try #require(ProcessInfo.processInfo.environment["SEGMPI_TENSORBOARD_PYTHON"]))
    let script = """
      import sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1]); events.Reload()
      print([(s.step, s.value) for s in events.Scalars("loss")])
      """
    python.arguments = ["-c", script, folder.path]
    let pipe = Pipe()
    python.standardOutput = pipe
    try python.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    python.waitUntilExit()
    #expect(
      String(decoding: output, as: UTF8.self) == "[(50, 6.25), (100, 12.5), (200, 25.0)]\n")
  }
}
