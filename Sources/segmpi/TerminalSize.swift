import Foundation

/// How large the terminal is.
enum TerminalSize {
  /// Columns and rows: of the terminal on standard error or standard output; else, as under
  /// `mpirun`, of the one that controls this process; else by the variables `COLUMNS` and `LINES`,
  /// and 80 by 24 where there is nothing.
  static var current: (columns: Int, rows: Int) {
    if let size = size(of: STDERR_FILENO) ?? size(of: STDOUT_FILENO) { return size }
    if let terminal = FileHandle(forReadingAtPath: "/dev/tty") {
      defer { try? terminal.close() }
      if let size = size(of: terminal.fileDescriptor) { return size }
    }
    let environment = ProcessInfo.processInfo.environment
    func number(_ name: String) -> Int? {
      environment[name].flatMap { Int($0) }.flatMap { (2...10_000).contains($0) ? $0 : nil }
    }
    return (number("COLUMNS") ?? 80, number("LINES") ?? 24)
  }

  private static func size(of descriptor: Int32) -> (columns: Int, rows: Int)? {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1, size.ws_row > 1
    else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
