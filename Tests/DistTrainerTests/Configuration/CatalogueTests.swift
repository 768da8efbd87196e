import DistTrainer
import Nets
import Testing

@Suite struct CatalogueTests {
  static func load(_ overrides: [String]) throws -> ExperimentConfiguration {
    try .load(
      yaml: ExperimentConfigurationTests.example, name: "e.yaml", overrides: overrides)
  }

  /// Every kind of every catalogue, at its defaults.
  static let kinds: [(section: String, kind: String)] =
    Networks.catalogue.map { ("network", $0.kind) } + Losses.catalogue.map { ("loss", $0.kind) }
    + Optimizers.catalogue.map { ("optimizer", $0.kind) }
    + Schedules.catalogue.map { ("schedule", $0.kind) }

  @Test(
    "every kind is complete with its kind alone, and its resolved form is stable", arguments: kinds)
  func defaults(section: String, kind: String) throws {
    let settings =
      kind == "sum" ? ", terms: [{loss: {kind: dice}}, {loss: {kind: crossEntropy}}]" : ""
    let once = try Self.load(["\(section)={kind: \(kind)\(settings)}"])
    let text = try once.resolvedYAML()
    let twice = try ExperimentConfiguration.load(yaml: text)
    #expect(try twice.resolvedYAML() == text)
  }

  @Test("a number or a list of numbers reads as either, and as nothing else")
  func perAxis() throws {
    for kernel in ["3", "[3, 3, 1]"] {
      let configuration = try Self.load(["network.kernel=\(kernel)"])
      #expect(try configuration.resolvedYAML().contains("\n  kernel: \(kernel)\n"))
    }
    let error = #expect(throws: ConfigurationError.self) { try Self.load(["network.kernel=x"]) }
    #expect(error?.faults.count == 1)
    #expect(error?.description.contains("must be a whole number, or a list") == true)
  }

  @Test(
    "an entry's own checks name the key and its place",
    arguments: [
      ("network.levels=0", "network.levels"),
      ("optimizer.learningRate=-1", "optimizer.learningRate"),
      ("network.norm=batchnorm", "network.norm"), ("network.feature=2", "network.feature"),
      ("loss.kind=dise", "loss.kind"),
    ])
  func checks(override: String, path: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try Self.load([override]) }
    #expect(error?.faults.map(\.path) == [path])
    #expect(error?.faults.first?.mark == .override(override))
  }
}
