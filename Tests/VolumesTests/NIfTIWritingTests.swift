import Foundation
import Testing

@testable import Volumes

@Suite("NIfTI files are written whole, with the geometry they came with")
struct NIfTIWritingTests {
  private static let endings = [".nii", ".nii.gz", ".hdr", ".img.gz"]

  /// A header in the given version and byte order with every kind of field set, and its grid.
  private func template(
    version: Int, bigEndian: Bool, shape: [Int]
  ) throws -> (header: NIfTIHeader, geometry: Geometry) {
    var header = NIfTIHeader(version: version, bigEndian: bigEndian)
    header.set(.dim, to: 3)
    for axis in 0..<3 { header.set(.dim, axis + 1, to: Double(shape[axis])) }
    header.set(.datatype, to: 4)
    header.place(ramp(shape).geometry.affine)
    header.set(.sformCode, to: 4)
    header.set(.qformCode, to: 1)
    header.set(.quaternion, 0, to: 0.1)
    header.set(.units, to: 10)
    header.set(.intentCode, to: 1002)
    header.set(.pixdim, 4, to: 2.5)
    header.mark(as: .single)
    let encoded = try header.describe(single: true, source: "nifti")
    return (header, encoded.geometry)
  }

  @Test(
    "every element type, version, byte order and arrangement comes back unchanged",
    arguments: ElementType.allCases, [1, 2])
  func roundTrip(element: ElementType, version: Int) throws {
    try Place.withFolder { folder in
      for bigEndian in [false, true] {
        for ending in Self.endings {
          for channels in [1, 3] {
            let (header, geometry) = try template(
              version: version, bigEndian: bigEndian, shape: [3, 2, 4])
            var voxels = (0..<24 * channels).map { Float($0) }
            if element == .float32 || element == .float64 {
              voxels[3] = -1.0625e-3
            } else if element.rawValue.hasPrefix("int") {
              voxels[3] = -100
            }
            let volume = Volume(
              voxels: voxels, channels: channels, geometry: geometry,
              source: SourceHeader(format: "nifti", bytes: header.bytes))
            let path = "\(folder)/volume\(ending)"
            try VolumeFiles.write(volume, to: path, as: element)
            let encoded = try VolumeFiles.readHeader(path)
            #expect(encoded.element == element)
            #expect(encoded.bigEndian == bigEndian)
            let back = try VolumeFiles.readImage(path)
            #expect(back.voxels == voxels)
            #expect(back.shape == volume.shape)
            #expect(back.geometry == geometry)
            let written = try #require(back.source).bytes
            for field in Self.geometryFields(version) {
              #expect(written[field] == header.bytes[field])
            }
          }
        }
      }
    }
  }

  /// The bytes of units, intent, pixdim and both transforms.
  private static func geometryFields(_ version: Int) -> [Range<Int>] {
    version == 1 ? [68..<70, 76..<108, 123..<124, 252..<328] : [104..<168, 344..<496, 500..<508]
  }

  @Test("a volume without a source gets a header that gives its geometry back")
  func newHeader() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/volume.nii.gz"
      let volume = ramp([3, 4, 5])
      try VolumeFiles.write(volume, to: path)
      let back = try VolumeFiles.readImage(path)
      #expect(back.voxels == volume.voxels)
      // NIfTI-1 keeps transforms in single precision.
      #expect(try #require(back.geometry.cornerDisagreement(with: volume.geometry)) < 1e-5)
      // The axes are not at right angles: a qform cannot say so.
      let source = try #require(back.source)
      let header = try #require(NIfTIHeader(source.bytes))
      #expect(header.real(.qformCode) == 0)
    }
  }

  @Test("a new header's qform says the same as its sform, in all 48 orientations")
  func quaternions() throws {
    struct Cases: Decodable {
      struct Case: Decodable {
        let affine: [[Double]]
        let code: String
      }
      let cases: [Case]
    }
    var compared = 0
    for item in try Place.fixture("orientations.json", as: Cases.self).cases {
      let affine = Affine(rows: item.affine.map { SIMD4($0[0], $0[1], $0[2], $0[3]) })
      var header = NIfTIHeader(version: 2)
      header.set(.dim, to: 3)
      header.place(affine)
      guard header.real(.qformCode) > 0 else { continue }
      header.set(.sformCode, to: 0)
      let back = try header.affine(shape: [2, 3, 4])
      #expect(difference(back, item.affine) < 1e-9, "\(item.code)")
      compared += 1
    }
    #expect(compared == 48)
    // Rotations by 10 degrees more about each axis reach every branch of the conversion.
    for axis in 0..<3 {
      for degrees in stride(from: -180.0, to: 180, by: 10) {
        let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
        var columns = [SIMD3(1.0, 0, 0), SIMD3(0, 1.0, 0), SIMD3(0, 0, 1.0)]
        let (u, v) = ((axis + 1) % 3, (axis + 2) % 3)
        (columns[u][u], columns[u][v], columns[v][u], columns[v][v]) = (c, s, -s, c)
        let affine = Affine(columns: columns, origin: SIMD3(1, 2, 3))
        var header = NIfTIHeader(version: 2)
        header.set(.dim, to: 3)
        header.place(affine)
        header.set(.sformCode, to: 0)
        let rows = affine.rows.map { [$0.x, $0.y, $0.z, $0.w] }
        #expect(difference(try header.affine(shape: [2, 2, 2]), rows) < 1e-9)
      }
    }
  }

  @Test("more voxels along an axis than NIfTI-1 can say make the file NIfTI-2")
  func longAxis() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/long.nii"
      try VolumeFiles.write(ramp([1, 1, 40_000]), to: path)
      let back = try VolumeFiles.readImage(path)
      #expect(back.geometry.shape == [1, 1, 40_000])
      #expect(try contents(path)[4..<7].elementsEqual(Array("n+2".utf8)))
    }
  }

  @Test("values an element cannot hold are refused, and the old file stays")
  func outOfRange() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/volume.nii"
      try VolumeFiles.write(ramp([2, 2, 2]), to: path, as: .uint8)
      let before = try contents(path)
      let error = try #require(fault(try VolumeFiles.write(ramp([7, 7, 7]), to: path, as: .uint8)))
      #expect(error.description.contains("294.0 cannot be stored as UInt8"))
      #expect(try contents(path) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["volume.nii"])
    }
  }

  @Test("a folder that is missing, or in the way, is named, and nothing is left behind")
  func unwritable() throws {
    try Place.withFolder { folder in
      let missing = fault(try VolumeFiles.write(ramp([2, 2, 2]), to: "\(folder)/no/volume.nii"))
      #expect(missing?.kind == .inaccessible)
      #expect(missing?.description.contains("No such file or directory") == true)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/taken.nii", withIntermediateDirectories: true)
      let taken = fault(try VolumeFiles.write(ramp([2, 2, 2]), to: "\(folder)/taken.nii"))
      #expect(taken?.kind == .inaccessible)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken.nii"])
    }
  }

  @Test("equal volumes are equal bytes, compressed or not")
  func sameBytes() throws {
    try Place.withFolder { folder in
      for ending in [".nii", ".nii.gz"] {
        for name in ["a", "b"] {
          try VolumeFiles.write(ramp([5, 6, 7]), to: "\(folder)/\(name)\(ending)")
        }
        #expect(try contents("\(folder)/a\(ending)") == contents("\(folder)/b\(ending)"))
      }
    }
  }
}
