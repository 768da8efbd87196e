import Foundation
import Testing

/// What the documents say about the project is so.
@Suite("Documents")
struct DocumentsTests {
  static let pages = [
    "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/workarounds.md", "recipes/README.md",
    "cluster/README.md",
  ]

  static func decisions() throws -> [SourceTree.File] {
    try SourceTree.files(below: ["docs/decisions"], endings: ["md"])
  }

  static func allPages() throws -> [SourceTree.File] {
    try pages.map { try SourceTree.file($0) } + decisions()
  }

  static func targets() throws -> Set<String> {
    let rule = /^([a-z][a-z-]*):(?!=)/
    return Set(
      try SourceTree.file("Makefile").lines.compactMap { line in
        line.firstMatch(of: rule).map { String($0.1) }
      })
  }

  @Test("a decision has a number of its own and four sections")
  func decisionRecords() throws {
    var numbers: Set<Int> = []
    for file in try Self.decisions() {
      let name = (file.path as NSString).lastPathComponent
      let match = try #require(
        name.wholeMatch(of: /(\d{4})-[a-z0-9-]+\.md/), "\(file.path) is not NNNN-title.md")
      let number = try #require(Int(match.1))
      #expect(numbers.insert(number).inserted, "\(file.path): the number is taken")
      let title = try #require(file.lines.first)
      let heading = title.firstMatch(of: /^# 0*(\d+)\b/).flatMap { Int($0.1) }
      #expect(heading == number || number == 0, "\(file.path) is titled \(title)")
      // "Alternatives measured", where all of them were.
      let sections = file.lines.filter { $0.hasPrefix("## ") }
        .map { $0.replacing(" measured", with: "") }
      #expect(
        sections == ["## Context", "## Decision", "## Alternatives", "## Consequences"],
        "\(file.path)")
    }
    #expect(numbers.contains(1))
  }

  @Test("every make target that a document names exists")
  func makeTargets() throws {
    let targets = try Self.targets()
    var named: Set<String> = []
    for file in try Self.allPages() {
      for match in file.shown.flatMap({ $0.matches(of: /(?:^|\s)make ([a-z][a-z-]*)/) }) {
        named.insert(String(match.1))
        #expect(targets.contains(String(match.1)), "\(file.path) says make \(match.1)")
      }
    }
    #expect(named.isSuperset(of: ["demo", "test"]))
  }

  @Test("the README has the two commands, and continuous integration runs the second")
  func twoCommands() throws {
    let readme = try SourceTree.file("README.md").lines
    #expect(readme.contains { $0.hasPrefix("make demo") })
    #expect(readme.contains { $0.hasPrefix("make test") })
    let run = try SourceTree.file(".ci/run").lines
    #expect(run.contains { $0.hasSuffix("make test") })
    let path = SourceTree.root.appending(path: ".ci/run").path
    #expect(FileManager.default.isExecutableFile(atPath: path))
  }

  @Test("every command of segmpi that a document shows exists")
  func commands() throws {
    let name = /commandName: "([a-z]+)"/
    let sources = try SourceTree.files(below: ["Sources/segmpi"], endings: ["swift"])
    let known = Set(
      sources.flatMap { file in
        file.lines.compactMap { $0.firstMatch(of: name).map { String($0.1) } }
      })
    var count = 0
    for file in try Self.allPages() {
      for match in file.shown.flatMap({ $0.matches(of: /\bsegmpi ([a-z]+)/) }) {
        count += 1
        #expect(known.contains(String(match.1)), "\(file.path) says segmpi \(match.1)")
      }
    }
    #expect(count > 3)
  }

  @Test("every link within the project leads somewhere")
  func links() throws {
    for file in try Self.allPages() {
      let folder = (file.path as NSString).deletingLastPathComponent
      for line in file.lines {
        for match in line.matches(of: /\]\(([^)#:]+)(#[^)]*)?\)/) {
          let path = (folder as NSString).appendingPathComponent(String(match.1))
          let target = (path as NSString).standardizingPath
          #expect(SourceTree.exists(target), "\(file.path) links to \(match.1)")
        }
      }
    }
  }

  /// Names with a placeholder in them (`NAME`, `NNNN`, `*`, `…`) are patterns, not files.
  @Test("every file that a document names exists")
  func namedFiles() throws {
    let name = /`((?:Sources|Tests|Benchmarks|docs|recipes|scripts|cluster|\.ci)\/[^`\s]+)`/
    var count = 0
    for file in try Self.allPages() {
      for match in file.lines.joined(separator: "\n").matches(of: name) {
        let path = String(match.1)
        guard !["NAME", "NNNN", "*", "…", "{"].contains(where: path.contains) else { continue }
        count += 1
        #expect(SourceTree.exists(path), "\(file.path) names \(path)")
      }
    }
    #expect(count > 20)
  }
}

extension SourceTree.File {
  /// What a page shows as code: the lines of fenced blocks without their comments, and what stands
  /// between backticks in a line.
  fileprivate var shown: [Substring] {
    var isFenced = false
    var result: [Substring] = []
    for line in lines {
      if line.hasPrefix("```") {
        isFenced.toggle()
      } else if isFenced {
        result.append(line.prefix { $0 != "#" })
      } else {
        result += line.matches(of: /`([^`]+)`/).map(\.1)
      }
    }
    return result
  }
}
