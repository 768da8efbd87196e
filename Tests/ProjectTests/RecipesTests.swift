import Compute
import DistTrainer
import Foundation
import Nets
import Testing

/// The configurations that come with the project.
@Suite("Recipes")
struct RecipesTests {
  @Test("there are recipes for make demo, and for each paper")
  func present() {
    let paths = Set(Recipe.all.map(\.path))
    #expect(paths.isSuperset(of: ["recipes/demo.yaml", "recipes/hippocampus.yaml"]))
    #expect(
      Set(Recipe.published.compactMap(\.folder)) == [
        "deniz-2018", "kayalibay-2017", "zeng-2017", "desai-2019", "imperial", "originals",
      ])
    #expect(Recipe.published.count >= 79)
  }

  @Test("a recipe says what it is, decodes, and fits its network", arguments: Recipe.all)
  func decodes(recipe: Recipe) throws {
    #expect(!recipe.comments.isEmpty)
    let experiment = try recipe.experiment()
    let names = [recipe.folder, recipe.name].compactMap { $0 }
    #expect(experiment.configuration.name == names.joined(separator: "-"))
  }

  @Test(
    "a paper's recipe states figures and our readings, and has as many parameters as it says",
    arguments: Recipe.published)
  func parameters(recipe: Recipe) throws {
    #expect(recipe.comments.contains("Published: "))
    #expect(recipe.comments.contains("Our reading rather than the p"))
    let count = try #require(recipe.count, "no line Parameters: 1,234 (1 channel, 2 classes)")
    let experiment = try recipe.experiment()
    let training = experiment.configuration.training
    let graph = try NetworkGraphs.training(
      experiment.network, loss: experiment.loss,
      input: experiment.networkInput(batch: training.shardSize), classes: count.classes,
      outputWeights: training.outputWeights?.map { Float($0) })
    #expect(graph.parameters.trainableCount == count.parameters)
    #expect(experiment.configuration.data.dataset.hasPrefix("path/to/"))
  }

  @Test("what a recipe's comments suggest to set can be set", arguments: Recipe.published)
  func suggestions(recipe: Recipe) throws {
    let plain = try recipe.experiment().configuration
    for suggestion in recipe.suggestions {
      let changed = try recipe.experiment(setting: suggestion).configuration
      #expect(try changed.resolvedYAML() != plain.resolvedYAML(), "\(suggestion)")
    }
    let written = recipe.comments.components(separatedBy: "--set ").count - 1
    #expect(written == recipe.suggestions.joined().count, "a --set that is not in backticks")
  }

  @Test("the page of recipes has a row for each, with the number of parameters that it states")
  func page() throws {
    let row = /\| \[[^\]]+\]\(([^)]+)\) \| [^|]+ \| ([\d,]+) \|/
    let lines = try SourceTree.file("recipes/README.md").lines
    let rows = lines.compactMap { try? row.prefixMatch(in: $0)?.output }
    let listed = rows.map { "recipes/\($0.1)" }
    #expect(listed.sorted() == Recipe.published.map(\.path).sorted())
    let counts = Dictionary(
      Recipe.published.map { ($0.path, $0.count?.parameters) }, uniquingKeysWith: { a, _ in a })
    for (path, row) in zip(listed, rows) {
      #expect(Int(row.2.filter { $0 != "," }) == counts[path], "\(path)")
    }
  }
}
