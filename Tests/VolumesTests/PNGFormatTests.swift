import Testing

@testable import Volumes

@Suite("Slices as PNG")
struct PNGFormatTests {
  private func slice(_ value: UInt8, width: Int = 3, height: Int = 2) throws -> [UInt8] {
    let pixels = (0..<width * height).map { value + UInt8($0) }
    return try PNGImage(width: width, height: height, bytes: pixels).png()
  }

  @Test("numbered slices are one volume, in the order of their numbers")
  func stack() throws {
    var files = MemoryFiles(contents: ["case/notes.md": []])
    for number in [8, 9, 10, 11] {
      files.contents["case/slice\(number).png"] = try slice(UInt8(10 * number))
    }
    let volume = try VolumeFiles.readImage("case", in: files)
    #expect(volume.geometry.shape == [3, 2, 4])
    for (index, number) in [8, 9, 10, 11].enumerated() {
      for row in 0..<2 {
        for column in 0..<3 {
          let place = (column * 2 + row) * 4 + index
          #expect(volume.voxels[place] == Float(10 * number + 3 * row + column))
        }
      }
    }
    // Columns run to the left, rows to posterior, slices to superior, as ITK takes them.
    #expect(volume.geometry.orientation.code == "LPS")
    #expect(volume.geometry.spacing == [1, 1, 1])
    #expect(
      try VolumeFiles.readHeader("case", in: files).notes.first?.words.contains("spacing.txt")
        == true)

    files.contents["case/spacing.txt"] = Array("0.25, 0.5, 3\n".utf8)
    let header = try VolumeFiles.readHeader("case", in: files)
    #expect(header.geometry.spacing == [0.25, 0.5, 3])
    #expect(header.notes.map(\.subject) == [.directions])
  }

  @Test("colors are channels, and one picture is a volume of one slice")
  func colors() throws {
    let image = PNGImage(width: 2, height: 1, color: .rgb, bytes: [1, 2, 3, 4, 5, 6])
    let files = MemoryFiles(contents: ["a.png": try image.png()])
    let volume = try VolumeFiles.readImage("a.png", in: files)
    #expect(volume.shape == [3, 2, 1, 1])
    #expect(volume.voxels == [1, 4, 2, 5, 3, 6])
  }

  @Test("slices that are missing, doubled, unnumbered or unlike are named")
  func faults() throws {
    func words(_ names: [String: [UInt8]]) -> String {
      let files = MemoryFiles(
        contents: .init(uniqueKeysWithValues: names.map { ("case/" + $0, $1) }))
      return fault(try VolumeFiles.readImage("case", in: files))?.description ?? ""
    }
    let good = try slice(0)
    #expect(
      words(["1.png": good, "2.png": good, "4.png": good])
        .contains("no slice between 2.png and 4.png"))
    #expect(
      words(["a1.png": good, "b1.png": good]).contains("two slices of the number 1"))
    #expect(words(["a.png": good, "b1.png": good]).contains("a.png, which has no number"))
    #expect(
      words(["1.png": good, "2.png": try slice(0, width: 4)]).hasPrefix("case/2.png: has 4 x 2"))
    #expect(words(["1.png": good, "2.png": Array(good.dropLast(30))]).hasPrefix("case/2.png"))
    #expect(words(["1.png": good, "spacing.txt": Array("1 2".utf8)]).contains("three positive"))
    #expect(words(["1.png": good, "spacing.txt": Array("1 2 0".utf8)]).contains("three positive"))
  }
}
