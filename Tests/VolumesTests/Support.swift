import Foundation
import Testing

@testable import Volumes

/// Where the tests find their files.
enum Place {
  /// The package's root.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Real data beside the package; nil where it is absent.
  static let shared: URL? = {
    // A worktree may lie elsewhere: SEGMPI_SHARED names the folder then.
    let named = ProcessInfo.processInfo.environment["SEGMPI_SHARED"].map(URL.init(fileURLWithPath:))
    let data = (named ?? root.deletingLastPathComponent().appending(path: "shared"))
      .appending(path: "data")
    return FileManager.default.fileExists(atPath: data.path) ? data : nil
  }()

  /// The fixture `name` of this room, decoded.
  static func fixture<Content: Decodable>(_ name: String, as type: Content.Type) throws -> Content {
    let url = root.appending(path: "Tests/Fixtures/volumes/\(name)")
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }

  /// A folder of its own for `body`, removed afterwards.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "segmpi-volumes-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }
}

/// The bytes of a file.
func contents(_ path: String) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: URL(filePath: path)))
}

/// Writes bytes to a file.
func save(_ bytes: [UInt8], _ path: String) throws {
  try Data(bytes).write(to: URL(filePath: path))
}

/// The largest absolute difference of two affine maps' entries.
func difference(_ a: Affine, _ rows: [[Double]]) -> Double {
  var largest = 0.0
  for row in 0..<3 {
    for column in 0..<4 { largest = max(largest, abs(a.rows[row][column] - rows[row][column])) }
  }
  return largest
}

/// The error that `body` throws, as a ``VolumeError``; nil, and an issue, where it does not.
func fault<Value>(
  _ body: @autoclosure () throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) -> VolumeError? {
  do {
    _ = try body()
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
  } catch let error as VolumeError {
    return error
  } catch {
    Issue.record("an error of another type: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}

/// A volume of `shape` whose voxels are 0, 1, 2, … and whose axes lie askew.
func ramp(_ shape: [Int], channels: Int = 1) -> Volume {
  let affine = Affine(
    columns: [SIMD3(1.5, 0.1, 0), SIMD3(-0.2, 2.25, 0.3), SIMD3(0.25, -0.4, 3)],
    origin: SIMD3(-31.5, 12.25, 7))
  let count = channels * shape.reduce(1, *)
  return Volume(
    voxels: (0..<count).map(Float.init), channels: channels,
    geometry: Geometry(shape: shape, affine: affine))
}

/// The largest absolute difference of two affine maps' entries.
func difference(_ a: Affine, of b: Affine) -> Double {
  difference(a, b.rows.map { row in (0..<4).map { row[$0] } })
}
