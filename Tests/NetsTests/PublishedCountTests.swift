import Compute
import Foundation
import Nets
import Testing

/// A network as a configuration writes it, and what is published of it.
struct PublishedCount: Sendable, CustomTestStringConvertible {
  let json: String
  let channels: Int
  let classes: Int
  let trainable: Int
  /// The extents of an image that the network takes.
  var image: [Int]

  init(_ json: String, _ channels: Int, _ classes: Int, _ trainable: Int, image: [Int]) {
    self.json = json
    (self.channels, self.classes, self.trainable) = (channels, classes, trainable)
    self.image = image
  }

  var testDescription: String { "\(json), \(channels) channels, \(classes) classes" }

  func graph() throws -> Graph {
    let network = try JSONDecoder().decode(NetworkChoice.self, from: Data(json.utf8)).value
    #expect(network.problems().isEmpty)
    return try NetworkGraphs.inference(
      network, input: Shape([1, channels] + image), classes: classes)
  }

  func check() throws {
    #expect(try graph().parameters.trainableCount == trainable)
  }
}

/// Parameters of whole networks, as published or as PyTorch counts them (make_3d_networks.py).
@Suite("Published parameter counts")
struct PublishedCountTests {
  // MARK: - Deniz et al. 2018

  /// F initial maps, L poolings, in two or three dimensions.
  private static func deniz(
    _ dimensions: Int, features: Int, poolings: Int, up: Int, rates: [Int] = [1], branch: Int = 2,
    padding: String = "same"
  ) -> String {
    """
    {"kind": "unet", "dimensions": \(dimensions), "features": \(features),
     "levels": \(poolings + 1), "upKernel": \(up), "centerDilations": \(rates),
     "centerConvolutions": \(branch), "padding": "\(padding)", "norm": "none",
     "activation": "relu", "initializer": {"kind": "xavier", "distribution": "uniform"},
     "biasConstant": 0.1}
    """
  }

  /// Every row of the table of section 1.1 of the specification.
  static let denizTable: [PublishedCount] = {
    let slice = [64, 64]
    let volume = [32, 32, 32]
    var rows = [
      PublishedCount(
        deniz(2, features: 64, poolings: 4, up: 2), 1, 2, 31_030_658, image: slice),
      PublishedCount(deniz(2, features: 64, poolings: 3, up: 2), 3, 2, 7_697_410, image: slice),
      PublishedCount(
        deniz(2, features: 64, poolings: 4, up: 2), 3, 2, 31_031_810, image: slice),
      PublishedCount(
        deniz(2, features: 64, poolings: 3, up: 2, padding: "valid"), 3, 2, 7_697_410,
        image: [508, 508]),
      PublishedCount(
        deniz(2, features: 64, poolings: 4, up: 2, padding: "valid"), 3, 2, 31_031_810,
        image: [508, 508]),
    ]
    for (features, poolings, threes, twos) in [
      (16, 3, 1_604_866, 1_400_578), (16, 4, 6_471_810, 5_644_930),
      (32, 3, 6_416_898, 5_599_746), (32, 4, 25_882_882, 22_575_362),
    ] {
      for (up, count) in [(3, threes), (2, twos)] {
        rows.append(
          PublishedCount(
            deniz(3, features: features, poolings: poolings, up: up), 1, 2, count, image: volume))
      }
    }
    for rates in [[1], [1, 2], [1, 4], [1, 8], [1, 2, 4], [1, 2, 4, 8]] {
      let index = rates.count - 1
      rows.append(
        PublishedCount(
          deniz(2, features: 64, poolings: 4, up: 2, rates: rates), 3, 2,
          [31_031_810, 47_286_786, 63_541_762, 79_796_738][index], image: slice))
      rows.append(
        PublishedCount(
          deniz(3, features: 32, poolings: 4, up: 3, rates: rates), 1, 2,
          [25_882_882, 40_039_682, 54_196_482, 68_353_282][index], image: volume))
      rows.append(
        PublishedCount(
          deniz(3, features: 32, poolings: 4, up: 2, rates: rates), 1, 2,
          [22_575_362, 34_241_794, 45_908_226, 57_574_658][index], image: volume))
    }
    return rows
  }()

  @Test("Deniz et al. 2018: every row", arguments: denizTable)
  func countsDeniz(row: PublishedCount) throws { try row.check() }

