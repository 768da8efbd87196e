import Testing

@testable import Volumes

@Suite("Hostile NRRD, MetaImage and NumPy files end in a sentence")
struct HostileFormatTests {
  static let nrrd = [
    "NRRD0004", "type: short", "dimension: 3", "space: LPS", "sizes: 2 2 2",
    "space directions: (1,0,0) (0,1,0) (0,0,1)", "endian: little", "encoding: raw",
  ]
  static let meta = [
    "ObjectType = Image", "NDims = 3", "BinaryData = True", "DimSize = 2 2 2",
    "ElementType = MET_SHORT", "ElementDataFile = LOCAL",
  ]

  /// The sentence of reading 16 bytes of voxels behind `lines`, some of which are replaced by those of
  /// `changes` that start alike.
  private func words(
    _ lines: [String], separator: Character, path: String, _ changes: [String],
    voxels: [UInt8] = [UInt8](repeating: 0, count: 16)
  ) throws -> String {
    var lines = lines
    for change in changes {
      let start = change.prefix { $0 != separator }
      if let index = lines.firstIndex(where: { $0.prefix { $0 != separator } == start }) {
        lines[index] = change
      } else if !change.contains(separator) {
        lines[0] = change
      } else {
        // The last line of a MetaImage header stays the last.
        lines.insert(change, at: separator == ":" ? lines.count : 1)
      }
    }
    let text = lines.joined(separator: "\n") + (separator == ":" ? "\n\n" : "\n")
    let files = MemoryFiles(contents: [path: Array(text.utf8) + voxels])
    do {
      let volume = try VolumeFiles.readImage(path, in: files)
      return "\(volume.shape)"
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "NRRD",
    arguments: [
      ([], "[1, 2, 2, 2]"),
      (["NRRD0007"], "is of the NRRD version"),
      (["NIFTI"], "is not an NRRD file"),
      (["type: block"], "holds blocks"),
      (["type: complex"], "the type \"complex\""),
      (["dimension: 99999999999999999999"], "the dimension"),
      (["dimension: 0"], "the dimension"),
      (["sizes: 2 2"], "the sizes \"2 2\""),
      (["sizes: 2 2 0"], "the sizes"),
      (["sizes: 2 2 -2"], "the sizes"),
      (["sizes: 9000000000 9000000000 9000000000"], "declares more than 4294967295 voxels"),
      (["sizes: 4294967295 4294967295 4294967297"], "declares more than 4294967295 voxels"),
      (["sizes: 2000 2000 1000"], "ends before its voxels do (8000000000 bytes wanted)"),
      (["space: right-anterior"], "lies in the space"),
      (["space directions: (1,0,0) (0,1,0) (1,1,0)"], "not an invertible transform"),
      (["space directions: (1,0,0) (0,1,0) (0,0,inf)"], "not an invertible transform"),
      (["space directions: (1,0,0) (0,1,0) (0,0,x)"], "the space directions \"(0,0,x)\""),
      (["space directions: (1,0,0) (0,1,0)"], "the space directions"),
      (["space directions: none none none"], "0 axes of space"),
      (["space origin: (nan,nan,nan)"], "[1, 2, 2, 2]"),
      (["space origin: (1,2)x"], "the space origin"),
      (["kinds: complex domain domain"], "numbers of the kind complex"),
      (["kinds: domain"], "the kinds"),
      (["endian: middle"], "the endian \"middle\""),
      (["encoding: bzip2"], "is encoded as bzip2, which is not read here"),
      (["encoding: rot13"], "the encoding \"rot13\""),
      (["encoding: gzip"], "cannot be decompressed"),
      (["encoding: hex"], "ends before its voxels do"),
      (["encoding: text"], "no Int16, as number 0"),
      (["byte skip: -2"], "the byteskip \"-2\""),
      (["byte skip: 9223372036854775807"], "has fewer bytes than are to be skipped"),
      (["byte skip: 4"], "ends before its voxels do"),
      (["line skip: 3"], "has fewer lines than are to be skipped"),
      (["line skip: 9223372036854775807"], "has fewer lines than are to be skipped"),
      (["data file: "], "the data file \"\""),
      (["data file: none.raw"], "none.raw: cannot be opened"),
      (["data file: LIST"], "the data file"),
      (["data file: s%d.raw 1 9223372036854775807 1"], "the data file"),
      (["data file: s%d.raw 9223372036854775807 0 -1"], "the data file"),
      (["data file: s%9999999999d.raw 1 2 1"], "the data file"),
      (["data file: s%n.raw 1 2 1"], "the data file"),
      (["sizes: 1000 1000 1000", "data file: s%d.raw 1 1000000000 1"], "the data file"),
      (["data file: s%d.raw 1 3 1"], "divides 8 voxels among 3 files"),
      (["type: short\ntype: short"], "says type twice"),
    ])
  func nrrd(changes: [String], words: String) throws {
    let found = try self.words(Self.nrrd, separator: ":", path: "a.nrrd", changes)
    #expect(found.contains(words))
  }

  @Test("what a file says cannot command a terminal")
  func escapes() throws {
    let found = try words(Self.nrrd, separator: ":", path: "a.nrrd", ["type: \u{1B}[2J\u{7}"])
    #expect(found.contains("the type \"\u{FFFD}[2j\u{FFFD}\""))
  }

  @Test("NRRD without what it must say")
  func missing() throws {
    for field in ["type", "dimension", "sizes", "endian", "encoding"] {
      let found = try words(
        Self.nrrd.filter { !$0.hasPrefix(field) }, separator: ":", path: "a.nrrd", [])
      #expect(found == "a.nrrd: does not say its \(field); export it again")
    }
    #expect(
      try words(Self.nrrd, separator: ":", path: "a.nhdr", []).contains(
        "does not name its data file"))
  }

