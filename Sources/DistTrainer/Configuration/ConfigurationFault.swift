/// Where a piece of configuration was written.
public enum ConfigurationMark: Sendable, Hashable, CustomStringConvertible {
  /// In a file, lines and columns from 1.
  case file(name: String, line: Int, column: Int)
  /// In an override given on the command line.
  case override(String)

  /// The place in words.
  public var description: String {
    switch self {
    case .file(let name, let line, let column): "line \(line), column \(column) of \(name)"
    case .override(let text): "--set \(text)"
    }
  }

  /// Faults are reported in the order of the document, those of overrides after it.
  var order: (Int, Int) {
    switch self {
    case .file(_, let line, let column): (line, column)
    case .override: (Int.max, 0)
    }
  }
}

/// One thing wrong with a configuration: which key, where, what, and how to mend it.
public struct ConfigurationFault: Sendable, Equatable, CustomStringConvertible {
  /// The dotted path of the key, for example `training.patch.0`; empty for the whole document.
  public var path: String
  /// Where the key was written; `nil` for a key that is missing.
  public var mark: ConfigurationMark?
  /// What is wrong and the remedy, a clause that continues the path: `must be positive, not 0`.
  public var problem: String

  /// A fault of the key at `path`.
  public init(_ path: String, _ problem: String, at mark: ConfigurationMark? = nil) {
    self.path = path
    self.mark = mark
    self.problem = problem
  }

  /// One sentence.
  public var description: String {
    let subject = path.isEmpty ? "The configuration" : path
    let stop = problem.hasSuffix("?") ? "" : "."
    return "\(subject)\(mark.map { " (\($0))" } ?? "") \(problem)\(stop)"
  }
}

/// Everything wrong with a configuration, found in one reading.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// The faults in the order of the document.
  public let faults: [ConfigurationFault]

  /// An error of these faults, which it sorts.
  public init(_ faults: [ConfigurationFault]) {
    let last = (Int.max, Int.max)
    // Stable: faults without a place keep the order in which they were found.
    self.faults = faults.enumerated().sorted {
      let (left, right) = ($0.element.mark?.order ?? last, $1.element.mark?.order ?? last)
      return left == right ? $0.offset < $1.offset : left < right
    }.map(\.element)
  }

  /// One sentence a fault, each on a line of its own.
  public var description: String { faults.map(\.description).joined(separator: "\n") }
}