  @Test(
    "branches of one convolution lack the second", arguments: [2, 3], [[1], [1, 2], [1, 2, 4, 8]])
  func singleBranches(dimensions: Int, rates: [Int]) throws {
    func count(_ branch: Int) throws -> Int {
      let json = Self.deniz(
        dimensions, features: 8, poolings: 3, up: 2, rates: rates, branch: branch)
      let image = Array(repeating: 16, count: dimensions)
      return try PublishedCount(json, 1, 2, 0, image: image).graph().parameters.trainableCount
    }
    // The second convolution of a branch: 64 maps to 64, kernel 3 on every axis, with bias.
    let second = 64 * 64 * (dimensions == 2 ? 9 : 27) + 64
    #expect(try count(2) - count(1) == rates.count * second)
  }

  // MARK: - Kayalibay et al. 2017

  static let kayalibayTable: [PublishedCount] = [
    ("concat", "combined", 1, 409_424), ("concat", "combined", 4, 410_072),
    ("sum", "combined", 1, 336_848), ("sum", "combined", 4, 337_496),
    ("concat", "single", 1, 408_944), ("none", "combined", 1, 336_848),
  ].map { skip, maps, channels, count in
    PublishedCount(
      "{\"kind\": \"kayalibayNet\", \"skip\": \"\(skip)\", \"maps\": \"\(maps)\"}", channels, 5,
      count, image: [16, 24, 8])
  }

  @Test("Kayalibay et al. 2017", arguments: kayalibayTable)
  func countsKayalibay(row: PublishedCount) throws { try row.check() }

  @Test("Kayalibay et al.'s parameters are 408,008 weights, 944 of normalization, 472 slopes")
  func kayalibayRoles() throws {
    let entries = try Self.kayalibayTable[0].graph().parameters.entries
    func count(_ part: String) -> Int {
      entries.filter { $0.role.isTrainable && $0.name.contains(part) }
        .reduce(0) { $0 + $1.shape.count }
    }
    #expect(count(".norm.") == 944)
    #expect(count(".act.") == 472)
    #expect(count(".conv.") + count("head.") == 408_008)
  }

  // MARK: - Zeng et al. 2017

  @Test("Zeng et al. 2017, whole", arguments: [(1, 22_241_094), (3, 22_244_550)])
  func zeng(channels: Int, count: Int) throws {
    try PublishedCount(
      #"{"kind": "deeplySupervisedUNet"}"#, channels, 2, count, image: [16, 16, 16]
    ).check()
  }

  /// C3D's body has 27,655,936 parameters with RGB input; conv1a to conv4b are 13,499,136.
  @Test("Zeng et al.'s encoder is C3D's first four stages; the branches of two classifiers")
  func zengParts() throws {
    func entries(_ channels: Int) throws -> [ParameterTable.Entry] {
      try PublishedCount(
        #"{"kind": "deeplySupervisedUNet"}"#, channels, 2, 0, image: [8, 8, 8]
      ).graph().parameters.entries.filter(\.role.isTrainable)
    }
    func count(_ entries: [ParameterTable.Entry], _ prefix: String) -> Int {
      entries.filter { $0.name.hasPrefix(prefix) }.reduce(0) { $0 + $1.shape.count }
    }
    let gray = try entries(1)
    #expect(count(gray, "encoder.") == 13_499_136)
    #expect(count(gray, "lowerClassifier.") + count(gray, "middleClassifier.") == 394_244)
    #expect(count(try entries(3), "encoder.conv") == 13_499_136)
  }

  // MARK: - The Imperial project's volume networks

