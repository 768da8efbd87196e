import Foundation
import Testing

@testable import Volumes

/// Files in memory.
struct MemoryFiles: FileSource {
  var contents: [String: [UInt8]]

  func read(_ path: String, limit: Int?) throws -> [UInt8] {
    guard let content = contents[path] else {
      throw VolumeError(.inaccessible, path, "cannot be opened; check the path")
    }
    return Array(content.prefix(limit ?? Int.max))
  }

  func exists(_ path: String) -> Bool {
    contents[path] != nil || contents.keys.contains { $0.hasPrefix(path + "/") }
  }

  func names(in path: String) throws -> [String]? {
    let inside = contents.keys.filter { $0.hasPrefix(path + "/") }
    return inside.isEmpty ? nil : inside.map { String($0.dropFirst(path.count + 1)) }.sorted()
  }
}

/// Small files of every format, written by other programs: `Tests/Fixtures/volumes/make_formats.py`.
struct FormatCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  /// Their content, in hexadecimal digits.
  let files: [String: String]
  /// The one to open.
  let path: String
  let channels: Int
  let shape: [Int]
  /// 4x4.
  let affine: [[Double]]
  /// `[C, D, H, W]`.
  let values: [Double]

  var testDescription: String { name }

  var source: MemoryFiles { MemoryFiles(contents: files.mapValues(bytes(ofDigits:))) }

  static let all = (try? Place.fixture("formats.json", as: [FormatCase].self)) ?? []
}

/// The bytes that hexadecimal `digits` name.
func bytes(ofDigits digits: String) -> [UInt8] {
  let digits = Array(digits.utf8)
  return stride(from: 0, to: digits.count, by: 2).compactMap {
    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
  }
}
