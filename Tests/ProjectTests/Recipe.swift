import DistTrainer
import Foundation
import Testing

/// A recipe, and what its comments say of it.
struct Recipe: CustomTestStringConvertible, Sendable {
  /// What the comments say of the network.
  struct Count: Sendable {
    let parameters: Int
    let channels: Int
    let classes: Int
  }

  /// Relative to the root of the package.
  let path: String
  /// The lines of the comments before the configuration, without their marks, put together.
  let comments: String

  var testDescription: String { path }

  /// A recipe of this path.
  init(_ path: String) throws {
    self.path = path
    comments = try SourceTree.file(path).lines.prefix { $0.hasPrefix("#") }
      .map { $0.drop { "# ".contains($0) } }.joined(separator: " ")
  }

  /// Every recipe.
  static let all: [Recipe] = {
    let files = (try? SourceTree.files(below: ["recipes"], endings: ["yaml"])) ?? []
    return files.compactMap { try? Recipe($0.path) }
  }()

  /// The recipes for rows of papers, which lie in a folder for each.
  static let published = all.filter { $0.folder != nil }

  /// The folder below `recipes`; nil for a recipe that is no paper's.
  var folder: String? {
    let parts = path.split(separator: "/")
    return parts.count == 3 ? String(parts[1]) : nil
  }

  /// The file's name without its ending.
  var name: String {
    ((path as NSString).lastPathComponent as NSString).deletingPathExtension
  }

  /// The number of parameters that the comments state; nil where they state none.
  var count: Count? {
    let sentence = /Parameters: ([\d,]+) \((\d+) channels?, (\d+) classes\)/
    guard let match = comments.firstMatch(of: sentence),
      let parameters = Int(match.1.filter { $0 != "," }), let channels = Int(match.2),
      let classes = Int(match.3)
    else { return nil }
    return Count(parameters: parameters, channels: channels, classes: classes)
  }

  /// What the comments suggest to set, each suggestion one or several keys.
  var suggestions: [[String]] {
    comments.matches(of: /`--set ([^`]+)`/).map { match in
      match.1.components(separatedBy: " --set ").map { key in
        key.trimmingCharacters(in: CharacterSet(charactersIn: "' "))
      }
    }
  }

  /// The experiment, without its data.
  func experiment(setting overrides: [String] = []) throws -> Experiment {
    let configuration = try ExperimentConfiguration.load(
      contentsOf: SourceTree.root.appending(path: path).path, overrides: overrides)
    // Where comments do not tell: background and two structures, as in the phantoms.
    return try Experiment(
      configuration, channels: count?.channels ?? 1, classes: count?.classes ?? 3)
  }
}
