import Foundation

/// Words for people, beside the figures on standard output.
enum StandardError {
  /// Writes a line.
  static func say(_ line: String) {
    FileHandle.standardError.write(Data("segmpi: \(line)\n".utf8))
  }
}
