import Compute
import Foundation
import Nets
import Testing

/// The networks that have a fixture.
let fixtureNetworks = [
  "unet2d_batch", "unet3d_instance", "unet3d_sum", "unet2d_dilated", "unet2d_valid",
]

/// The configuration that a fixture's metadata names.
func fixtureNetwork(_ fixture: Safetensors) throws -> any NetworkConfiguration {
  struct Provenance: Decodable {
    let network: NetworkChoice
  }
  let json = fixture.metadata["provenance"] ?? "{}"
  return try JSONDecoder().decode(Provenance.self, from: Data(json.utf8)).network.value
}

@Suite("U-Net")
struct UNetTests {
  @Test("parameters have the names and shapes of PyTorch's", arguments: fixtureNetworks)
  func namesAreGolden(name: String) throws {
    let fixture = try Fixture.load(name)
    let network = try fixtureNetwork(fixture)
    let classes = try fixture.shape("logits").channels
    let training = try NetworkGraphs.training(
      network, loss: DiceLoss(), input: try fixture.shape("image"), classes: classes)
    let names = training.parameters.entries.map { "\($0.name) \($0.shape)" }
    #expect(try names.sorted() == Fixture.names(name))
    let inference = try NetworkGraphs.inference(
      network, input: try fixture.shape("image"), classes: classes)
    #expect(inference.parameters.entries.map { "\($0.name) \($0.shape)" } == names)
    for (entry, gradient) in zip(training.parameters.entries, training.gradients) {
      #expect(gradient != nil, "\(entry.name) has neither gradient nor observation")
    }
  }

  /// Parameters of Deniz et al. 2018's networks, as PyTorch and Keras count them: dimensions,
  /// features, resolutions, kernel of the up-convolution, dilations, parameters.
  static let counts: [(Int, Int, Int, Int, [Int], Int)] = [
    (2, 64, 4, 2, [1], 7_697_410), (2, 64, 5, 2, [1], 31_031_810),
    (2, 64, 5, 2, [1, 2], 47_286_786), (2, 64, 5, 2, [1, 2, 4], 63_541_762),
    (2, 64, 5, 2, [1, 2, 4, 8], 79_796_738),
    (3, 16, 4, 3, [1], 1_604_866), (3, 16, 5, 3, [1], 6_471_810),
    (3, 32, 4, 3, [1], 6_416_898), (3, 32, 5, 3, [1], 25_882_882),
    (3, 16, 4, 2, [1], 1_400_578), (3, 32, 5, 2, [1], 22_575_362),
    (3, 32, 5, 2, [1, 2], 34_241_794), (3, 32, 5, 3, [1, 2, 4, 8], 68_353_282),
  ]

  @Test("parameters count as published", arguments: counts)
  func countsParameters(
    dimensions: Int, features: Int, levels: Int, up: Int, dilations: [Int], count: Int
  ) throws {
    var network = UNet()
    network.dimensions = dimensions
    network.features = features
    network.levels = levels
    network.upKernel = PerAxis(up)
    network.centerDilations = dilations
    network.norm = .none
    network.activation = .relu
    let channels = dimensions == 2 ? 3 : 1
    let graph = try NetworkGraphs.inference(
      network, input: Shape([1, channels] + Array(repeating: 32, count: dimensions)), classes: 2)
    #expect(graph.parameters.trainableCount == count)
  }

  @Test("the reference step costs 56.2 GFLOP forward: levels are resolutions")
  func countsOperations() throws {
    var network = UNet()
    network.norm = .batch
    network.activation = .relu
    let input: Shape = [2, 1, 64, 64, 64]
    let graph = try NetworkGraphs.inference(network, input: input, classes: 2)
    // 2 (27 (C O) voxels + …) over all convolutions, in Python: 56.237228032 GFLOP.
    #expect(2 * graph.multiplyAdds == 56_237_228_032)
    let step = try NetworkGraphs.training(
      network, loss: DiceCrossEntropyLoss(), input: input, classes: 2)
    // The backward pass costs twice the forward pass, less the gradient of the image.
    let first = 2 * 64 * 64 * 64 * 27 * 16
    #expect(step.multiplyAdds == 3 * graph.multiplyAdds - first)
    #expect(network.patchMultiple == [8, 8, 8])
  }

