internal import Evaluation
internal import Foundation

/// Makes PNG files of SVG files by `rsvg-convert` (Debian's librsvg2-bin), a program of its own.
struct VectorConverter: Sendable {
  private let program: String

  /// Finds the program among the folders of `PATH`.
  ///
  /// - Throws: ``FileError`` where it is not installed.
  init(path: String? = ProcessInfo.processInfo.environment["PATH"]) throws(FileError) {
    let folders = (path ?? "").split(separator: ":").map(String.init)
    let found = folders.map { $0.appending(file: "rsvg-convert") }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else {
      throw FileError(
        path: "rsvg-convert",
        description: "--png needs the program rsvg-convert, which is not in PATH: install Debian's "
          + "librsvg2-bin, or leave --png out; the figures are written as SVG either way.")
    }
    program = found
  }

  /// Draws an SVG file at twice its size.
  ///
  /// - Throws: ``FileError`` with the program's words.
  func convert(_ svg: String, to png: String) throws(FileError) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["--format", "png", "--zoom", "2", "--output", png, svg]
    let errors = Pipe()
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    var words = ""
    do {
      try process.run()
      words = String(
        decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    } catch {
      words = "\(error)"
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw FileError(
        path: png,
        description: "rsvg-convert cannot draw \(svg) as \(png) "
          + "(\(words.trimmingCharacters(in: .whitespacesAndNewlines))): leave --png out.")
    }
  }
}