  @Test(
    "MetaImage",
    arguments: [
      ([], "[1, 2, 2, 2]"),
      (["ObjectType = Tube"], "holds the object Tube"),
      (["NDims = 0"], "the NDims \"0\""),
      (["NDims = 9999999999999999999999"], "the NDims"),
      (["DimSize = 2 2"], "the DimSize \"2 2\""),
      (["DimSize = 2 2 -2"], "the DimSize"),
      (["DimSize = 9000000000 9000000000 9000000000"], "declares more than 4294967295 voxels"),
      (["DimSize = 2000 2000 1000"], "ends before its voxels do (8000000000 bytes wanted)"),
      (["ElementNumberOfChannels = 0"], "the ElementNumberOfChannels"),
      (["ElementNumberOfChannels = 9223372036854775807"], "declares more than"),
      (["ElementType = MET_STRING"], "the ElementType"),
      (["ElementSpacing = 1 1"], "the ElementSpacing"),
      (["ElementSpacing = 1 1 0"], "not an invertible transform"),
      (["ElementSpacing = 1 1 nan"], "not an invertible transform"),
      (["TransformMatrix = 1 0 0 0 1 0 0 0 0"], "not an invertible transform"),
      (["TransformMatrix = 1 0 0"], "the TransformMatrix"),
      (["Offset = 1 1 x"], "the Offset"),
      (["CompressedData = True"], "cannot be decompressed"),
      (["HeaderSize = -2"], "the HeaderSize"),
      (["HeaderSize = -1"], "[1, 2, 2, 2]"),
      (["HeaderSize = 9223372036854775807"], "has fewer bytes than are to be skipped"),
      (["BinaryData = False"], "no Int16, as number 0"),
      (["ElementDataFile = none.raw"], "none.raw: cannot be opened"),
      (["ElementDataFile = LIST"], "[1, 2, 2, 2]"),
      (["ElementDataFile ="], "the ElementDataFile"),
      (["ElementDataFile = %d 1 9999999999 1"], "the ElementDataFile"),
      (
        ["DimSize = 1000 1000 1000", "ElementDataFile = %d 1 1000000000 1"], "the ElementDataFile"
      ),
      (["NDims = 3\nNDims = 3"], "says NDims twice"),
    ])
  func meta(changes: [String], words: String) throws {
    let found = try self.words(Self.meta, separator: "=", path: "a.mha", changes)
    // Names of files follow LIST: zeros are none that exists.
    if changes == ["ElementDataFile = LIST"] {
      #expect(found.contains("cannot be opened"))
    } else {
      #expect(found.contains(words))
    }
  }

