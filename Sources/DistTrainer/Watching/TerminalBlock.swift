/// Lines at the bottom of a terminal that renew themselves in place.
///
/// Gives the characters to be written, each time in one piece: a line is overwritten and its rest
/// cleared, never the screen, so that nothing flickers.
public struct TerminalBlock: Sendable {
  private var shown = 0

  /// Nothing is shown yet.
  public init() {}

  /// Puts `lines` in the place of those shown last; none takes them away.
  ///
  /// Lines must be shorter than the terminal is wide.
  public mutating func replace(with lines: [String]) -> String {
    let back = shown > 0 ? "\u{1B}[\(shown)A" : ""
    let fewer = lines.count < shown
    shown = lines.count
    return back + "\r" + lines.map { $0 + "\u{1B}[K\n" }.joined() + (fewer ? "\u{1B}[J" : "")
  }

  /// Writes a text above `lines`, where it scrolls away with all else.
  public mutating func write(_ text: String, above lines: [String]) -> String {
    let back = shown > 0 ? "\u{1B}[\(shown)A" : ""
    shown = lines.count
    let all = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) + lines
    return back + "\r\u{1B}[J" + all.map { $0 + "\n" }.joined()
  }
}
