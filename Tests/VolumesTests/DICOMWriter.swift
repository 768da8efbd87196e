@testable import Volumes

/// A DICOM series of MR slices, as small as it may be: explicit lengths, little endian, uncompressed
/// (DICOM PS3.5 and PS3.10; the elements are those that dcm2niix asks for).
struct DICOMWriter {
  var rows = 5
  var columns = 6
  /// The step of one column and of one row (mm), in LPS.
  var along = (column: SIMD3(0.5, 0, 0), row: SIMD3(0, 0.6, 0.8))
  /// The step from one slice to the next (mm), in LPS.
  var step = SIMD3(0, -1.6, 1.2)
  /// The center of the first voxel (mm), in LPS.
  var origin = SIMD3(10.0, -20, 30)
  /// The last part of the series' number.
  var series = 1

  /// The voxel at a column, a row and a slice.
  static func voxel(_ column: Int, _ row: Int, _ slice: Int) -> UInt16 {
    UInt16(1000 * slice + 100 * row + column)
  }

  /// The file of slice `number`.
  func slice(_ number: Int) -> [UInt8] {
    let position = origin + step * Double(number)
    func unit(_ v: SIMD3<Double>) -> SIMD3<Double> { v / (v * v).sum().squareRoot() }
    func length(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }
    func text(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: "\\") }
    func parts(_ v: SIMD3<Double>) -> [Double] { [v.x, v.y, v.z] }
    let root = "1.2.826.0.1.3680043.8.498"
    let instance = "\(root).\(series).\(number + 1)"
    let image = "1.2.840.10008.5.1.4.1.1.4"
    let meta =
      element(2, 2, "UI", uid(image)) + element(2, 3, "UI", uid(instance))
      + element(2, 0x10, "UI", uid("1.2.840.10008.1.2.1"))
    var pixels: [UInt8] = []
    for row in 0..<rows {
      for column in 0..<columns {
        Self.voxel(column, row, number).append(to: &pixels, bigEndian: false)
      }
    }
    let orientation = parts(unit(along.column)) + parts(unit(along.row))
    let data =
      element(8, 8, "CS", spaced("ORIGINAL\\PRIMARY\\M\\NONE")) + element(8, 0x16, "UI", uid(image))
      + element(8, 0x18, "UI", uid(instance)) + element(8, 0x60, "CS", spaced("MR"))
      + element(8, 0x70, "LO", spaced("Phantom")) + element(0x10, 0x10, "PN", spaced("Phantom"))
      + element(0x18, 0x50, "DS", spaced("\(length(step))"))
      + element(0x20, 0xD, "UI", uid("\(root).9"))
      + element(0x20, 0xE, "UI", uid("\(root).8.\(series)"))
      + element(0x20, 0x11, "IS", spaced("\(series)"))
      + element(0x20, 0x13, "IS", spaced("\(number + 1)"))
      + element(0x20, 0x32, "DS", spaced(text(parts(position))))
      + element(0x20, 0x37, "DS", spaced(text(orientation)))
      + element(0x28, 2, "US", short(1)) + element(0x28, 4, "CS", spaced("MONOCHROME2"))
      + element(0x28, 0x10, "US", short(rows)) + element(0x28, 0x11, "US", short(columns))
      + element(
        0x28, 0x30, "DS", spaced(text([length(along.row), length(along.column)])))
      + element(0x28, 0x100, "US", short(16)) + element(0x28, 0x101, "US", short(16))
      + element(0x28, 0x102, "US", short(15)) + element(0x28, 0x103, "US", short(0))
      + element(0x7FE0, 0x10, "OW", pixels)
    var size: [UInt8] = []
    UInt32(meta.count).append(to: &size, bigEndian: false)
    return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + element(2, 0, "UL", size) + meta
      + data
  }

  private func element(_ group: UInt16, _ number: UInt16, _ kind: String, _ value: [UInt8])
    -> [UInt8]
  {
    var bytes: [UInt8] = []
    group.append(to: &bytes, bigEndian: false)
    number.append(to: &bytes, bigEndian: false)
    bytes += Array(kind.utf8)
    if kind == "OW" {
      bytes += [0, 0]
      UInt32(value.count).append(to: &bytes, bigEndian: false)
    } else {
      UInt16(value.count).append(to: &bytes, bigEndian: false)
    }
    return bytes + value
  }

  private func short(_ number: Int) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }
  private func spaced(_ text: String) -> [UInt8] {
    Array((text.utf8.count % 2 == 0 ? text : text + " ").utf8)
  }
  private func uid(_ text: String) -> [UInt8] {
    Array(text.utf8) + (text.utf8.count % 2 == 0 ? [] : [0])
  }
}
