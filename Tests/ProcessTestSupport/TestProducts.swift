public import Foundation

/// Where the programs lie that tests start.
public enum TestProducts {
  /// The folder of the test bundle and of everything built with it.
  public static var folder: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  /// The path of a program that was built with the tests.
  public static func path(of program: String) -> String { folder.appending(path: program).path }

  /// The package's root.
  public static var root: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }
}
