import Foundation
import Testing

@testable import Volumes

@Suite("DICOM series come through dcm2niix")
struct DICOMFormatTests {
  static let isInstalled = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .contains { FileManager.default.isExecutableFile(atPath: "\($0)/dcm2niix") }

  /// Writes `slices` slices of `writer` into `folder`, in another order than they lie.
  private func write(_ writer: DICOMWriter, slices: [Int], to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for slice in slices {
      try save(writer.slice(slice), "\(folder)/s\(writer.series)-\(slice * 37 % 101)")
    }
  }

  @Test("where it is absent, the sentence says how to install it")
  func absent() throws {
    try Place.withFolder { folder in
      try write(DICOMWriter(), slices: [0, 1], to: "\(folder)/series")
      let format = DICOMFormat(program: "no-such-converter")
      let error = fault(try format.read("\(folder)/series", headerOnly: false, in: Disk()))
      #expect(error?.kind == .unsupported)
      #expect(error?.description.contains("apt-get install dcm2niix") == true)
      #expect(
        fault(try VolumeFiles.readImage("\(folder)/none.dcm"))?.kind == .inaccessible)
    }
  }

  @Test(
    "voxels and their places are those of the slices, in space and not in the order of files",
    .enabled(if: isInstalled, "dcm2niix is not installed: apt-get install dcm2niix"))
  func series() throws {
    try Place.withFolder { folder in
      let writer = DICOMWriter()
      let path = "\(folder)/series"
      try write(writer, slices: Array(0..<4), to: path)
      let volume = try VolumeFiles.readImage(path)
      #expect(volume.geometry.count == 5 * 6 * 4)
      #expect(volume.channels == 1)
      // Wherever the converter lets the axes run, a voxel lies where its slice says.
      var largest = 0.0
      for slice in 0..<4 {
        for row in 0..<5 {
          for column in 0..<6 {
            let value = Float(DICOMWriter.voxel(column, row, slice))
            let place = try #require(volume.voxels.firstIndex(of: value))
            let index = volume.geometry.index(of: place)
            let found = volume.geometry.affine(
              SIMD3(Double(index[0]), Double(index[1]), Double(index[2])))
            let lps =
              writer.origin + writer.step * Double(slice) + writer.along.row * Double(row)
              + writer.along.column * Double(column)
            let difference = found - SIMD3(-lps.x, -lps.y, lps.z)
            largest = max(largest, (difference * difference).sum().squareRoot())
          }
        }
      }
      #expect(largest < 1e-4)
      #expect(try VolumeFiles.readHeader(path).geometry == volume.geometry)

      // What is written keeps the converter's geometry bit for bit.
      try VolumeFiles.write(volume, to: "\(folder)/a.nii.gz", as: .int16)
      let back = try VolumeFiles.readImage("\(folder)/a.nii.gz")
      #expect(back.geometry == volume.geometry)
      #expect(back.voxels == volume.voxels)

      // One file, known by its content.
      let one = try VolumeFiles.readImage("\(path)/s1-37")
      #expect(one.geometry.count == 30)
      #expect(one.voxels.min() == 1000)
    }
  }

  @Test(
    "two series in a folder, none, and the remains of one are each told apart",
    .enabled(if: isInstalled, "dcm2niix is not installed: apt-get install dcm2niix"))
  func faults() throws {
    try Place.withFolder { folder in
      var writer = DICOMWriter()
      try write(writer, slices: [0, 1, 2], to: "\(folder)/two")
      writer.series = 2
      try write(writer, slices: [0, 1, 2], to: "\(folder)/two")
      let two = fault(try VolumeFiles.readImage("\(folder)/two"))
      #expect(two?.description.contains("holds 2 series") == true)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/empty", withIntermediateDirectories: true)
      let empty = fault(try VolumeFiles.readImage("\(folder)/empty"))
      #expect(empty?.description.contains("holds no DICOM images") == true)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/cut", withIntermediateDirectories: true)
      try save(Array(writer.slice(0).prefix(300)), "\(folder)/cut/a.dcm")
      #expect(fault(try VolumeFiles.readImage("\(folder)/cut"))?.kind == .unsupported)
      #expect(fault(try VolumeFiles.readImage("\(folder)/cut/a.dcm"))?.kind == .damaged)
      // Without its last voxels, beside whole slices.
      try write(DICOMWriter(), slices: [0, 1], to: "\(folder)/gap")
      try save(Array(DICOMWriter().slice(2).dropLast(4)), "\(folder)/gap/last")
      let gap = fault(try VolumeFiles.readImage("\(folder)/gap"))
      #expect(gap?.description.contains("not large enough") == true)
    }
  }
}
