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

  @Test("a volume is not written over itself, under whatever name")
  func itself() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/a.npy"
      try VolumeFiles.write(ramp([4, 3, 2]), to: path, as: .int16)
      let before = try contents(path)
      let error = fault(try VolumeConversion(path, to: "\(folder)/./a.npy", spacing: [1, 2, 3]))
      #expect(error?.reason == "is the input itself, which would be lost; name another output")
      #expect(try contents(path) == before)
    }
  }

  @Test("what the output cannot hold, and what was taken for channels, is told")
  func losses() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/a.nii"
      try VolumeFiles.write(ramp([4, 3, 1]), to: path, as: .uint8)
      for ending in ["npy", "png"] {
        let output = "\(folder)/a.\(ending)"
        #expect(
          try VolumeConversion(path, to: output).notes.last
            == "\(output): holds no geometry, neither voxel size nor directions; .npz keeps them")
      }
      let grid = Geometry(shape: [2, 2, 2], spacing: [1, 1, 1])
      let channels = Volume(
        voxels: (0..<24).map { Float($0) }, channels: 3, geometry: grid)
      try VolumeFiles.write(channels, to: "\(folder)/b.npy")
      #expect(
        try VolumeConversion("\(folder)/b.npy", to: "\(folder)/b.nii").notes.contains(
          "\(folder)/b.npy: its first axis, of 3, is taken for channels, as segmpi writes them"))
    }
  }

  @Test("a spacing takes the place of the file's, scaled numbers become floating-point ones")
  func options() throws {
    try Place.withFolder { folder in
      let path = "\(folder)/a.npy"
      try VolumeFiles.write(ramp([4, 3, 2]), to: path, as: .int16)
      let made = try VolumeConversion(path, to: "\(folder)/b.nii", spacing: [0.5, 0.75, 2])
      #expect(made.notes.count == 1)
      #expect(made.notes[0].hasPrefix("\(path): it does not say which way its axes run"))
      #expect(made.element == .int16)
      #expect(try VolumeFiles.readImage("\(folder)/b.nii").geometry.spacing == [0.5, 0.75, 2])
      #expect(
        try VolumeConversion(path, to: "\(folder)/c.nii").notes.first
          == "\(path): it has no voxel size: 1 mm is assumed")

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

  /// What is told of a NIfTI file with a header like this.
  private func notes(
    to ending: String = "nii", _ change: (inout NIfTIHeader) -> Void
  ) throws -> [String] {
    try Place.withFolder { folder in
      var header = NIfTIHeader(version: 1)
      header.set(.dim, to: 3)
      for axis in 1...3 {
        header.set(.dim, axis, to: 2)
        header.set(.pixdim, axis, to: 2)
      }
      header.set(.datatype, to: 2)
      header.mark(as: .single)
      header.set(.dataOffset, to: 352)
      change(&header)
      let path = "\(folder)/file.nii"
      try save(header.bytes + [0, 0, 0, 0] + [UInt8](0..<8), path)
      return try VolumeConversion(path, to: "\(folder)/out.\(ending)").notes.map {
        $0.replacing(folder + "/", with: "")
      }
    }
  }

  @Test("a header that places its voxels is taken without a word")
  func nothing() throws {
    #expect(try notes { $0.place(Affine(spacing: SIMD3(1, 2, 3))) } == [])
    // Turned by 30 degrees, and by 90.
    #expect(
      try notes {
        $0.place(
          Affine(
            columns: [SIMD3(1, 0, 0), SIMD3(0, 1.299038, 0.75), SIMD3(0, -1, 1.7320508)],
            origin: .zero))
      } == [])
    #expect(
      try notes {
        $0.place(
          Affine(columns: [SIMD3(0, 1, 0), SIMD3(0, 0, 2), SIMD3(3, 0, 0)], origin: .zero))
      } == [])
  }

  @Test("what was assumed of a NIfTI header, and what is odd about it, is told")
  func assumptions() throws {
    let unplaced = try notes { _ in }
    #expect(unplaced.count == 1)
    #expect(unplaced[0].hasPrefix("file.nii: it has neither sform nor qform"))
    let unsized = try notes { $0.set(.pixdim, 2, to: 0) }
    #expect(unsized.count == 2)
    #expect(unsized[0] == "file.nii: its voxel size (pixdim) is 0 along axis 2: 1 mm is assumed")
    let left = try notes {
      $0.place(
        Affine(columns: [SIMD3(-1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)], origin: .zero))
    }
    #expect(
      left == [
        "file.nii: its axes are left-handed (LAS): kept so, left and right as its header says"
      ])
    // The cosine of (1, 0.5, 0) and (0, 1.5, 0) is 0.5 / sqrt(1.25).
    let sheared = try notes {
      $0.place(
        Affine(columns: [SIMD3(1, 0.5, 0), SIMD3(0, 1.5, 0), SIMD3(0, 0, 2)], origin: .zero))
    }
    #expect(sheared.count == 1)
    #expect(sheared[0].hasPrefix("file.nii: its axes are not at right angles (cosine 0.447): kept"))
    let torn = try notes {
      $0.place(Affine(spacing: SIMD3(1, 1, 1)))
      $0.set(.qoffset, 1, to: 25)
    }
    #expect(torn.count == 1)
    #expect(torn[0].hasPrefix("file.nii: its sform and qform lie 25.0 mm apart"))
    let lost = try notes(to: "npy") { $0.place(Affine(spacing: SIMD3(1, 1, 1))) }
    #expect(
      lost == ["out.npy: holds no geometry, neither voxel size nor directions; .npz keeps them"])
  }

  @Test("pictures and arrays are told to have no place in space")
  func unplaced() throws {
    try Place.withFolder { folder in
      let slice = PNGImage(width: 2, height: 1, bytes: [1, 2])
      for index in 1...3 { try slice.write(to: "\(folder)/\(index).png") }
      let notes = try VolumeConversion(folder, to: "\(folder)/a.nii").notes
      #expect(notes.count == 2)
      #expect(notes[0].contains("it has no spacing.txt"))
      #expect(notes[1].contains("columns to the left, rows to posterior and slices to superior"))
      let sized = try VolumeConversion(folder, to: "\(folder)/b.nii", spacing: [1, 1, 2]).notes
      #expect(sized == [notes[1]])
    }
  }
}