  private func npy(_ literal: String, version: UInt8 = 1, numbers: Int = 16) -> [UInt8] {
    let length = UInt16(literal.utf8.count)
    return NPYHeader.magic + [version, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + (version == 1 ? [] : [0, 0]) + Array(literal.utf8) + [UInt8](repeating: 0, count: numbers)
  }

  @Test(
    "NumPy",
    arguments: [
      ("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2, 2), }", "[1, 2, 2, 2]"),
      ("{\"shape\":(2,2,2),'fortran_order':True,'descr':'<i2'}  ", "[1, 2, 2, 2]"),
      ("{'descr': '<i2', 'fortran_order': False, 'shape': (2L, 2L, 2L)}", "[1, 2, 2, 2]"),
      (
        "{'descr': '|O', 'fortran_order': False, 'shape': (2, 2, 2)}",
        "Python objects, which are never"
      ),
      ("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 2, 2)}", "complex numbers"),
      ("{'descr': '<f16', 'fortran_order': False, 'shape': (2, 2, 2)}", "extended precision"),
      ("{'descr': '<U5', 'fortran_order': False, 'shape': (2, 2, 2)}", "not one number a voxel"),
      ("{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (2, 2, 2)}", "not one number"),
      ("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2, 0)}", "empty or of more than"),
      ("{'descr': '<i2', 'fortran_order': False, 'shape': ()}", "has 0 axes"),
      ("{'descr': '<i2', 'fortran_order': False, 'shape': (1, 1, 1, 1, 8)}", "has 5 axes"),
      ("{'descr': '<i2', 'fortran_order': False, 'shape': (99999, 99999, 99999)}", "more than"),
      (
        "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2, 99999)}",
        "ends before its numbers"
      ),
      (
        "{'descr': '<i2', 'fortran_order': False, 'shape': (2, -2, 2)}",
        "no description of an array"
      ),
      ("{'descr': '<i2', 'fortran_order': 1, 'shape': (2, 2, 2)}", "no description of an array"),
      ("{'descr': '<i2', 'fortran_order': False}", "no description of an array"),
      ("__import__('os')", "no description of an array"),
      ("{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", "no description"),
      ("", "no description of an array"),
    ])
  func numpy(literal: String, words: String) throws {
    for version in [UInt8(1), 2, 3] {
      let files = MemoryFiles(contents: ["a.npy": npy(literal, version: version)])
      do {
        #expect("\(try VolumeFiles.readImage("a.npy", in: files).shape)" == words)
      } catch {
        #expect("\(error)".contains(words))
      }
    }
    let files = MemoryFiles(contents: ["a.npy": npy(literal, version: 4)])
    #expect(fault(try VolumeFiles.readImage("a.npy", in: files))?.kind == .unsupported)
  }

  @Test("zip archives that lie about what they hold")
  func archives() throws {
    let array = NPYHeader(element: .uint8, shape: [2, 2, 2]).bytes + [UInt8](0..<8)
    let good = try ZipArchive.archive([("data.npy", array)], path: "")
    func words(_ bytes: [UInt8]) -> String {
      do {
        let files = MemoryFiles(contents: ["a.npz": bytes])
        return "\(try VolumeFiles.readImage("a.npz", in: files).shape)"
      } catch {
        return "\(error)"
      }
    }
    func set(_ place: Int, _ value: UInt8) -> [UInt8] {
      var bytes = good
      bytes[place] = value
      return bytes
    }
    #expect(words(good) == "[1, 2, 2, 2]")
    let end = good.count - 22
    let entry = try #require((0..<end).last { Array(good[$0..<$0 + 4]) == [0x50, 0x4B, 1, 2] })
    #expect(words(Array(good.dropLast(30))).contains("no directory at its end"))
    #expect(words(good + [UInt8](repeating: 0, count: 70_000)).contains("no directory at its end"))
    #expect(words(set(end + 10, 200)).contains("no directory at its end"))
    #expect(words(set(end + 19, 200)).contains("no directory at its end"))
    #expect(words(set(entry + 8, 1)).contains("is encrypted"))
    #expect(words(set(entry + 10, 99)).contains("method other than deflate"))
    #expect(words(set(entry + 10, 0)).contains("lies outside of the file"))
    #expect(words(set(entry + 16, good[entry + 16] ^ 1)).contains("wrong checksum"))
    #expect(words(set(entry + 23, 100)).contains("lies outside of the file"))
    #expect(words(set(entry + 27, 100)).contains("ends before its content"))
    #expect(words(set(entry + 45, 100)).contains("lies outside of the file"))
    #expect(words(set(entry + 47, 0xFF)).contains("holds no array") == false)
    let two = try ZipArchive.archive([("a.npy", array), ("b.npy", array)], path: "")
    #expect(words(two).contains("holds the arrays a, b; name the volume data"))
    #expect(words(try ZipArchive.archive([("a.txt", [])], path: "")).contains("holds no array"))
    let wrong = try ZipArchive.archive([("data.npy", array), ("affine.npy", array)], path: "")
    #expect(words(wrong).contains("has the shape [2, 2, 2], not (4, 4)"))
    let zeros =
      NPYHeader(element: .float64, shape: [4, 4]).bytes + [UInt8](repeating: 0, count: 128)
    let flat = try ZipArchive.archive([("data.npy", array), ("affine.npy", zeros)], path: "")
    #expect(words(flat).contains("not an invertible transform"))
  }
}
