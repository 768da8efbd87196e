import Foundation
import Testing

@testable import Volumes

@Suite("Every format is written so that it reads back, with the geometry it came with")
struct FormatWritingTests {
  static let endings = [".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".npz"]

  @Test("every element type comes back, with one channel and three", arguments: endings + [".npy"])
  func elements(ending: String) throws {
    try Place.withFolder { folder in
      for element in ElementType.allCases {
        for channels in [1, 3] {
          let path = "\(folder)/\(element.rawValue)\(channels)\(ending)"
          let volume = ramp([4, 3, 2], channels: channels)
          try VolumeFiles.write(volume, to: path, as: element)
          let back = try VolumeFiles.readImage(path)
          #expect(back.voxels == volume.voxels)
          #expect(back.channels == channels)
          #expect(try VolumeFiles.readHeader(path).element == element)
          if ending != ".npy" {
            #expect(difference(back.geometry.affine, of: volume.geometry.affine) < 2e-6)
          }
        }
      }
    }
  }

  @Test("labels on a grid of another program carry its geometry word for word")
  func geometry() throws {
    try Place.withFolder { folder in
      var compared = 0
      for example in FormatCase.all where example.shape.allSatisfy({ $0 > 1 }) {
        let ending = String(example.path.drop { $0 != "." })
        guard ending != ".npy" else { continue }
        let volume = try VolumeFiles.readImage(example.path, in: example.source)
        let labels = LabelVolume(
          voxels: [UInt8](repeating: 7, count: volume.geometry.count), geometry: volume.geometry,
          source: volume.source)
        let path = "\(folder)/labels\(ending)"
        try VolumeFiles.write(labels, to: path)
        let back = try VolumeFiles.readLabels(path)
        #expect(back.geometry == volume.geometry, "\(example.name)")
        #expect(back.voxels == labels.voxels)
        // Numbers with more digits than a Double holds, or fewer than it prints, stay as they are.
        for line in lines(example.source.contents[example.path] ?? [])
        where ["space origin", "space:", "TransformMatrix", "Offset", "ElementSpacing"].contains(
          where: line.hasPrefix)
        {
          #expect(lines(try contents(path)).contains(line), "\(example.name): \(line)")
          compared += 1
        }
      }
      #expect(compared > 100)
    }
  }

  private func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: 0x0A).map { line in
      String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  @Test("a source of another format, or of another grid, gives way to a new header")
  func otherSources() throws {
    try Place.withFolder { folder in
      for from in Self.endings {
        let first = "\(folder)/first\(from)"
        try VolumeFiles.write(ramp([4, 3, 2]), to: first)
        let read = try VolumeFiles.readImage(first)
        for to in Self.endings {
          let second = "\(folder)/second\(to)"
          try VolumeFiles.write(read, to: second)
          let back = try VolumeFiles.readImage(second)
          #expect(back.voxels == read.voxels)
          #expect(difference(back.geometry.affine, of: read.geometry.affine) < 2e-6)
        }
        var moved = ramp([4, 3, 2])
        moved = Volume(
          voxels: moved.voxels, geometry: Geometry(shape: [4, 3, 2], spacing: [1, 2, 4]),
          source: read.source)
        try VolumeFiles.write(moved, to: first)
        #expect(try VolumeFiles.readImage(first).geometry == moved.geometry, "\(from)")
      }
    }
  }

  @Test("equal volumes are equal bytes")
  func determinism() throws {
    try Place.withFolder { folder in
      for ending in Self.endings + [".npy"] {
        let paths = ["\(folder)/a\(ending)", "\(folder)/b\(ending)"]
        for path in paths { try VolumeFiles.write(ramp([9, 8, 7]), to: path) }
        let both = try paths.map { path in
          // A header names the file beside it.
          lines(try contents(path)).filter { !$0.contains("raw") }
        }
        #expect(both[0] == both[1])
      }
    }
  }

  @Test("pictures hold one slice, DICOM nothing")
  func refusals() throws {
    try Place.withFolder { folder in
      let slice = Volume(
        voxels: [0, 1, 2, 65535, 4, 5],
        geometry: Geometry(shape: [3, 2, 1], affine: Affine(spacing: SIMD3(1, 1, 1)).changingLPS))
      try VolumeFiles.write(slice, to: "\(folder)/slice.png", as: .uint16)
      #expect(try VolumeFiles.readImage("\(folder)/slice.png").voxels == slice.voxels)
      let several = fault(
        try VolumeFiles.write(ramp([2, 2, 2]), to: "\(folder)/a.png", as: .uint8))
      #expect(several?.description.contains("write .nii.gz instead") == true)
      let dicom = fault(try VolumeFiles.write(slice, to: "\(folder)/a.dcm"))
      #expect(dicom?.description.contains("write .nii.gz instead") == true)
    }
  }
}