  /// Section 5.2 of the specification: keys, count, extents.
  static let imperialTable: [PublishedCount] = {
    let published = #""mode": "vnet", "variant": "imperial""#
    let read = #""mode": "vnet""#
    let (tiny, small, large) = (#""size": "tiny""#, #""size": "small""#, #""size": "large""#)
    let (relative, slab) = (#""relative": "add""#, #""slice": "logits""#)
    let wide = #""features": 16"#
    let rows: [([String], Int)] = [
      ([tiny], 362), ([tiny, published], 390), ([small], 1_428), ([small, published], 1_403),
      ([small, #""highwayless": true"#], 1_293), ([small, relative], 3_199),
      ([small, relative, published], 3_174), ([small, slab], 1_388),
      ([small, slab, published], 1_363), ([large], 15_228), ([large, published], 13_985),
      ([large, relative, published], 30_936), ([tiny, read], 472), ([small, read], 1_974),
      ([large, read], 22_006), ([small, slab, read], 1_934), ([small, relative, read], 3_745),
      ([large, relative, read], 43_517), ([tiny, wide], 74_387), ([small, wide], 340_083),
      ([large, wide], 3_806_163), ([tiny, read, wide], 102_067), ([small, read, wide], 478_419),
      ([large, read, wide], 5_534_131), ([small, slab, wide], 329_843),
      ([small, slab, read, wide], 468_179), ([small, wide, #""highwayless": true"#], 305_523),
      ([small, relative, wide], 346_714), ([small, relative, read, wide], 485_050),
      ([large, relative, read, wide], 10_994_972),
    ]
    return rows.map { keys, count in
      let isLarge = keys.contains(large)
      // Shapes are inferred, nothing is computed: the published patches cost nothing.
      let image =
        keys.contains(slab) ? [5, 160, 160] : isLarge ? [160, 240, 240] : [160, 160, 160]
      return PublishedCount(
        "{\"kind\": \"imperialUNet3D\", \(keys.joined(separator: ", "))}", 1, 1, count,
        image: image)
    }
  }()

  @Test("the Imperial project's U-Nets and V-Nets", arguments: imperialTable)
  func countsImperial(row: PublishedCount) throws { try row.check() }

  // MARK: - The originals

  static let originalTable: [PublishedCount] = [
    PublishedCount(#"{"kind": "vNet"}"#, 1, 2, 61_982_682, image: [16, 16, 32]),
    PublishedCount(
      """
      {"kind": "unet", "features": 64, "levels": 4, "padding": "valid", "norm": "none",
       "activation": "relu", "widening": "last", "upChannels": "keep", "upBias": false}
      """, 3, 3, 19_069_955, image: [132, 132, 116]),
    // 896 biases of up-convolutions and 4,672 numbers of normalization more, as PyTorch counts.
    PublishedCount(
      """
      {"kind": "unet", "features": 64, "levels": 4, "padding": "valid", "norm": "batch",
       "bias": "always", "activation": "relu", "widening": "last", "upChannels": "keep"}
      """, 3, 3, 19_075_523, image: [132, 132, 116]),
  ]

  @Test("V-Net of Milletari et al. and the 3D U-Net of Çiçek et al.", arguments: originalTable)
  func countsOriginals(row: PublishedCount) throws { try row.check() }

  @Test("the 3D U-Net of Çiçek et al. sees 132 × 132 × 116 and answers for 44 × 44 × 28")
  func cicekExtents() throws {
    let graph = try Self.originalTable[1].graph()
    #expect(graph.outputs["probabilities"]?.shape == [1, 3, 44, 44, 28])
  }

  // MARK: - Desai et al. 2019

  private static func desai(_ dimensions: Int, _ strides: String) -> String {
    """
    {"kind": "unet", "dimensions": \(dimensions), "features": 32, "levels": 6, "norm": "batch",
     "normPlacement": "block", "normEpsilon": 1e-3, "normMomentum": 0.05, "activation": "relu",
     "upKernel": 3, "skipOrder": "upFirst", "strides": \(strides)}
    """
  }

  static let desaiTable: [PublishedCount] = {
    let twos = "[2, 2, 2, 2, 2]"
    let slices = [
      (1, 34_591_777), (3, 34_592_353), (5, 34_592_929), (7, 34_593_505),
    ].map { channels, count in
      PublishedCount(desai(2, twos), channels, 1, count, image: [64, 32])
    }
    let flat = "[[2, 2, 2], [2, 2, 2], [2, 2, 1], [2, 2, 1], [2, 2, 1]]"
    return slices + [
      PublishedCount(desai(3, twos), 1, 1, 103_749_217, image: [32, 32, 32]),
      PublishedCount(desai(3, flat), 1, 1, 103_749_217, image: [32, 32, 4]),
    ]
  }()

  @Test("Desai et al. 2019: U-Net, 2.5D and 3D", arguments: desaiTable)
  func countsDesai(row: PublishedCount) throws {
    try row.check()
    let running = try row.graph().parameters.entries.filter { !$0.role.isTrainable }
    #expect(running.reduce(0) { $0 + $1.shape.count } == 6_016)
  }
}
