import Testing

@testable import Volumes

@Suite("NRRD, MetaImage and NumPy are read as ITK, pynrrd and NumPy read them")
struct FormatReadingTests {
  @Test("every type, byte order, encoding and space gives their numbers", arguments: FormatCase.all)
  func reading(_ example: FormatCase) throws {
    let volume = try VolumeFiles.readImage(example.path, in: example.source)
    #expect(volume.channels == example.channels)
    #expect(volume.geometry.shape == example.shape)
    #expect(volume.voxels == example.values.map { Float($0) })
    // ITK makes directions anew from what it reads, to some units in the last place.
    #expect(difference(volume.geometry.affine, example.affine) < 1e-12)
    let header = try VolumeFiles.readHeader(example.path, in: example.source)
    #expect(header.geometry == volume.geometry)
    #expect(header.channels == volume.channels)
    #expect(header.bytes.isEmpty)
  }

  @Test("there are cases of every format")
  func completeness() {
    let endings = ["nrrd", "nhdr", "mha", "mhd", "npy", "npz"]
    for ending in endings {
      #expect(FormatCase.all.contains { $0.path.hasSuffix(ending) }, "no \(ending)")
    }
    #expect(FormatCase.all.count > 100)
  }

  @Test("what a file does not say is told")
  func notes() throws {
    func notes(_ name: String) throws -> [String] {
      let example = try #require(FormatCase.all.first { $0.name == name })
      return try VolumeFiles.readHeader(example.path, in: example.source).notes.map(\.words)
    }
    #expect(try notes("ITK mha u1") == [])
    #expect(try notes("npz stored") == [])
    for (name, words) in [
      (
        "npz of one array",
        ["has no affine: voxels of 1 mm", "to the right, anterior and superior"]
      ),
      ("NumPy <i2", ["has no voxel size: 1 mm", "to the right, anterior and superior"]),
      ("pynrrd spacings", ["does not name its space"]),
    ] {
      let found = try notes(name)
      #expect(found.count == words.count, "\(found)")
      for (sentence, piece) in zip(found, words) { #expect(sentence.contains(piece)) }
    }
  }
}
