import DistTrainer
import Foundation
import Testing

/// The configurations that come with the project.
@Suite("Recipes")
struct RecipesTests {
  static let recipes: [String] = {
    let names = (try? SourceTree.names(in: "recipes")) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.map { "recipes/\($0)" }
  }()

  @Test("there are recipes for make demo")
  func present() {
    #expect(Set(Self.recipes).isSuperset(of: ["recipes/demo.yaml", "recipes/hippocampus.yaml"]))
  }

  @Test("a recipe says what it is, decodes, and fits its network", arguments: recipes)
  func decodes(path: String) throws {
    #expect(try SourceTree.file(path).lines.first?.hasPrefix("# ") == true)
    let configuration = try ExperimentConfiguration.load(
      contentsOf: SourceTree.root.appending(path: path).path)
    let name = (path as NSString).lastPathComponent
    #expect("\(configuration.name).yaml" == name)
    // Background and two structures; what a recipe's own data set has is for `segmpi check`.
    let labels = (0..<3).map { DatasetLabel(number: UInt8($0), name: "label \($0)") }
    _ = try Experiment(configuration, channels: 1, labels: labels)
  }
}