  /// Deniz et al. 2018, section 1.1 of the specification: valid tiles are n = 16k + 12 at four
  /// poolings, n - 184 remain; n = 8k + 4 at three, n - 88 remain.
  @Test("unpadded networks give the published sizes and name the nearest that fit")
  func unpaddedExtents() throws {
    var network = UNet()
    network.dimensions = 2
    network.padding = .valid
    network.levels = 5
    #expect(try network.outputExtents(of: [572, 508]) == [388, 324])
    #expect(try network.margins(of: [572, 508]) == [92, 92])
    network.levels = 4
    #expect(try network.outputExtents(of: [508, 508]) == [420, 420])
    network.levels = 5
    let error = #expect(throws: ConfigurationProblem.self) {
      try network.outputExtents(of: [572, 512])
    }
    #expect(
      error?.description
        == "patch is 512 on axis 1, which does not fit the network's 5 levels; use 508 or 524")
    #expect(throws: ConfigurationProblem.self) { try network.outputExtents(of: [12, 12]) }
  }

  @Test("numbers that no network has are refused, not calculated with")
  func hostileNumbers() throws {
    for patch in [[0, 8, 8], [8, 8, -8], [8, Int.max, 8], [Int.min, 8, 8], [8, 8], []] {
      let error = #expect(throws: ConfigurationProblem.self) {
        try UNet().outputExtents(of: patch)
      }
      #expect(error?.key == "patch")
    }
    for json in [
      #"{"kind": "unet", "levels": -3, "sideOutputs": -7}"#,
      #"{"kind": "unet", "strides": [[2], 2, 2]}"#,
      #"{"kind": "unet", "dimensions": 1000000000000}"#,
      #"{"kind": "unet", "features": 9223372036854775807, "sideOutputs": 9223372036854775807}"#,
      #"{"kind": "unet", "centerDilations": []}"#,
    ] {
      let network = try JSONDecoder().decode(NetworkChoice.self, from: Data(json.utf8)).value
      #expect(!network.problems().isEmpty)
      #expect(network.patchMultiple.allSatisfy { $0 == 1 })
      #expect(!network.outputWeights.isEmpty)
      #expect(throws: ConfigurationProblem.self) {
        try NetworkGraphs.inference(network, input: [1, 1, 8, 8, 8], classes: 2)
      }
    }
  }

  @Test("the extents that are promised are those of the traced logits", arguments: [5, 28, 44, 52])
  func extentsAgree(extent: Int) throws {
    var network = UNet()
    network.dimensions = 2
    network.features = 2
    network.levels = 3
    network.padding = .valid
    network.centerDilations = [1, 2]
    network.convolutionsPerLevel = 1
    network.strides = [2, [3, 1]]
    for width in 20..<60 {
      guard let promised = try? network.outputExtents(of: [extent + width, width]) else {
        #expect(throws: ConfigurationProblem.self) {
          try NetworkGraphs.inference(network, input: [1, 1, extent + width, width], classes: 2)
        }
        continue
      }
      let graph = try NetworkGraphs.inference(
        network, input: [1, 1, extent + width, width], classes: 2)
      #expect(graph.outputs["probabilities"]?.shape.spatial == promised)
    }
  }

  @Test("anisotropic kernels and strides shape every level")
  func anisotropy() throws {
    var network = UNet()
    network.features = 4
    network.levels = 3
    network.maxFeatures = 7
    network.kernel = [3, 3, 1]
    network.strides = [[2, 2, 1], 2]
    #expect(network.patchMultiple == [4, 4, 2])
    let graph = try NetworkGraphs.inference(network, input: [1, 2, 8, 12, 6], classes: 2)
    let shapes = Dictionary(
      uniqueKeysWithValues: graph.parameters.entries.map { ($0.name, $0.shape) })
    #expect(shapes["encoder.0.conv1.weight"] == [4, 2, 3, 3, 1])
    #expect(shapes["center.conv2.weight"] == [7, 7, 3, 3, 1])
    #expect(shapes["decoder.0.up.weight"] == [7, 4, 2, 2, 1])
    #expect(shapes["decoder.1.up.weight"] == [7, 7, 2, 2, 2])
    #expect(graph.outputs["probabilities"]?.shape == [1, 2, 8, 12, 6])
  }

  @Test("every option gives a graph whose parameters all have gradients")
  func everyCombination() throws {
    for dimensions in [2, 3] {
      for down in UNet.Downsampling.allCases {
        for up in UNet.Upsampling.allCases {
          for skip in UNet.Skip.allCases {
            for norm in UNet.Norm.allCases {
              var network = UNet()
              network.dimensions = dimensions
              network.features = 2
              network.levels = 3
              (network.downsampling, network.upsampling) = (down, up)
              (network.skip, network.norm) = (skip, norm)
              network.dropout = 0.1
              network.sideOutputs = 1
              network.activation = .prelu
              let input = Shape([1, 1] + Array(repeating: 8, count: dimensions))
              let graph = try NetworkGraphs.training(
                network, loss: JaccardLoss(), input: input, classes: 3)
              for (entry, gradient) in zip(graph.parameters.entries, graph.gradients) {
                #expect(
                  gradient != nil, "\(entry.name) of \(dimensions)D \(down) \(up) \(skip) \(norm)")
              }
            }
          }
        }
      }
    }
  }

  @Test("a mistake is reported with the path of the layer")
  func errorsNamePaths() throws {
    var network = UNet()
    network.levels = 5
    network.features = 2
    // The center would be a single element.
    let error = #expect(throws: GraphError.self) {
      try NetworkGraphs.training(
        network, loss: DiceLoss(), input: [1, 1, 16, 16, 16], classes: 2)
    }
    #expect(error?.path == "center.norm1")
    let loss = #expect(throws: ConfigurationProblem.self) {
      try NetworkGraphs.training(
        UNet(), loss: CrossEntropyLoss(classWeights: [1, 2, 3]), input: [1, 1, 16, 16, 16],
        classes: 2)
    }
    #expect(loss?.key == "loss.classWeights")
    let image = #expect(throws: ConfigurationProblem.self) {
      try NetworkGraphs.inference(UNet(), input: [1, 1, 16, 16], classes: 2)
    }
    #expect(image?.key == "dimensions")
  }
}
