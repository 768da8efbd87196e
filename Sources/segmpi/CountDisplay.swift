import Foundation

/// Shows how many of a number of things are done: a line that renews itself on a terminal, a line
/// every few seconds elsewhere. Writes to standard error.
final class CountDisplay {
  private let verb: String
  private let start = ContinuousClock.now
  private var lastShown: ContinuousClock.Instant
  private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
  private var hasShown = false

  /// A display of things that are `verb`, such as "predicted".
  init(_ verb: String) {
    self.verb = verb
    lastShown = start
  }

  /// Tells that `done` of `total` are done, the last one being `name`.
  func show(_ done: Int, of total: Int, name: String = "") {
    guard lastShown.duration(to: .now) >= (isTerminal ? .milliseconds(200) : .seconds(5)) else {
      return
    }
    lastShown = .now
    hasShown = true
    let elapsed = start.duration(to: .now) / .seconds(1)
    let left = elapsed / Double(max(1, done)) * Double(total - done)
    let line =
      "\(verb) \(done) of \(total)" + (name.isEmpty ? "" : " (\(name))")
      + String(
        format: "  %.2f a second  %d:%02d left", Double(done) / elapsed, Int(left) / 60,
        Int(left) % 60)
    write(isTerminal ? "\r\u{1B}[K" + line : line + "\n")
  }

  /// Leaves a terminal with the cursor on a fresh line.
  func finish() { if isTerminal, hasShown { write("\r\u{1B}[K") } }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
