import Foundation

/// The files of the project, as they lie beside this test.
enum SourceTree {
  /// The root of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A file whose text is looked at.
  struct File: CustomStringConvertible, Sendable {
    /// Relative to the root of the package.
    let path: String
    let lines: [String]

    /// The path, which test reports show.
    var description: String { path }
  }

  /// Reads one file.
  static func file(_ path: String) throws -> File {
    let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    return File(path: path, lines: text.components(separatedBy: "\n"))
  }

  /// The files below some folders, in the order of their names.
  static func files(below folders: [String], endings: Set<String>) throws -> [File] {
    var paths: [String] = []
    for folder in folders {
      let base = root.appending(path: folder)
      for entry in try FileManager.default.subpathsOfDirectory(atPath: base.path)
      where endings.contains((entry as NSString).pathExtension) {
        paths.append("\(folder)/\(entry)")
      }
    }
    return try paths.sorted().map { try file($0) }
  }

  /// The names in one folder.
  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).sorted()
  }

  /// Whether there is such a file or folder.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }
}

extension SourceTree.File {
  /// A module that a Swift file imports.
  struct Import {
    let module: String
    /// `public`, `internal` or nothing, with attributes before it.
    let modifiers: [Substring]
  }

  /// Every module imported.
  var imports: [Import] {
    code.compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
      let modifiers = words[..<place]
      guard modifiers.allSatisfy({ $0.first == "@" || ["public", "internal"].contains($0) })
      else { return nil }
      // `import struct Module.Type` names the module before the dot.
      let name = words[words.count - 1].prefix { $0 != "." }
      return Import(module: String(name), modifiers: Array(modifiers))
    }
  }

  /// The lines of a Swift file without comments and without what stands in quotes.
  var code: [String] {
    var isInText = false
    return lines.map { line in
      let marks = line.components(separatedBy: "\"\"\"").count - 1
      defer { if marks % 2 == 1 { isInText.toggle() } }
      if isInText || marks > 0 { return "" }
      var result = ""
      var isQuoted = false
      var previous: Character = " "
      for character in line {
        if character == "\"", previous != "\\" { isQuoted.toggle() }
        if !isQuoted {
          if character == "/", previous == "/" { return String(result.dropLast()) }
          result.append(character)
        }
        // A backslash that is itself escaped escapes nothing.
        previous = character == "\\" && previous == "\\" ? " " : character
      }
      return result
    }
  }

  /// The numbers, from 1, of the lines of code that hold a word.
  func lineNumbers(ofWord word: String) -> [Int] {
    code.enumerated().compactMap { index, line in
      line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains(Substring(word))
        ? index + 1 : nil
    }
  }
}
