import Foundation
import Glibc
import Testing

@testable import DistTrainer

@Suite struct AtomicFileTests {
  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test("a file is replaced whole, and nothing else stays in the folder")
  func replace() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.txt"
    try AtomicFile.replace(path, with: "old")
    try AtomicFile.replace(path) { file in
      try file.write(Array("new, ".utf8).span)
      try unsafe file.write([Float(1), 2].span.bytes)
    }
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(Array(bytes) == Array("new, ".utf8) + [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
    #expect(try Self.names(in: folder.path) == ["a.txt"])
  }

  @Test("what a killed run left behind is overwritten, and a link in its place is not followed")
  func leftovers() throws {
    let folder = try TemporaryFolder()
    try folder.write([".a.txt.partial"], text: String(repeating: "x", count: 100))
    try AtomicFile.replace(folder.path + "/a.txt", with: "new")
    #expect(try Self.text(folder.path + "/a.txt") == "new")
    try folder.write(["victim"], text: "victim")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/.a.txt.partial", withDestinationPath: folder.path + "/victim")
    #expect(throws: FileError.self) {
      try AtomicFile.replace(folder.path + "/a.txt", with: "newer")
    }
    #expect(try Self.text(folder.path + "/victim") == "victim")
    #expect(try Self.text(folder.path + "/a.txt") == "new")
  }

  /// Calls of a disk with room for so many bytes, which writes at most seven at a time and is
  /// interrupted now and then.
  static func disk(room: Int, synchronizes: Bool = true) -> SystemCalls {
    let left = Counter(room)
    return SystemCalls(
      write: { descriptor, bytes in
        if left.turns.isMultiple(of: 3) { return .failure(SystemError(code: EINTR)) }
        let count = min(bytes.byteCount, 7, left.value)
        guard count > 0 else { return .failure(SystemError(code: ENOSPC)) }
        left.value -= count
        return SystemCalls.live.write(descriptor, bytes.extracting(0..<count))
      },
      synchronize: { descriptor in
        synchronizes ? SystemCalls.live.synchronize(descriptor) : .failure(SystemError(code: EIO))
      })
  }

  /// Used from one thread only: the closures run inside the call that they are given to.
  final class Counter: @unchecked Sendable {
    var value: Int
    private var count = 0
    var turns: Int {
      count += 1
      return count
    }
    init(_ value: Int) { self.value = value }
  }

  @Test("partial and interrupted writes are continued")
  func partialWrites() throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "0123456789", count: 20)
    try AtomicFile.replace(folder.path + "/a", calls: Self.disk(room: 1000)) {
      try $0.write(Array(text.utf8).span)
    }
    #expect(try Self.text(folder.path + "/a") == text)
  }

  @Test("a full disk keeps the old file and says what to do", arguments: [true, false])
  func fullDisk(whileWriting: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/checkpoint_latest.safetensors"
    try AtomicFile.replace(path, with: "old")
    let calls = Self.disk(room: whileWriting ? 20 : 1000, synchronizes: whileWriting)
    let error = #expect(throws: FileError.self) {
      try AtomicFile.replace(path, calls: calls) { file in
        for _ in 0..<10 { try file.write(Array("0123456789".utf8).span) }
      }
    }
    #expect(error?.path == path)
    #expect(error?.description.contains("Cannot write \(path)") == true)
    #expect(error?.description.contains("is kept") == true)
    if whileWriting { #expect(error?.description.contains("free space there") == true) }
    #expect(try Self.text(path) == "old")
    #expect(try Self.names(in: folder.path) == ["checkpoint_latest.safetensors"])
  }

  @Test("an error of the writer's own leaves the old file, too")
  func bodyThrows() throws {
    struct Stop: Error {}
    let folder = try TemporaryFolder()
    try AtomicFile.replace(folder.path + "/a", with: "old")
    #expect(throws: Stop.self) {
      try AtomicFile.replace(folder.path + "/a") { file in
        try file.write(Array("new".utf8).span)
        throw Stop()
      }
    }
    #expect(try Self.text(folder.path + "/a") == "old")
    #expect(try Self.names(in: folder.path) == ["a"])
  }

  @Test("a folder that is not there is named")
  func noFolder() {
    let error = #expect(throws: FileError.self) {
      try AtomicFile.replace("/nowhere/at/all/a.txt", with: "x")
    }
    #expect(error?.description.contains("/nowhere/at/all/a.txt") == true)
    #expect(error?.description.contains("make the folder") == true)
  }

  @Test("a real disk of 64 KiB that fills up keeps the old file")
  func tinyDisk() throws {
    let folder = try TemporaryFolder()
    let mount = Process()
    mount.executableURL = URL(fileURLWithPath: "/bin/mount")
    mount.arguments = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path]
    mount.standardError = FileHandle.nullDevice
    guard (try? mount.run()) != nil else { return try Test.cancelLoudly() }
    mount.waitUntilExit()
    guard mount.terminationStatus == 0 else { return try Test.cancelLoudly() }
    defer {
      let unmount = Process()
      unmount.executableURL = URL(fileURLWithPath: "/bin/umount")
      unmount.arguments = [folder.path]
      if (try? unmount.run()) != nil { unmount.waitUntilExit() }
    }
    let path = folder.path + "/a"
    try AtomicFile.replace(path, with: "old")
    let large = String(repeating: "x", count: 100_000)
    let error = #expect(throws: FileError.self) { try AtomicFile.replace(path, with: large) }
    #expect(error?.description.contains("free space there") == true)
    #expect(try Self.text(path) == "old")
    #expect(try Self.names(in: folder.path) == ["a"])
  }
}

extension Test {
  /// Ends a test that this machine does not permit, and says so.
  static func cancelLoudly() throws {
    try Test.cancel("SKIPPED: this machine does not let the tests mount a small disk")
  }
}
