import Foundation
import Testing

/// Habits that no compiler or formatter checks.
@Suite("Habits")
struct HabitsTests {
  static let folders = ["Sources", "Tests", "Benchmarks", "docs", "recipes", "scripts", "cluster"]
  static let endings: Set<String> = [
    "swift", "h", "modulemap", "md", "py", "sh", "yaml", "sbatch", "pbs", "lsf", "def",
  ]

  static func texts() throws -> [SourceTree.File] {
    try SourceTree.files(below: folders, endings: endings)
      + ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Makefile", "Package.swift", ".ci/run"]
      .map { try SourceTree.file($0) }
  }

  @Test("no source file is longer than 600 lines")
  func lengths() throws {
    for file in try SourceTree.files(below: ["Sources", "Tests"], endings: ["swift", "h", "py"]) {
      #expect(file.lines.count <= 600, "\(file.path) has \(file.lines.count) lines: split it")
    }
  }

  @Test("nothing is left for later")
  func openEnds() throws {
    // Put together here, or this file would be the first find.
    let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
    for file in try Self.texts() {
      for (number, line) in file.lines.enumerated() {
        for mark in marks {
          #expect(!line.contains(mark), "\(file.path):\(number + 1) holds \(mark)")
        }
      }
    }
  }

  @Test("no file names a place on somebody's machine")
  func machinePaths() throws {
    let homes = ["home", "root", "work", "Users", "opt", "mnt", "scratch"]
    let pattern = try Regex("(^|[^A-Za-z0-9_.~*})/-])/(\(homes.joined(separator: "|")))/")
    for file in try Self.texts() {
      for (number, line) in file.lines.enumerated() {
        #expect(
          line.firstMatch(of: pattern) == nil,
          "\(file.path):\(number + 1) holds a path of one machine")
      }
    }
  }

  @Test("what the compiler is told to believe is explained")
  func claims() throws {
    let claims = ["@unchecked" + " Sendable", "nonisolated" + "(unsafe)"]
    for file in try SourceTree.files(below: ["Sources"], endings: ["swift"]) {
      for (index, line) in file.lines.enumerated() where claims.contains(where: line.contains) {
        let before = index > 0 ? file.lines[index - 1].trimmingCharacters(in: .whitespaces) : ""
        #expect(before.hasPrefix("//"), "\(file.path):\(index + 1) needs a comment why it holds")
      }
    }
  }
}
