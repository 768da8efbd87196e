import Testing

@testable import Volumes

/// Files whose headers declare 4x3x2 voxels of 16 bits, each followed by more.
///
/// nibabel 5.4, SimpleITK 2.5 and NumPy 2.4 read the declared part of such files without a word; pynrrd
/// 1.1 refuses them ("Size of the data does not equal the product of all the dimensions").
struct SurplusCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let path: String
  /// The file, whose voxels are the given bytes.
  let content: @Sendable ([UInt8]) -> [String: [UInt8]]
  /// What is counted: bytes, or numbers in text.
  var bytesPerUnit = 1

  static let shape = [4, 3, 2]
  static let voxels: [UInt8] = (0..<24).flatMap { [UInt8($0), 1] as [UInt8] }

  private static func nrrd(_ encoding: String, _ fields: String...) -> String {
    ([
      "NRRD0004", "type: short", "dimension: 3", "space: LPS", "sizes: 4 3 2",
      "space directions: (1,0,0) (0,1,0) (0,0,1)", "endian: little", "encoding: \(encoding)",
    ] + fields).joined(separator: "\n") + "\n\n"
  }

  private static func meta(_ lines: String..., data: String = "LOCAL") -> String {
    (["ObjectType = Image", "NDims = 3", "DimSize = 4 3 2", "ElementType = MET_SHORT"] + lines + [
      "ElementDataFile = \(data)"
    ]).joined(separator: "\n") + "\n"
  }

  private static func text(_ bytes: [UInt8]) -> [UInt8] {
    let numbers = stride(from: 0, to: bytes.count, by: 2).map {
      "\(Int16(bytes[$0]) + 256 * Int16(bytes[$0 + 1]))"
    }
    return Array((numbers.joined(separator: " ") + "\n").utf8)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] } + [0x0A]
  }

  private static func nifti(single: Bool) -> [UInt8] {
    var header = NIfTIHeader(version: 1)
    header.set(.dim, to: 3)
    for axis in 1...3 { header.set(.dim, axis, to: Double(shape[axis - 1])) }
    header.set(.datatype, to: 4)
    header.mark(as: single ? .single : .pair)
    header.set(.dataOffset, to: single ? 352 : 0)
    return header.bytes + [0, 0, 0, 0]
  }

  /// Cases whose voxels are bytes: zeros behind them may be padding.
  static let binary = [
    SurplusCase(testDescription: "NIfTI", path: "a.nii") { ["a.nii": nifti(single: true) + $0] },
    SurplusCase(testDescription: "NIfTI, gzip", path: "a.nii.gz") {
      ["a.nii.gz": Deflater.compress(nifti(single: true) + $0, .gzip)]
    },
    SurplusCase(testDescription: "NIfTI, two members of gzip", path: "a.nii.gz") {
      let bytes = nifti(single: true) + $0
      return [
        "a.nii.gz": Deflater.compress(Array(bytes[..<380]), .gzip)
          + Deflater.compress(Array(bytes[380...]), .gzip)
      ]
    },
    SurplusCase(testDescription: "NIfTI, a pair", path: "a.hdr") {
      ["a.hdr": nifti(single: false), "a.img": $0]
    },
    SurplusCase(testDescription: "NRRD, raw", path: "a.nrrd") {
      ["a.nrrd": Array(nrrd("raw").utf8) + $0]
    },
    SurplusCase(testDescription: "NRRD, gzip", path: "a.nrrd") {
      ["a.nrrd": Array(nrrd("gzip").utf8) + Deflater.compress($0, .gzip)]
    },
    SurplusCase(testDescription: "NRRD, detached", path: "a.nhdr") {
      ["a.nhdr": Array(nrrd("raw", "data file: a.raw").utf8), "a.raw": $0]
    },
    SurplusCase(testDescription: "NRRD, detached, skipping", path: "a.nhdr") {
      [
        "a.nhdr": Array(nrrd("raw", "byte skip: 5", "data file: a.raw").utf8),
        "a.raw": [9, 9, 9, 9, 9] + $0,
      ]
    },
    SurplusCase(testDescription: "MetaImage", path: "a.mha") { ["a.mha": Array(meta().utf8) + $0] },
    SurplusCase(testDescription: "MetaImage, compressed", path: "a.mha") {
      ["a.mha": Array(meta("CompressedData = True").utf8) + Deflater.compress($0, .zlib)]
    },
    SurplusCase(testDescription: "MetaImage, detached", path: "a.mhd") {
      ["a.mhd": Array(meta(data: "a.raw").utf8), "a.raw": $0]
    },
    SurplusCase(testDescription: "NumPy", path: "a.npy") {
      ["a.npy": NPYHeader(element: .int16, shape: shape).bytes + $0]
    },
  ]

  /// Cases whose voxels are written down as digits.
  static let written = [
    SurplusCase(
      testDescription: "NRRD, text", path: "a.nrrd",
      content: {
        ["a.nrrd": Array(nrrd("text").utf8) + text($0)]
      }, bytesPerUnit: 2),
    SurplusCase(testDescription: "NRRD, hexadecimal", path: "a.nrrd") {
      ["a.nrrd": Array(nrrd("hex").utf8) + hexadecimal($0)]
    },
    SurplusCase(
      testDescription: "MetaImage, text", path: "a.mha",
      content: {
        ["a.mha": Array(meta("BinaryData = False").utf8) + text($0)]
      }, bytesPerUnit: 2),
  ]

  func read(_ bytes: [UInt8]) throws -> Volume {
    try VolumeFiles.readImage(path, in: MemoryFiles(contents: content(bytes)))
  }
}

