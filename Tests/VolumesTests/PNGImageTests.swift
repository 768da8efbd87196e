import Testing

@testable import Volumes

/// A case of `Tests/Fixtures/volumes/make_png.py`.
struct PNGCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let content: String
  /// Rows, columns, channels.
  let shape: [Int]
  let depth: Int
  let samples: [Int]

  var testDescription: String { name }
}

@Suite("Pictures as PNG")
struct PNGImageTests {
  static let cases = (try? Place.fixture("png.json", as: [PNGCase].self)) ?? []

  @Test("every kind of PNG is read with the samples that are stored", arguments: cases)
  func reading(_ example: PNGCase) throws {
    let image = try PNGImage(png: bytes(ofDigits: example.content), named: example.name)
    #expect([image.height, image.width, image.color.rawValue] == example.shape)
    #expect(image.depth == example.depth)
    let samples =
      image.depth == 8
      ? image.bytes.map(Int.init)
      : stride(from: 0, to: image.bytes.count, by: 2).map {
        Int(image.bytes[$0]) << 8 | Int(image.bytes[$0 + 1])
      }
    #expect(samples == example.samples)
    #expect(try PNGImage(png: image.png(), named: "again") == image)
  }

  @Test("there are cases")
  func completeness() { #expect(Self.cases.count == 14) }

  @Test("equal pictures give equal bytes, and a picture is written whole")
  func writing() throws {
    let image = PNGImage(
      width: 300, height: 200, color: .rgb,
      bytes: (0..<180_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) })
    #expect(try image.png() == image.png())
    try Place.withFolder { folder in
      try image.write(to: "\(folder)/picture.png")
      #expect(try PNGImage(png: contents("\(folder)/picture.png"), named: "picture") == image)
      let error = fault(try image.write(to: "\(folder)/none/picture.png"))
      #expect(error?.kind == .inaccessible)
    }
    let wide = PNGImage(
      width: 1 << 20 + 1, height: 1, bytes: [UInt8](repeating: 0, count: 1 << 20 + 1))
    #expect(fault(try wide.png())?.kind == .setting)
  }

  @Test("what is cut short, altered, foreign or lies about its size ends in a sentence")
  func hostile() throws {
    let image = PNGImage(width: 60, height: 50, bytes: (0..<3000).map { UInt8($0 % 251) })
    let content = try image.png()
    for count in [0, 1, 8, 20, 33, content.count / 2, content.count - 13] {
      let error = fault(try PNGImage(png: Array(content[..<count]), named: "short.png"))
      #expect(error?.kind == .damaged)
      #expect(error?.description.hasPrefix("short.png: cannot be read as PNG (") == true)
    }
    #expect(fault(try PNGImage(png: Array("GIF89a".utf8), named: "a.png"))?.kind == .damaged)
    var altered = content
    altered[content.count / 2] ^= 0xFF
    #expect(fault(try PNGImage(png: altered, named: "altered.png"))?.kind == .damaged)
    // A header of 2^20 x 2^20 pixels with a right checksum (zlib.crc32), before the same data.
    var huge = content
    huge.replaceSubrange(16..<24, with: [0, 16, 0, 0, 0, 16, 0, 0])
    huge.replaceSubrange(29..<33, with: Deflater.crc32(Array(huge[12..<29])).bytes)
    let error = fault(try PNGImage(png: huge, named: "huge.png"))
    #expect(error?.reason.contains("cannot hold 1048576 x 1048576 pixels") == true)
  }
}

extension UInt32 {
  /// The four bytes, the most significant first.
  fileprivate var bytes: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * $0)) }
  }
}
