internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#endif

/// Processes and their children, as `/proc` has them.
public enum ProcessTree {
  /// A process and all below it.
  static func descendants(of root: Int32) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    var children: [Int32: [Int32]] = [:]
    for process in names.compactMap({ Int32($0) }) {
      if let parent = parent(of: process) { children[parent, default: []].append(process) }
    }
    var found = [root]
    var next = 0
    while next < found.count {
      found += children[found[next]] ?? []
      next += 1
    }
    return found
  }

  /// The name of the program that a process runs, its first 15 bytes.
  public static func name(of process: Int32) -> String? {
    try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
      .trimmingCharacters(in: .newlines)
  }

  /// Ends processes with SIGKILL.
  public static func kill(_ processes: [Int32]) {
    for process in processes { send(SIGKILL, to: process) }
  }

  /// Sends a signal to a process, if it is still there.
  public static func send(_ signal: Int32, to process: Int32) { _ = Glibc.kill(process, signal) }

  /// The fourth field of `/proc/PID/stat`; the second, a name in parentheses, may hold anything.
  private static func parent(of process: Int32) -> Int32? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 1 ? Int32(fields[1]) : nil
  }
}