@Suite("A file that holds more voxels than its header declares is refused")
struct SurplusTests {
  @Test("with what was expected and found", arguments: SurplusCase.binary + SurplusCase.written)
  func refused(example: SurplusCase) throws {
    let voxels = SurplusCase.voxels
    #expect(try example.read(voxels).voxels.count == 24)
    // One row, one slice, as many again, and a megabyte more.
    for surplus in [2, 12, 24, 48, 1 << 20] {
      let more = [UInt8](repeating: 1, count: surplus)
      let error = try #require(fault(try example.read(voxels + more)))
      #expect(error.kind == .malformed)
      let (unit, size) = (example.bytesPerUnit == 2 ? "numbers" : "bytes", example.bytesPerUnit)
      #expect(
        error.reason.hasPrefix("holds more data than its header declares: \(48 / size) \(unit) of ")
      )
      let found = "\((48 + surplus) / size) found"
      #expect(error.reason.contains(" \(found)") || error.reason.contains("at least"))
    }
  }

  @Test(
    "and so are empty slices, while fewer zeros are padding", arguments: SurplusCase.binary)
  func zeros(example: SurplusCase) throws {
    let voxels = SurplusCase.voxels
    // The smallest face of 4x3x2 voxels of 16 bits has 12 bytes.
    for surplus in [1, 11] {
      let padding = [UInt8](repeating: 0, count: surplus)
      #expect(try example.read(voxels + padding) == example.read(voxels))
    }
    for surplus in [12, 24, 5000, 1 << 22] {
      let more = [UInt8](repeating: 0, count: surplus)
      #expect(fault(try example.read(voxels + more))?.kind == .malformed)
    }
  }

  @Test("large volumes may be padded to whole blocks of up to 4096 bytes")
  func blocks() throws {
    let header = NPYHeader(element: .uint8, shape: [100, 100, 100]).bytes
    func read(_ surplus: Int) throws -> Volume {
      let content = header + [UInt8](repeating: 0, count: 1_000_000 + surplus)
      return try VolumeFiles.readImage("a.npy", in: MemoryFiles(contents: ["a.npy": content]))
    }
    #expect(try read(4096) == read(0))
    #expect(
      fault(try read(4097))?.reason.contains("1000000 bytes of numbers expected, 1004097")
        == true)
  }

  @Test("a bomb is not followed to its end")
  func bomb() throws {
    let gzip = try #require(SurplusCase.binary.first { $0.testDescription == "NIfTI, gzip" })
    let zeros = [UInt8](repeating: 0, count: 1 << 24)
    #expect(
      fault(try gzip.read(SurplusCase.voxels + zeros))?.reason.contains(
        "at least \(48 + 1 << 20) found") == true)
  }

  @Test("voxels at the end of a file may follow anything, unless that is behind their own header")
  func atTheEnd() throws {
    let before = [UInt8](repeating: 7, count: 1000)
    let nrrd = "NRRD0004\ntype: short\ndimension: 3\nsizes: 4 3 2\nendian: little\n"
    let fields = nrrd + "encoding: raw\nbyte skip: -1\n"
    let detached = MemoryFiles(contents: [
      "a.nhdr": Array((fields + "data file: a.raw\n\n").utf8), "a.raw": before + SurplusCase.voxels,
    ])
    #expect(try VolumeFiles.readImage("a.nhdr", in: detached).voxels[0] == 256)
    func attached(_ before: [UInt8]) throws -> Volume {
      let content = Array((fields + "\n").utf8) + before + SurplusCase.voxels
      return try VolumeFiles.readImage("a.nrrd", in: MemoryFiles(contents: ["a.nrrd": content]))
    }
    #expect(try attached([0x0A]).voxels[0] == 256)
    #expect(
      fault(try attached(before))?.reason.contains("48 bytes of voxels expected, 1048") == true)
  }
}
