import Foundation
import ProcessTestSupport

/// The built `segmpi` that these tests run.
enum Binary {
  /// The path in the variable `SEGMPI_BINARY`; else the release build, for debug loops are a hundred
  /// times slower; else the one that was built with the tests.
  ///
  /// A release build older than the sources is passed over: it would show what no longer is.
  static let path: String = {
    if let path = ProcessInfo.processInfo.environment["SEGMPI_BINARY"] { return path }
    let release = TestProducts.root.appending(path: ".build/release/segmpi")
    if let built = modification(of: release), built > newestSource { return release.path }
    return TestProducts.path(of: "segmpi")
  }()

  private static var newestSource: Date {
    let folder = TestProducts.root.appending(path: "Sources")
    let files = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.contentModificationDateKey])
    let dates = (files?.allObjects ?? []).compactMap { $0 as? URL }.compactMap(modification)
    return dates.max() ?? .distantFuture
  }

  private static func modification(of file: URL) -> Date? {
    try? file.resolvingSymlinksInPath().resourceValues(forKeys: [.contentModificationDateKey])
      .contentModificationDate
  }

  /// Runs `segmpi` to its end.
  static func run(
    _ arguments: [String], ranks: Int? = nil, timeoutSeconds: Int = 120
  ) throws -> ProgramRun {
    try ProgramRun.run(path, arguments, ranks: ranks, timeoutSeconds: timeoutSeconds)
  }

  /// Starts `segmpi`.
  static func start(_ arguments: [String], ranks: Int? = nil) throws -> RunningProgram {
    try RunningProgram(path, arguments, ranks: ranks)
  }
}
