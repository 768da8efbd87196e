import Foundation
import Testing

@testable import Volumes

@Suite("Volumes are copied from format to format")
struct VolumeConversionTests {
  @Test("64-bit numbers keep all digits on the way, and the geometry stays")
  func digits() throws {
    try Place.withFolder { folder in
      // Beyond float32's 24 bits.
      let values: [Double] = [0, 1, -1, 16_777_217, 9_007_199_254_740_991, -9_007_199_254_740_991]
      for element in [ElementType.int64, .float64] {
        var path = "\(folder)/first.nrrd"
        let geometry = Geometry(
          shape: [3, 2, 1],
          affine: Affine(spacing: SIMD3(0.1, 0.2, 0.3), origin: SIMD3(1e-3, 1e3, 0.1)))
        try VolumeFiles.write(
          VolumeContent(values: .numbers(values), channels: 1, geometry: geometry, source: nil),
          to: path, as: element)
        for ending in [".nii.gz", ".mha", ".npz", ".nhdr", ".npy"] {
          let next = "\(folder)/\(element.rawValue)\(ending)"
          let made = try VolumeConversion(path, to: next)
          #expect(made.element == element)
          #expect(made.geometry.shape == geometry.shape)
          path = next
        }
        let encoded = try VolumeFiles.format(of: path).read(path, headerOnly: false, in: Disk())
        #expect(try encoded.decode({ value, _ in value }, filler: 0) == values)
      }
    }
  }

  @Test("a spacing takes the place of the file's, scaled numbers become floating-point ones")
  func options() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/a.npy"
      try VolumeFiles.write(ramp([4, 3, 2]), to: path, as: .int16)
      let made = try VolumeConversion(path, to: "\(folder)/b.nii", spacing: [0.5, 0.75, 2])
      #expect(made.note == nil)
      #expect(made.element == .int16)
      #expect(try VolumeFiles.readImage("\(folder)/b.nii").geometry.spacing == [0.5, 0.75, 2])
      #expect(try VolumeConversion(path, to: "\(folder)/c.nii").note?.contains("1 mm") == true)

      var bytes = try contents("\(folder)/b.nii")
      var header = try #require(NIfTIHeader(bytes))
      header.set(.slope, to: 0.5)
      bytes.replaceSubrange(..<header.bytes.count, with: header.bytes)
      try save(bytes, "\(folder)/b.nii")
      let scaled = try VolumeConversion("\(folder)/b.nii", to: "\(folder)/d.nrrd")
      #expect(scaled.element == .float32)
      #expect(try VolumeFiles.readImage("\(folder)/d.nrrd").voxels[23] == 11.5)

      let error = fault(try VolumeConversion(path, to: "\(folder)/e.nii", spacing: [1, 0, 1]))
      #expect(error?.kind == .setting)
    }
  }
}
