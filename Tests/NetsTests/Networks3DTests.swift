import Compute
import Foundation
import Nets
import Testing

@Suite("Networks for volumes")
struct Networks3DTests {
  private static func network(_ json: String) throws -> any NetworkConfiguration {
    try JSONDecoder().decode(NetworkChoice.self, from: Data(json.utf8)).value
  }

  @Test("parameters have the names and shapes of PyTorch's", arguments: networks3D)
  func names(fixtureName: String) throws {
    let fixture = try Fixture.load(fixtureName)
    let network = try fixtureNetwork(fixture)
    #expect(network.problems().isEmpty)
    let (input, classes) = (try fixture.shape("image"), try fixture.shape("logits").channels)
    let training = try NetworkGraphs.training(
      network, loss: DiceLoss(), input: input, classes: classes)
    let ours = training.parameters.entries.map { "\($0.name) \($0.shape)" }
    let theirs = fixture.tensors.filter { $0.key.hasPrefix("start/") }
      .map { "\($0.key.dropFirst(6)) \($0.value.shape)" }
    #expect(ours.sorted() == theirs.sorted())
    for (entry, gradient) in zip(training.parameters.entries, training.gradients) {
      #expect(gradient != nil, "\(entry.name) has neither gradient nor observation")
    }
    let inference = try NetworkGraphs.inference(network, input: input, classes: classes)
    #expect(inference.parameters.entries.map { "\($0.name) \($0.shape)" } == ours)
    #expect(
      try inference.outputs["probabilities"]?.shape.spatial
        == network.outputExtents(of: input.spatial))
  }

  @Test("what no network has is refused with key and remedy")
  func problems() throws {
    let faults: [(String, [String])] = [
      (#"{"kind": "kayalibayNet", "dimensions": 4}"#, ["dimensions"]),
      (#"{"kind": "kayalibayNet", "features": 9223372036854775807}"#, ["features"]),
      (#"{"kind": "kayalibayNet", "levels": -1, "normMomentum": 0}"#, ["levels", "normMomentum"]),
      (#"{"kind": "deeplySupervisedUNet", "lossWeights": [1, 0.5]}"#, ["lossWeights"]),
      (#"{"kind": "deeplySupervisedUNet", "features": 0}"#, ["features"]),
      (
        #"{"kind": "vNet", "encoderConvolutions": []}"#,
        ["encoderConvolutions", "decoderConvolutions"]
      ),
      (#"{"kind": "vNet", "decoderConvolutions": [1]}"#, ["decoderConvolutions"]),
      (#"{"kind": "vNet", "kernel": [3, 3]}"#, ["kernel"]),
      (#"{"kind": "imperialUNet3D", "features": 0, "dropout": 1}"#, ["features", "dropout"]),
      (
        #"{"kind": "imperialUNet3D", "features": 2, "mode": "vnet", "variant": "imperial"}"#,
        ["features"]
      ),
      (#"{"kind": "imperialUNet3D", "noise": -1, "normEpsilon": 0}"#, ["noise", "normEpsilon"]),
      (#"{"kind": "unet", "features": 15, "widening": "last"}"#, ["widening"]),
      (#"{"kind": "unet", "skip": "sum", "upChannels": "keep"}"#, ["upChannels"]),
    ]
    for (json, keys) in faults {
      let network = try Self.network(json)
      #expect(network.problems().map(\.key) == keys, "\(json)")
      #expect(network.patchMultiple.allSatisfy { $0 == 1 })
      #expect(throws: ConfigurationProblem.self) {
        try NetworkGraphs.inference(network, input: [1, 1, 32, 32, 32], classes: 2)
      }
    }
  }

  @Test("extents that levels do not halve are refused with the nearest that fit")
  func extents() throws {
    let error = #expect(throws: ConfigurationProblem.self) {
      try VNet().outputExtents(of: [64, 50, 64])
    }
    #expect(
      error?.description
        == "patch is 50 on axis 1, which does not fit the network's 5 levels; use 48 or 64")
    #expect(VNet().patchMultiple == [16, 16, 16])
    #expect(KayalibayNet().patchMultiple == [8, 8, 8])
    #expect(DeeplySupervisedUNet().patchMultiple == [8, 8, 8])
  }

  @Test("slabs answer for their middle slice, and need one")
  func slabs() throws {
    var network = ImperialUNet3D()
    network.slice = .logits
    #expect(network.patchMultiple == [1, 4, 4])
    #expect(try network.outputExtents(of: [5, 160, 160]) == [1, 160, 160])
    #expect(try network.margins(of: [5, 160, 160]) == [2, 0, 0])
    for (patch, message) in [
      ([4, 160, 160], "patch has 4 slices, which have no middle; use 3 or 5"),
      (
        [5, 160, 158],
        "patch is 158 on axis 2, which does not fit the network's 3 levels; use 156 or 160"
      ),
    ] {
      let error = #expect(throws: ConfigurationProblem.self) {
        try network.outputExtents(of: patch)
      }
      #expect(error?.description == message)
    }
  }

  @Test(
    "a single class of a slab is the mean of its slices' sigmoids, several of their softmax",
    arguments: [1, 3])
  func meanProbabilities(classes: Int) throws {
    func probabilities(_ slice: String, _ depth: Int) throws -> [Float] {
      let network = try Self.network(
        "{\"kind\": \"imperialUNet3D\", \"size\": \"tiny\", \"slice\": \"\(slice)\"}")
      let graph = try NetworkGraphs.inference(
        network, input: [1, 1, depth, 4, 4], classes: classes,
        activation: classes == 1 ? .sigmoid : .softmax)
      let engine = try CPUEngine(threads: 1)
      let store = engine.makeParameterStore(for: graph.parameters)
      store.update { values, _ in graph.parameters.initialize(&values, seed: 3) }
      let plan = try engine.compile(graph, parameters: store, precision: .float32)
      plan.fill(
        NetworkGraphs.image, (0..<(depth * 16)).map { Float($0 * $0 % 37) / 10 - 1.5 })
      plan.run(key: RunKey())
      return plan.floats(NetworkGraphs.probabilities, count: classes * 16)
    }
    let after = try probabilities("probabilities", 1)
    let before = try probabilities("logits", 1)
    #expect(relativeError(after, before) < 1e-5)
    #expect(try relativeError(probabilities("probabilities", 3), probabilities("logits", 3)) > 1e-7)
  }

  @Test("networks with position have its input in every graph, others do not")
  func position() throws {
    var network = ImperialUNet3D()
    (network.size, network.relative) = (.large, .add)
    for reads in [true, false] {
      network.relative = reads ? .add : .none
      #expect(network.readsPosition == reads)
      let input: Shape = [2, 1, 32, 32, 32]
      let graphs = try [
        NetworkGraphs.training(network, loss: DiceLoss(), input: input, classes: 2),
        NetworkGraphs.inference(network, input: input, classes: 2),
      ]
      for graph in graphs {
        #expect(graph.inputs[NetworkGraphs.position]?.shape == (reads ? [2, 3] : nil))
      }
    }
    network.size = .small
    network.relative = .add
    let error = #expect(throws: GraphError.self) {
      try NetworkGraphs.inference(network, input: [1, 1, 32, 32, 32], classes: 2)
    }
    #expect(error?.path == "position.conv3")
  }

  @Test("V-Net repeats the image's channels, which must divide its maps")
  func repetition() throws {
    var network = VNet()
    network.features = 4
    let error = #expect(throws: ConfigurationProblem.self) {
      try NetworkGraphs.inference(network, input: [1, 3, 16, 16, 16], classes: 2)
    }
    #expect(
      error?.description
        == "features is 4, over which the image's 3 channels are repeated; use 6")
  }

  @Test("all of Kayalibay et al.'s parameters start from one distribution, or weights alone")
  func initialization() throws {
    func start(_ json: String) throws -> [String: [Float]] {
      let graph = try NetworkGraphs.inference(
        Self.network(json), input: [1, 1, 8, 8, 8], classes: 2)
      let table = graph.parameters
      var values = [Float](repeating: 0, count: table.elementCount)
      var span = values.mutableSpan
      table.initialize(&span, seed: 1)
      return Dictionary(
        uniqueKeysWithValues: table.entries.map { ($0.name, Array(values[$0.range])) })
    }
    let all = try start(#"{"kind": "kayalibayNet"}"#)
    let weights = try start(#"{"kind": "kayalibayNet", "initialized": "weights"}"#)
    for name in ["encoder.0.norm.weight", "encoder.0.norm.bias", "encoder.0.act.weight"] {
      let drawn = try #require(all[name])
      #expect(Set(drawn).count == 8 && drawn.allSatisfy { abs($0) < 0.06 })
    }
    #expect(weights["encoder.0.norm.weight"]?.allSatisfy { $0 == 1 } == true)
    #expect(weights["encoder.0.norm.bias"]?.allSatisfy { $0 == 0 } == true)
    #expect(weights["encoder.0.act.weight"]?.allSatisfy { $0 == 0.25 } == true)
    #expect(all["center.norm.running_std"]?.allSatisfy { $0 == 1 } == true)
  }
}
