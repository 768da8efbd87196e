import Compute
import Foundation
import Nets
import Testing

@Suite("Attention, recurrent, multi-resolution and dense U-Nets")
struct Networks2DTests {
  /// A published system, as a configuration writes it.
  struct Published: CustomTestStringConvertible {
    let json: String
    let channels: Int
    let classes: Int
    let count: Int

    init(_ json: String, _ channels: Int, _ classes: Int, _ count: Int) {
      self.json = json
      self.channels = channels
      self.classes = classes
      self.count = count
    }

    var testDescription: String { "\(json), \(channels) to \(classes)" }
  }

  private static func network(_ json: String) throws -> any NetworkConfiguration {
    try JSONDecoder().decode(NetworkChoice.self, from: Data("{\(json)}".utf8)).value
  }

  static let vanilla = """
    "kind": "unet", "dimensions": 2, "features": 64, "levels": 5, "norm": "batch", \
    "activation": "relu", "bias": "always", "upsampling": "nearest", "upKernel": 2
    """

  /// Trainable parameters. All but those marked are published, or counted in the projects' own
  /// code; every one is printed by `Tests/Fixtures/nets/make_2d_networks.py --counts`.
  static let published: [Published] = [
    .init(vanilla, 1, 7, 31_044_679),
    .init(vanilla, 1, 1, 31_044_289),
    .init(#""kind": "attentionUNet""#, 3, 1, 34_878_573),
    .init(#""kind": "attentionUNet""#, 1, 7, 34_877_811),
    .init(#""kind": "attentionUNet", "variant": "imperial""#, 1, 7, 32_445_959),
    // By make_2d_networks.py alone: the paper has no count.
    .init(
      #""kind": "attentionUNet", "gate": "grid", "dimensions": 3, "features": 16"#, 1, 2,
      6_213_613),
    .init(#""kind": "multiResUNet""#, 3, 1, 7_238_228),
    .init(#""kind": "multiResUNet""#, 1, 7, 7_238_294),
    // By make_2d_networks.py alone: the paper has no count in three dimensions.
    .init(#""kind": "multiResUNet", "dimensions": 3"#, 1, 2, 18_632_418),
    .init(#""kind": "r2UNet", "variant": "imperial""#, 1, 7, 35_610_055),
    .init(#""kind": "r2UNet""#, 3, 1, 39_091_393),
    .init(#""kind": "r2UNet", "recurrences": 3"#, 1, 7, 39_091_655),
    .init(#""kind": "r2UNet", "attention": true, "variant": "imperial""#, 1, 7, 37_011_335),
    .init(#""kind": "r2UNet", "attention": true"#, 3, 1, 39_442_925),
    .init(#""kind": "r2UNet", "attention": true"#, 1, 7, 39_443_187),
    .init(#""kind": "fcDenseNet""#, 3, 11, 9_322_091),
    .init(#""kind": "fcDenseNet""#, 1, 7, 9_320_199),
    .init(#""kind": "fcDenseNet""#, 1, 1, 9_318_657),
    // Published as 3.5 M and 1.5 M, running statistics and all; exact by make_2d_networks.py.
    .init(
      #""kind": "fcDenseNet", "encoderLayers": [5, 5, 5, 5, 5], "centerLayers": 5"#, 3, 11,
      3_463_243),
    .init(
      #""kind": "fcDenseNet", "growth": 12, "encoderLayers": [4, 4, 4, 4, 4], "centerLayers": 4"#,
      3, 11, 1_376_795),
    // By make_2d_networks.py alone: the project has no count.
    .init(#""kind": "fcDenseNet", "variant": "imperial""#, 1, 7, 9_367_399),
  ]

  @Test("trainable parameters count as published", arguments: published)
  func counts(_ system: Published) throws {
    let network = try Self.network(system.json)
    #expect(network.problems().isEmpty)
    let extents = network.patchMultiple.map { 2 * $0 }
    let graph = try NetworkGraphs.inference(
      network, input: Shape([1, system.channels] + extents), classes: system.classes)
    #expect(graph.parameters.trainableCount == system.count)
    #expect(graph.outputs["probabilities"]?.shape == Shape([1, system.classes] + extents))
  }

  @Test("parameters have the names and shapes of PyTorch's", arguments: networks2D)
  func names(fixtureName: String) throws {
    let fixture = try Fixture.load(fixtureName)
    let network = try fixtureNetwork(fixture)
    let (input, classes) = (try fixture.shape("image"), try fixture.shape("logits").channels)
    let training = try NetworkGraphs.training(
      network, loss: DiceLoss(), input: input, classes: classes)
    let ours = training.parameters.entries.map { "\($0.name) \($0.shape)" }
    let theirs = fixture.tensors.filter { $0.key.hasPrefix("start/") }
      .map { "\($0.key.dropFirst(6)) \($0.value.shape)" }
    #expect(ours.sorted() == theirs.sorted())
    let inference = try NetworkGraphs.inference(network, input: input, classes: classes)
    #expect(inference.parameters.entries.map { "\($0.name) \($0.shape)" } == ours)
  }

  /// Small networks, one for each combination of options.
  static let combinations: [String] = {
    var list: [String] = []
    for dimensions in [2, 3] {
      let common = "\"dimensions\": \(dimensions), \"features\": 4"
      for norm in ["batch", "instance"] {
        let sized = "\(common), \"levels\": 3, \"norm\": \"\(norm)\""
        list.append("\"kind\": \"attentionUNet\", \(sized), \"gate\": \"grid\"")
        for variant in ["original", "imperial"] {
          list += [
            "\"kind\": \"attentionUNet\", \(sized), \"variant\": \"\(variant)\"",
            "\"kind\": \"r2UNet\", \(sized), \"variant\": \"\(variant)\", \"recurrences\": 0",
            "\"kind\": \"r2UNet\", \(sized), \"variant\": \"\(variant)\", \"attention\": true",
            "\"kind\": \"fcDenseNet\", \(common), \"norm\": \"\(norm)\", \"growth\": 2, "
              + "\"encoderLayers\": [1, 2], \"centerLayers\": 3, \"decoderLayers\": [2, 1], "
              + "\"variant\": \"\(variant)\"",
          ]
        }
      }
      list.append("\"kind\": \"multiResUNet\", \(common), \"levels\": 3")
    }
    return list
  }()

  @Test("every option gives a graph whose parameters all have gradients", arguments: combinations)
  func everyCombination(json: String) throws {
    let network = try Self.network(json)
    #expect(network.patchMultiple == Array(repeating: 4, count: network.dimensions))
    let extents = Array([8, 12, 8].prefix(network.dimensions))
    let graph = try NetworkGraphs.training(
      network, loss: DiceLoss(), input: Shape([1, 2] + extents), classes: 3)
    #expect(graph.outputs["logits"]?.shape == Shape([1, 3] + extents))
    for (entry, gradient) in zip(graph.parameters.entries, graph.gradients) {
      #expect(gradient != nil, "\(entry.name) has neither gradient nor observation")
    }
  }

  @Test("the maps of a multi-resolution block are the published ones")
  func multiResWidths() throws {
    let graph = try NetworkGraphs.inference(
      MultiResUNet(), input: [1, 3, 32, 32], classes: 1)
    let shapes = Dictionary(
      uniqueKeysWithValues: graph.parameters.entries.map { ($0.name, $0.shape) })
    let places = (0..<4).map { "encoder.\($0)" } + ["center"]
    #expect(places.map { shapes["\($0).norm2.weight"] } == [[51], [105], [212], [426], [853]])
    #expect(places.map { shapes["\($0).chain.0.conv.weight"]?[0] } == [8, 17, 35, 71, 142])
    #expect((0..<5).map { shapes["skip.0.\($0).conv.weight"]?[0] } == [32, 32, 32, 32, nil])
    #expect((0..<2).map { shapes["skip.3.\($0).conv.weight"]?[0] } == [256, nil])
    #expect(shapes["encoder.0.shortcut.norm.weight"] == nil)
  }

  /// Jégou et al. 2017, table 2: maps before each transition, and what is raised.
  @Test("the maps of FC-DenseNet103 are the published ones")
  func denseWidths() throws {
    let graph = try NetworkGraphs.inference(FCDenseNet(), input: [1, 3, 32, 32], classes: 11)
    let shapes = Dictionary(
      uniqueKeysWithValues: graph.parameters.entries.map { ($0.name, $0.shape) })
    let downs = (1..<5).map { "encoder.\($0)" } + ["center"]
    #expect(
      downs.map { shapes["\($0).down.conv.weight"]?[0] } == [112, 192, 304, 464, 656])
    #expect(
      (0..<5).reversed().map { shapes["decoder.\($0).up.weight"]?[1] } == [240, 192, 160, 112, 80])
    #expect(shapes["head.weight"] == [11, 256, 1, 1])
  }

  @Test("a patch that levels do not halve is refused with the nearest that fit")
  func extents() throws {
    let error = #expect(throws: ConfigurationProblem.self) {
      try AttentionUNet().outputExtents(of: [288, 300])
    }
    #expect(
      error?.description
        == "patch is 300 on axis 1, which does not fit the network's 5 levels; use 288 or 304")
    let dense = #expect(throws: ConfigurationProblem.self) {
      try FCDenseNet().outputExtents(of: [20, 32])
    }
    #expect(
      dense?.description
        == "patch is 20 on axis 0, which does not fit the network's 6 levels; use 32")
    #expect(try R2UNet().outputExtents(of: [288, 304]) == [288, 304])
    #expect(try MultiResUNet().margins(of: [288, 304]) == [0, 0])
  }

  /// Configurations with faults, and the keys that are found.
  static let faulty: [(String, Set<String>)] = [
    (
      #""kind": "attentionUNet", "dimensions": 4, "features": 1, "levels": 11, "normEpsilon": 0"#,
      ["dimensions", "features", "levels", "normEpsilon"]
    ),
    (#""kind": "attentionUNet", "gate": "grid", "variant": "imperial""#, ["variant"]),
    (
      #""kind": "r2UNet", "recurrences": -1, "normMomentum": 2, "levels": -9223372036854775808"#,
      ["recurrences", "normMomentum", "levels"]
    ),
    (
      #""kind": "r2UNet", "levels": 9223372036854775807, "dimensions": 1000000000000"#,
      ["levels", "dimensions"]
    ),
    (#""kind": "multiResUNet", "features": 3, "levels": 1"#, ["features", "levels"]),
    (
      #""kind": "fcDenseNet", "encoderLayers": [], "growth": 0, "centerLayers": 0"#,
      ["encoderLayers", "growth", "centerLayers"]
    ),
    (
      #""kind": "fcDenseNet", "decoderLayers": [4, -1], "dropout": 1, "features": 0"#,
      ["decoderLayers", "dropout", "features"]
    ),
    (#""kind": "fcDenseNet", "encoderLayers": [1, 65]"#, ["encoderLayers"]),
  ]

  @Test("faults are found all at once, and no network is traced with one", arguments: faulty)
  func problems(json: String, keys: Set<String>) throws {
    let network = try Self.network(json)
    #expect(Set(network.problems().map(\.key)) == keys)
    #expect(network.patchMultiple.allSatisfy { $0 == 1 })
    #expect(throws: ConfigurationProblem.self) {
      try network.outputExtents(of: [32, 32])
    }
    #expect(throws: ConfigurationProblem.self) {
      try NetworkGraphs.inference(network, input: [1, 1, 32, 32], classes: 2)
    }
  }

  @Test("extents that no image has are refused")
  func hostileExtents() {
    let networks: [any NetworkConfiguration] = [
      AttentionUNet(), R2UNet(), MultiResUNet(), FCDenseNet(),
    ]
    for network in networks {
      for patch in [[0, 32], [32, -32], [Int.max, 32], [Int.min, 32], [32], []] {
        let error = #expect(throws: ConfigurationProblem.self) {
          try network.outputExtents(of: patch)
        }
        #expect(error?.key == "patch")
      }
    }
  }
}
