import Compute
import Foundation
import Nets
import Testing

@Suite("SegNet and DeepLabV3+")
struct SegNetTests {
  private static func network(_ json: String) throws -> any NetworkConfiguration {
    try JSONDecoder().decode(NetworkChoice.self, from: Data(json.utf8)).value
  }

  /// The original, whose encoder is VGG16's.
  static let vgg = """
    {"kind": "segNet", "features": [64, 128, 256, 512, 512], "convolutions": [2, 2, 3, 3, 3],
     "head": "convolution", "normEpsilon": 1e-5, "normMomentum": 0.1}
    """

  /// A configuration, channels, classes, trainable parameters, running statistics. Desai et al.'s
  /// and DeepLab's are published; VGG16's are PyTorch's (`make_segnet_deeplab.py --counts`), the
  /// paper has 29.5 million.
  static let published: [(String, Int, Int, Int, Int)] = [
    (#"{"kind": "segNet"}"#, 1, 1, 33_022_529, 19_072),
    (vgg, 3, 11, 29_449_355, 15_872),
    (#"{"kind": "deepLabV3Plus"}"#, 1, 1, 41_049_697, 41_252_497 - 41_049_697),
    (
      #"{"kind": "deepLabV3Plus", "rates": [6, 12, 18]}"#, 3, 21, 41_055_413,
      41_258_213 - 41_055_413
    ),
  ]

  @Test("parameters count as published", arguments: published)
  func counts(json: String, channels: Int, classes: Int, trainable: Int, running: Int) throws {
    let network = try Self.network(json)
    #expect(network.problems().isEmpty)
    let graph = try NetworkGraphs.inference(
      network, input: [1, channels, 72, 90], classes: classes)
    #expect(graph.parameters.trainableCount == trainable)
    let whole = graph.parameters.entries.reduce(0) { $0 + $1.shape.count }
    #expect(whole - trainable == running)
    #expect(graph.outputs["probabilities"]?.shape == [1, classes, 72, 90])
  }

  /// `sum(p.numel() for p in torchvision.models.vgg16().features.parameters())` is 14,714,688.
  @Test("the encoder of the original is VGG16's")
  func vgg16() throws {
    let graph = try NetworkGraphs.inference(
      Self.network(Self.vgg), input: [1, 3, 32, 32], classes: 2)
    let convolutions = graph.parameters.entries.filter {
      $0.name.hasPrefix("encoder") && $0.name.contains(".conv")
    }
    #expect(convolutions.count == 2 * 13)
    #expect(convolutions.reduce(0) { $0 + $1.shape.count } == 14_714_688)
  }

  @Test("parameters have the names and shapes of PyTorch's", arguments: segNetsAndDeepLabs)
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
    for (entry, gradient) in zip(training.parameters.entries, training.gradients) {
      #expect(gradient != nil, "\(entry.name) has neither gradient nor observation")
    }
    let inference = try NetworkGraphs.inference(network, input: input, classes: classes)
    #expect(inference.parameters.entries.map { "\($0.name) \($0.shape)" } == ours)
  }

  @Test("the encoder divides extents by its output stride, rounding up", arguments: [8, 16])
  func outputStride(stride: Int) throws {
    let network = try Self.network(
      """
      {"kind": "deepLabV3Plus", "width": 0.01, "middleBlocks": 1, "outputStride": \(stride)}
      """)
    let graph = try NetworkGraphs.inference(network, input: [1, 1, 65, 64], classes: 2)
    func extents(_ path: String) throws -> [Int] {
      try #require(graph.nodes.last { $0.path == path }?.outputs.first).shape.spatial
    }
    let deep = stride == 16 ? [5, 4] : [9, 8]
    #expect(try extents("exit.1.unit3.pointwise") == deep)
    #expect(try extents("pyramid.rate2.depthwise") == deep)
    #expect(try extents("decoder.low.conv") == [17, 16])
    #expect(graph.outputs["probabilities"]?.shape.spatial == [65, 64])
  }

  @Test("what no network has is refused with key and remedy")
  func problems() throws {
    let faults: [(String, [String])] = [
      (#"{"kind": "segNet", "dimensions": 4}"#, ["dimensions"]),
      (#"{"kind": "segNet", "features": []}"#, ["features", "convolutions"]),
      (#"{"kind": "segNet", "features": [8, 9223372036854775807]}"#, ["features", "convolutions"]),
      (#"{"kind": "segNet", "convolutions": [2, 2, 3, 3, 3, 0]}"#, ["convolutions"]),
      (#"{"kind": "segNet", "strides": [2, [2, 2, 1]]}"#, ["strides", "strides.1"]),
      (
        #"{"kind": "segNet", "normEpsilon": 0, "normMomentum": 2}"#,
        ["normEpsilon", "normMomentum"]
      ),
      (#"{"kind": "deepLabV3Plus", "outputStride": 32}"#, ["outputStride"]),
      (#"{"kind": "deepLabV3Plus", "rates": []}"#, ["rates"]),
      (#"{"kind": "deepLabV3Plus", "width": 1e300, "dropout": 1}"#, ["width", "dropout"]),
      (
        #"{"kind": "deepLabV3Plus", "middleBlocks": -1, "dimensions": 1}"#,
        ["dimensions", "middleBlocks"]
      ),
    ]
    for (json, keys) in faults {
      let network = try Self.network(json)
      #expect(network.problems().map(\.key) == keys, "\(json)")
      #expect(network.patchMultiple.allSatisfy { $0 == 1 })
      #expect(throws: ConfigurationProblem.self) {
        try NetworkGraphs.inference(network, input: [1, 1, 64, 64], classes: 2)
      }
    }
    let small = #expect(throws: ConfigurationProblem.self) {
      try SegNet().outputExtents(of: [128, 63])
    }
    #expect(
      small?.description
        == "patch is 63 on axis 1; the network's 6 poolings need 64 … 1048576")
    #expect(try SegNet().outputExtents(of: [288, 288]) == [288, 288])
    for patch in [[0, 64], [Int.max, 64], [64], [64, 64, 64]] {
      let error = #expect(throws: ConfigurationProblem.self) {
        try DeepLabV3Plus().outputExtents(of: patch)
      }
      #expect(error?.key == "patch")
    }
  }

  @Test("a shard of one sample has no mean of an image to normalize")
  func singleSample() throws {
    var network = DeepLabV3Plus()
    (network.width, network.middleBlocks) = (0.01, 0)
    let error = #expect(throws: ConfigurationProblem.self) {
      try NetworkGraphs.training(network, loss: DiceLoss(), input: [1, 1, 32, 32], classes: 2)
    }
    #expect(error?.key == "imagePooling")
    network.imagePooling = false
    _ = try NetworkGraphs.training(network, loss: DiceLoss(), input: [1, 1, 32, 32], classes: 2)
  }
}
