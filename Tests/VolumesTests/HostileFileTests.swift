import CounterRandom
import Foundation
import Testing

@testable import Volumes

@Suite("Hostile files end in a sentence, never in a crash")
struct HostileFileTests {
  @Test("truncated gzip, bombs, wrong names and missing parts are each told apart")
  func sentences() throws {
    try Place.withFolder { folder in
      let good = "\(folder)/good.nii.gz"
      try VolumeFiles.write(ramp([9, 9, 9]), to: good)
      let bytes = try contents(good)
      let path = "\(folder)/bad.nii.gz"

      try save(Array(bytes.dropLast(20)), path)
      #expect(fault(try VolumeFiles.readImage(path))?.reason.contains("truncated gzip") == true)

      var flipped = bytes
      flipped[bytes.count - 6] ^= 1  // in the checksum
      try save(flipped, path)
      #expect(fault(try VolumeFiles.readImage(path))?.kind == .damaged)

      let plain = try Inflater(bytes, .gzip).read(atMost: 1 << 20)
      try save(Deflater.compress(plain + [UInt8](repeating: 0, count: 1 << 24), .gzip), path)
      #expect(
        fault(try VolumeFiles.readImage(path))?.reason.contains("more data than its header") == true
      )
      try save(Deflater.compress(plain + [UInt8](repeating: 0, count: 100), .gzip), path)
      #expect(try VolumeFiles.readImage(path) == VolumeFiles.readImage(good))

      // Two gzip members in a row read as one, whatever follows.
      let members =
        Deflater.compress(Array(plain[..<1000]), .gzip)
        + Deflater.compress(Array(plain[1000...]), .gzip)
      try save(members + [0, 0, 0], path)
      #expect(try VolumeFiles.readImage(path) == VolumeFiles.readImage(good))

      try save([], path)
      #expect(fault(try VolumeFiles.readImage(path))?.reason.contains("is empty") == true)
      #expect(fault(try VolumeFiles.readImage("\(folder)/none.nii"))?.kind == .inaccessible)
      #expect(fault(try VolumeFiles.readImage(folder + "/image.tiff"))?.kind == .unsupported)
      #expect(fault(try VolumeFiles.readImage("/dev/null.nii"))?.kind == .inaccessible)
      try save(plain, "\(folder)/alone.hdr")
      #expect(
        fault(try VolumeFiles.readImage("\(folder)/alone.hdr"))?.reason.contains("alone.img")
          == true)
    }
  }

  /// Sets one field of a small file and reads it.
  private func read(
    _ change: (inout NIfTIHeader) -> Void, voxels: Int = 8, folder: String
  ) throws -> Volume {
    var header = NIfTIHeader(version: 1)
    header.set(.dim, to: 3)
    for axis in 1...3 { header.set(.dim, axis, to: 2) }
    header.set(.datatype, to: 2)
    header.mark(as: .single)
    header.set(.dataOffset, to: 352)
    change(&header)
    let path = "\(folder)/file.nii"
    try save(header.bytes + [UInt8](repeating: 0, count: 4 + voxels), path)
    return try VolumeFiles.readImage(path)
  }

  @Test("headers that contradict themselves or the file are refused with their reason")
  func headers() throws {
    try Place.withFolder { folder in
      #expect(try read({ _ in }, folder: folder).voxels == [Float](repeating: 0, count: 8))
      let cases: [(String, (inout NIfTIHeader) -> Void)] = [
        ("ends before its voxels", { $0.set(.dim, 1, to: 30_000) }),
        ("more than 4294967295 voxels", { for a in 1...3 { $0.set(.dim, a, to: 32_000) } }),
        ("extent -5 along dimension 2", { $0.set(.dim, 2, to: -5) }),
        ("extent 0 along dimension 3", { $0.set(.dim, 3, to: 0) }),
        ("has 9 dimensions", { $0.set(.dim, to: 9) }),
        ("colors (RGB24)", { $0.set(.datatype, to: 128) }),
        ("complex numbers (complex64)", { $0.set(.datatype, to: 32) }),
        ("128-bit floating-point", { $0.set(.datatype, to: 1536) }),
        ("unknown data type 77", { $0.set(.datatype, to: 77) }),
        ("start at byte 12.0", { $0.set(.dataOffset, to: 12) }),
        ("start at byte 1.0000000150474662e+30", { $0.set(.dataOffset, to: 1e30) }),
        ("ends before its extensions", { $0.set(.dataOffset, to: 1e9) }),
        (
          "intercept nan",
          { header in
            header.set(.slope, to: 2)
            header.set(.intercept, to: .nan)
          }
        ),
        ("sform is not an invertible", { $0.set(.sformCode, to: 1) }),
        (
          "longer than 1",
          { header in
            header.set(.qformCode, to: 1)
            header.set(.quaternion, 1, to: 2)
          }
        ),
        ("one part of a pair by its magic", { $0.mark(as: .pair) }),
        (
          "shape 2x2x1x2x2",
          { header in
            header.set(.dim, to: 5)
            for (axis, extent) in [2.0, 2, 1, 2, 2].enumerated() {
              header.set(.dim, axis + 1, to: extent)
            }
          }
        ),
      ]
      for (words, change) in cases {
        let error = fault(try read(change, voxels: 32, folder: folder))
        #expect(error?.description.contains(words) == true, "\(words): \(error as Any)")
      }
      // Analyze 7.5 is a pair without NIfTI's magic.
      try save([UInt8](NIfTIHeader(version: 1).bytes), "\(folder)/old.hdr")
      try save([0], "\(folder)/old.img")
      let old = fault(try VolumeFiles.readImage("\(folder)/old.img"))
      #expect(old?.description.contains("old.hdr: has no NIfTI magic (Analyze 7.5") == true)
    }
  }

  @Test("thousands of random mutations and truncations end in a volume or a sentence")
  func mutations() throws {
    try Place.withFolder { folder in
      var seeds: [(name: String, bytes: [UInt8])] = []
      for (index, ending) in [".nii", ".nii.gz"].enumerated() {
        for element in [ElementType.uint8, .float64] {
          let path = "\(folder)/seed\(ending)"
          try VolumeFiles.write(ramp([2, 3, 2], channels: 1 + index), to: path, as: element)
          seeds.append(("mutant\(ending)", try contents(path)))
        }
      }
      var second = NIfTIHeader(version: 2, bigEndian: true)
      second.set(.dim, to: 3)
      for axis in 1...3 { second.set(.dim, axis, to: 2) }
      second.set(.datatype, to: 4)
      second.mark(as: .single)
      seeds.append(("mutant.nii", second.bytes + [UInt8](repeating: 1, count: 20)))

      var stream = RandomStream(seed: 1, "mutations")
      let clock = ContinuousClock()
      let end = clock.now.advanced(by: .seconds(5))
      var (read, refused) = (0, 0)
      while clock.now < end && read + refused < 4000 {
        let seed = seeds[stream.integer(below: seeds.count)]
        var bytes = seed.bytes
        for _ in 0...stream.integer(below: 4) {
          let place = stream.integer(below: bytes.count)
          bytes[place] = UInt8(truncatingIfNeeded: stream.next32())
        }
        if stream.integer(below: 4) == 0 { bytes.removeLast(stream.integer(below: bytes.count)) }
        let path = "\(folder)/\(seed.name)"
        try save(bytes, path)
        do {
          let volume = try VolumeFiles.readImage(path, finite: false)
          // What is read must be whole, and able to go on its way.
          #expect(volume.voxels.count == volume.channels * volume.geometry.count)
          #expect(volume.oriented().geometry.orientation == .ras)
          _ = try? VolumeFiles.readLabels(path)
          try VolumeFiles.write(volume, to: "\(folder)/again.nii", as: .float64)
          #expect(try VolumeFiles.readHeader("\(folder)/again.nii").geometry == volume.geometry)
          read += 1
        } catch let error as VolumeError {
          #expect(error.description.hasPrefix(path))
          refused += 1
        }
      }
      #expect(read > 50 && refused > 50, "\(read) read, \(refused) refused")
    }
  }
}
