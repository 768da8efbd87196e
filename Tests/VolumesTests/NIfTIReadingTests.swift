import Foundation
import Testing

@testable import Volumes

@Suite("NIfTI files are read as nibabel reads them")
struct NIfTIReadingTests {
  struct Golden: Decodable {
    struct File: Decodable {
      let refused: String?
      let shape: [Int]?
      let affine: [[Double]]?
      let orientation: String?
      let sum: Double?
      let weightedSum: Double?
      let minimum: Double?
      let maximum: Double?
    }
    let files: [String: File]
  }

  @Test("every file of the collection gives nibabel's values and affine, or a sentence")
  func collection() throws {
    guard let shared = Place.shared else {
      try Test.cancel("../shared/data is absent: the collection of odd files was not read")
    }
    let golden = try Place.fixture("nifti_golden.json", as: Golden.self)
    #expect(golden.files.count > 30)
    for (name, file) in golden.files.sorted(by: { $0.key < $1.key }) {
      let path = shared.appending(path: "nifti/\(name)").path
      if file.refused != nil {
        let error = fault(try VolumeFiles.readImage(path))
        let sentence = try #require(error?.description)
        #expect(sentence.contains("nifti"), "\(name)")
        continue
      }
      let volume = try VolumeFiles.readImage(path)
      #expect(volume.geometry.shape == Array(try #require(file.shape)[..<3]), "\(name)")
      #expect(difference(volume.geometry.affine, try #require(file.affine)) < 1e-9, "\(name)")
      #expect(volume.geometry.orientation.code == file.orientation, "\(name)")
      let (shape, span) = (volume.geometry.shape, volume.voxels.span)
      var (sum, weighted, place) = (0.0, 0.0, 0)
      var (low, high) = (Double.infinity, -Double.infinity)
      for c in 0..<volume.channels {
        for i in 0..<shape[0] {
          for j in 0..<shape[1] {
            for k in 0..<shape[2] {
              let value = Double(span[place])
              sum += value
              weighted += value * Double((7 * i + 13 * j + 31 * k + 5 * c) % 101)
              (low, high) = (min(low, value), max(high, value))
              place += 1
            }
          }
        }
      }
      let scale = 1e-6 * max(1, abs(high), abs(low)) * Double(place)
      #expect(abs(sum - (try #require(file.sum))) < scale, "\(name)")
      #expect(abs(weighted - (try #require(file.weightedSum))) < scale, "\(name)")
      #expect(Float(low) == Float(try #require(file.minimum)), "\(name)")
      #expect(Float(high) == Float(try #require(file.maximum)), "\(name)")
    }
  }

  struct Types: Decodable {
    struct Case: Decodable {
      let name: String
      let type: String
      let bigEndian: Bool
      let content: String
      let values: [Double]
      let affine: [[Double]]
    }
    let cases: [Case]
  }

  @Test("every type, byte order, version, slope and transform gives nibabel's numbers")
  func types() throws {
    let types = try Place.fixture("nifti_types.json", as: Types.self)
    #expect(types.cases.count == 40)
    try Place.withFolder { folder in
      for item in types.cases {
        let plain = [UInt8](try #require(Data(base64Encoded: item.content)))
        for (ending, bytes) in [(".nii", plain), (".nii.gz", Deflater.compress(plain, .gzip))] {
          let path = "\(folder)/case\(ending)"
          try save(bytes, path)
          let encoded = try VolumeFiles.readHeader(path)
          #expect(encoded.element.rawValue == item.type, "\(item.name)")
          #expect(encoded.bigEndian == item.bigEndian, "\(item.name)")
          let volume = try VolumeFiles.readImage(path)
          #expect(volume.shape == [1, 2, 3, 4], "\(item.name)")
          #expect(volume.voxels == item.values.map { Float($0) }, "\(item.name)")
          #expect(difference(volume.geometry.affine, item.affine) < 1e-12, "\(item.name)")
        }
      }
    }
  }

  @Test("a label file is read through its map, and refused with the value and its place")
  func labels() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/label.nii"
      var volume = ramp([2, 2, 2])
      volume.voxels = [0, 1, 2, 0, 1, 2, 2, 1]
      try VolumeFiles.write(volume, to: path)
      #expect(try VolumeFiles.readLabels(path).voxels == [0, 1, 2, 0, 1, 2, 2, 1])
      let map: [Int: UInt8] = [0: 0, 1: 7, 2: 0]
      #expect(try VolumeFiles.readLabels(path, map: map).voxels == [0, 7, 0, 0, 7, 0, 0, 7])
      let missing = fault(try VolumeFiles.readLabels(path, map: [0: 0, 1: 1]))?.description
      let reason = "which is none of the declared labels (0, 1); declare it, or correct the voxel"
      #expect(missing?.hasSuffix(" holds 2, \(reason)") == true)
      #expect(missing?.hasPrefix("\(path): voxel (") == true)
      // Without 0 in the map, 0 is as foreign as any other value.
      #expect(fault(try VolumeFiles.readLabels(path, map: [1: 1, 2: 2]))?.kind == .voxels)
      volume.voxels[5] = 1.5
      try VolumeFiles.write(volume, to: path)
      let broken = fault(try VolumeFiles.readLabels(path))?.description
      #expect(broken?.contains("voxel (1, 0, 1) holds 1.5, which is not an integer") == true)
      volume.voxels[5] = 300
      try VolumeFiles.write(volume, to: path, as: .int16)
      #expect(fault(try VolumeFiles.readLabels(path))?.reason.contains("300") == true)
      #expect(try VolumeFiles.readLabels(path, map: [0: 0, 1: 1, 2: 2, 300: 3]).voxels[5] == 3)
      volume.voxels[5] = .nan
      try VolumeFiles.write(volume, to: path)
      #expect(fault(try VolumeFiles.readLabels(path))?.reason.contains("nan") == true)
    }
  }

  @Test("NaN voxels are named with their number and the first place")
  func notFinite() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/image.nii.gz"
      var volume = ramp([2, 3, 4], channels: 2)
      volume.voxels[24 + 17] = .nan
      volume.voxels[24 + 20] = .infinity
      try VolumeFiles.write(volume, to: path)
      let error = try #require(fault(try VolumeFiles.readImage(path)))
      #expect(error.kind == .voxels)
      #expect(
        error.reason.hasPrefix("2 voxels NaN or infinite, the first at (1, 1, 1) of channel 1"))
      #expect(try VolumeFiles.readImage(path, finite: false).voxels[41].isNaN)
    }
  }
}
