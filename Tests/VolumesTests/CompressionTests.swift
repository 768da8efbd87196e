import CounterRandom
import Foundation
import Testing

@testable import Volumes

@Suite("Compression in parallel")
struct CompressionTests {
  /// Sizes about the borders of blocks.
  static let sizes = [
    0, 1, 1000, Deflater.blockSize - 1, Deflater.blockSize, Deflater.blockSize + 1,
    3 * Deflater.blockSize + 12_345,
  ]

  /// Bytes of which some can be foretold.
  static func content(_ count: Int) -> [UInt8] {
    var stream = RandomStream(seed: 1, "compression")
    return (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7 &+ stream.integer(below: 3)) }
  }

  @Test("what is compressed comes back, and no number of threads changes a byte", arguments: sizes)
  func roundTrip(size: Int) throws {
    let content = Self.content(size)
    for frame in [DeflateFrame.gzip, .zlib, .zlibOrGzip, .bare] {
      let compressed = Deflater.compress(content, frame, threads: 1)
      for threads in [2, 3, 7] {
        #expect(Deflater.compress(content, frame, threads: threads) == compressed)
      }
      let inflater = try Inflater(compressed, frame)
      #expect(try inflater.read(atMost: size + 1) == content)
      #expect(inflater.isAtEnd)
    }
  }

  @Test("gunzip reads it as one member", arguments: sizes)
  func gunzip(size: Int) throws {
    try Place.withFolder { folder in
      let content = Self.content(size)
      try save(Deflater.compress(content, .gzip), "\(folder)/a.gz")
      let process = Process()
      process.executableURL = URL(filePath: "/bin/gzip")
      process.arguments = ["--decompress", "\(folder)/a.gz"]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(try contents("\(folder)/a") == content)
    }
  }

  @Test("blocks cost next to nothing in size")
  func size() throws {
    let content = Self.content(1 << 20)
    // The sizes of Python's len(zlib.compress(content, 6)) are those of one block: no dictionary lost.
    let whole = Deflater.compress(content, .zlib, blockSize: content.count).count
    let blocks = Deflater.compress(content, .zlib).count
    #expect(Double(blocks) < 1.005 * Double(whole))
  }

  @Test("the checksum is that of gzip")
  func checksum() {
    // Python: zlib.crc32(b"123456789")
    #expect(Deflater.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(Deflater.crc32([]) == 0)
  }

  @Test("pieces, skips and ends")
  func pieces() throws {
    let content = Self.content(500_000)
    let inflater = try Inflater(Deflater.compress(content, .gzip), .gzip)
    #expect(try inflater.read(atMost: 10) == Array(content[..<10]))
    #expect(try inflater.skip(atMost: 300_000) == 300_000)
    #expect(try inflater.read(atMost: 5) == Array(content[300_010..<300_015]))
    #expect(!inflater.isAtEnd)
    #expect(try inflater.skip(atMost: 1_000_000) == 500_000 - 300_015)
    #expect(inflater.isAtEnd)
    #expect(try inflater.read(atMost: 10).isEmpty)
  }
}
