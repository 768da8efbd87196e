import Compute
import ComputeTestSupport
import Testing

@Suite("Shape inference")
struct ShapeTests {
  /// An application of operations to a fresh builder, and the extents of the result.
  struct Row: Sendable, CustomStringConvertible {
    let description: String
    let expected: Shape
    let trace: @Sendable (inout GraphBuilder) throws -> Symbol

    init(
      _ description: String, _ expected: Shape,
      trace: @escaping @Sendable (inout GraphBuilder) throws -> Symbol
    ) {
      self.description = description
      self.expected = expected
      self.trace = trace
    }
  }

  /// The extents of windows are floor((in + before + after - dilation (kernel - 1) - 1) / stride + 1),
  /// as torch.nn.Conv3d documents; of transposed ones, as torch.nn.ConvTranspose3d does.
  static let rows: [Row] = [
    Row("convolution, same", [2, 7, 9, 8, 7]) { graph in
      try convolve(&graph, [2, 3, 9, 8, 7], to: 7, .same(kernel: [3, 5, 1]))
    },
    Row("convolution, valid", [1, 4, 6, 5]) { graph in
      try convolve(&graph, [1, 3, 8, 9], to: 4, Window(kernel: [3, 5]))
    },
    Row("convolution, stride 2 of odd and even extents", [1, 4, 5, 4]) { graph in
      let window = Window(kernel: [3, 3], stride: [2, 2], paddingBefore: [1, 1])
      return try convolve(&graph, [1, 3, 9, 8], to: 4, window)
    },
    Row("convolution, stride 3, dilation 4", [1, 2, 4, 1]) { graph in
      let window = Window(kernel: [3, 3], stride: [3, 3], dilation: [4, 4])
      return try convolve(&graph, [1, 3, 18, 9], to: 2, window)
    },
    Row("convolution, asymmetric padding", [1, 2, 7, 5]) { graph in
      let window = Window(kernel: [3, 3], paddingBefore: [3, 0], paddingAfter: [1, 2])
      return try convolve(&graph, [1, 3, 5, 5], to: 2, window)
    },
    Row("convolution, even kernel, same", [1, 2, 5, 6]) { graph in
      try convolve(&graph, [1, 3, 5, 6], to: 2, .same(kernel: [2, 4], dilation: [1, 3]))
    },
    Row("transposed convolution, kernel 2 stride 2", [1, 4, 8, 6, 10]) { graph in
      let window = Window(kernel: [2, 2, 2], stride: [2, 2, 2])
      return try transpose(&graph, [1, 3, 4, 3, 5], to: 4, window)
    },
    Row("transposed convolution, output padding", [1, 4, 8, 10]) { graph in
      let window = Window(
        kernel: [3, 3], stride: [2, 2], paddingBefore: [1, 1], paddingAfter: [0, 0])
      return try transpose(&graph, [1, 3, 4, 5], to: 4, window)
    },
    Row("pooling of odd extents", [2, 3, 2, 4]) { graph in
      let x = graph.input("x", [2, 3, 5, 8], .activation)
      return try graph.pooling(x, .maximum, window: Window(kernel: [2, 2], stride: [2, 2]))
    },
    Row("unpooling to odd extents", [2, 3, 5, 9]) { graph in
      let x = graph.input("x", [2, 3, 5, 9], .activation)
      let (maxima, indices) = try graph.indexedPooling(x, extent: [2, 3])
      return try graph.unpooling(maxima, indices: indices, extent: [2, 3], to: [5, 9])
    },
    Row("global average pooling", [2, 3, 1, 1]) { graph in
      try graph.globalAveragePooling(graph.input("x", [2, 3, 5, 8], .activation))
    },
    Row("flattening", [2, 120]) { graph in
      try graph.flatten(graph.input("x", [2, 3, 5, 8], .activation))
    },
    Row("padding of channels", [2, 8, 5, 8]) { graph in
      try graph.padChannels(graph.input("x", [2, 3, 5, 8], .activation), to: 8)
    },
    Row("addition repeats extents of 1", [2, 3, 5, 8]) { graph in
      let x = graph.input("x", [2, 3, 5, 8], .activation)
      return try graph.add(x, graph.input("y", [2, 1, 1, 1], .dense))
    },
    Row("concatenation", [2, 21, 4]) { graph in
      let maps = [5, 16].map { graph.input("x\($0)", [2, $0, 4], .activation) }
      return try graph.concatenate(maps)
    },
    Row("resampling", [2, 3, 7, 2]) { graph in
      try graph.resample(graph.input("x", [2, 3, 5, 8], .activation), to: [7, 2], .linear)
    },
    Row("padding and cropping", [2, 3, 8, 5]) { graph in
      let x = graph.input("x", [2, 3, 5, 8], .activation)
      return try graph.pad(x, before: [1, -3], after: [2, 0])
    },
    Row("center crop", [2, 3, 2, 5]) { graph in
      try graph.centerCrop(graph.input("x", [2, 3, 5, 8], .activation), to: [2, 5])
    },
    Row("sum", [2, 1, 5, 1]) { graph in
      try graph.sum(graph.input("x", [2, 3, 5, 8], .dense), axes: [1, 3])
    },
    Row("mean of everything", [1]) { graph in
      try graph.mean(graph.input("x", [2, 3, 5, 8], .activation))
    },
    Row("multiplication repeats extents of 1", [2, 3, 5, 8]) { graph in
      let x = graph.input("x", [2, 3, 5, 8], .dense)
      return try graph.multiply(x, graph.input("y", [1, 3, 1, 1], .dense))
    },
    Row("linear", [2, 7]) { graph in
      let weight = try parameter(&graph, "weight", [7, 3])
      return try graph.linear(graph.input("x", [2, 3], .dense), weight: weight)
    },
    Row("cross-entropy", [1]) { graph in
      let labels = graph.input("labels", [2, 5, 8], .labels)
      return try graph.crossEntropy(graph.input("x", [2, 3, 5, 8], .dense), labels: labels)
    },
    Row("overlap sums", [2, 3]) { graph in
      let labels = graph.input("labels", [2, 5, 8], .labels)
      let p = graph.input("p", [2, 3, 5, 8], .dense)
      return try graph.overlapSums(p, labels: labels).reference
    },
    Row("instance normalization", [2, 3, 5, 8]) { graph in
      let x = graph.input("x", [2, 3, 5, 8], .activation)
      return try graph.instanceNormalization(
        x, scale: parameter(&graph, "weight", [3]), shift: parameter(&graph, "bias", [3]),
        epsilon: 1e-5)
    },
  ]

  @Test("gives the documented extents", arguments: rows)
  func extents(_ row: Row) throws {
    var graph = GraphBuilder(mode: .training)
    #expect(try row.trace(&graph).shape == row.expected)
  }

  /// What the user reads: the path of the layer, then what is wrong there.
  static let mistakes: [(String, @Sendable (inout GraphBuilder) throws -> Symbol)] = [
    (
      "decoder.conv expects 32 channels, got 16 in [1, 16, 8, 8]",
      { graph in
        let weight = try parameter(&graph, "weight", [8, 32, 3, 3])
        let x = graph.input("x", [1, 16, 8, 8], .activation)
        return try graph.convolution(x, weight: weight, window: .same(kernel: [3, 3]))
      }
    ),
    (
      "decoder.conv expects 8 channels, got 16 in [1, 16, 8, 8]",
      { graph in try transpose(&graph, [1, 16, 8, 8], from: 8, to: 4, Window(kernel: [2, 2])) }
    ),
    (
      "decoder.conv has a window of [3, 3] that does not fit its input of [2, 8]; "
        + "use a larger patch, fewer levels or padding",
      { graph in try convolve(&graph, [1, 3, 2, 8], to: 4, Window(kernel: [3, 3])) }
    ),
    (
      "decoder.conv has a window of [2, 2, 2] that does not fit its input of [4, 1, 4]; "
        + "use a larger patch, fewer levels or padding",
      { graph in
        let x = graph.input("x", [1, 3, 4, 1, 4], .activation)
        return try graph.pooling(
          x, .average, window: Window(kernel: [2, 2, 2], stride: [2, 2, 2]))
      }
    ),
    (
      "decoder.conv has a window of 3 axes but its input has 2 spatial axes",
      { graph in try convolve(&graph, [1, 3, 8, 8], to: 4, Window(kernel: [3, 3, 3])) }
    ),
    (
      "decoder.conv pools with dilation [2, 2]; only 1 is supported",
      { graph in
        let window = Window(kernel: [2, 2], dilation: [2, 2])
        return try graph.pooling(
          graph.input("x", [1, 3, 8, 8], .activation), .maximum, window: window)
      }
    ),
    (
      "decoder.conv concatenates [1, 3, 8, 8] and [1, 3, 8, 9], which differ in more than channels",
      { graph in
        let a = graph.input("a", [1, 3, 8, 8], .activation)
        return try graph.concatenate([a, graph.input("b", [1, 3, 8, 9], .activation)])
      }
    ),
    (
      "decoder.conv spreads [4, 4] over [9, 10], which windows of [2, 2] do not divide into as many",
      { graph in
        let x = graph.input("x", [1, 3, 8, 8], .activation)
        let (maxima, indices) = try graph.indexedPooling(x, extent: [2, 2])
        return try graph.unpooling(maxima, indices: indices, extent: [2, 2], to: [9, 10])
      }
    ),
    (
      "decoder.conv puts [1, 2, 4, 4] at the places of [1, 3, 4, 4], which must be indices of the "
        + "same shape",
      { graph in
        let x = graph.input("x", [1, 3, 8, 8], .activation)
        let (_, indices) = try graph.indexedPooling(x, extent: [2, 2])
        let other = graph.input("other", [1, 2, 4, 4], .activation)
        return try graph.unpooling(other, indices: indices, extent: [2, 2], to: [8, 8])
      }
    ),
    (
      "decoder.conv has indices within windows of [17, 16] over [1, 3, 40, 40]; give an extent for "
        + "each of 2 or 3 axes, at most 256 elements in all",
      { graph in
        let x = graph.input("x", [1, 3, 40, 40], .activation)
        return try graph.indexedPooling(x, extent: [17, 16]).maxima
      }
    ),
    (
      "decoder.conv pads 3 channels to 2",
      { graph in
        try graph.padChannels(graph.input("x", [1, 3, 8, 8], .activation), to: 2)
      }
    ),
    (
      "decoder.conv adds [1, 3, 8, 8] and [1, 4, 8, 8], which differ in extents other than 1",
      { graph in
        let a = graph.input("a", [1, 3, 8, 8], .activation)
        return try graph.add(a, graph.input("b", [1, 4, 8, 8], .activation))
      }
    ),
    (
      "decoder.conv normalizes over a single element of [2, 3, 1, 1]; "
        + "use a larger patch or fewer levels",
      { graph in
        let x = graph.input("x", [2, 3, 1, 1], .activation)
        return try graph.instanceNormalization(
          x, scale: parameter(&graph, "weight", [3]), shift: parameter(&graph, "bias", [3]),
          epsilon: 1e-5)
      }
    ),
    (
      "decoder.conv needs 1 or 3 slopes, got [2]",
      { graph in
        let x = graph.input("x", [2, 3, 4, 4], .activation)
        return try graph.prelu(x, slope: parameter(&graph, "slope", [2]))
      }
    ),
    (
      "decoder.conv has 2 class weights for 3 classes",
      { graph in
        let labels = graph.input("labels", [2, 4, 4], .labels)
        let x = graph.input("x", [2, 3, 4, 4], .activation)
        return try graph.crossEntropy(x, labels: labels, classWeights: [1, 2])
      }
    ),
    (
      "decoder.conv compares [2, 3, 4, 4] with labels of [2, 4, 5]",
      { graph in
        let labels = graph.input("labels", [2, 4, 5], .labels)
        return try graph.crossEntropy(graph.input("x", [2, 3, 4, 4], .dense), labels: labels)
      }
    ),
    (
      "decoder.conv drops at rate 1.0, which must lie in 0 ..< 1",
      { graph in
        try graph.dropout(
          graph.input("x", [2, 3, 4, 4], .activation), rate: 1, wholeChannels: true)
      }
    ),
    (
      "decoder.conv adds noise of deviation -1.0, which must be finite and not negative",
      { graph in
        try graph.gaussianNoise(graph.input("x", [2, 3, 4, 4], .dense), deviation: -1)
      }
    ),
    (
      "decoder.conv.weight is shared with shapes [3] and [4]; they must agree",
      { graph in
        _ = try parameter(&graph, "weight", [3])
        return try parameter(&graph, "weight", [4])
      }
    ),
  ]

  @Test("names the path and the mistake", arguments: mistakes)
  func mistake(
    _ sentence: String, _ trace: @Sendable (inout GraphBuilder) throws -> Symbol
  ) throws {
    var graph = GraphBuilder(mode: .training)
    let error = #expect(throws: GraphError.self) {
      try graph.scope("decoder") { graph in try graph.scope("conv") { try trace(&$0) } }
    }
    #expect(error?.description == sentence)
    #expect(graph.currentPath == "")
  }

  private static func parameter(
    _ graph: inout GraphBuilder, _ name: String, _ shape: Shape
  ) throws -> Symbol {
    try graph.parameter(name, shape, .weight, initializer: ConstantInitializer(0))
  }

  private static func convolve(
    _ graph: inout GraphBuilder, _ x: Shape, to outputs: Int, _ window: Window
  ) throws -> Symbol {
    let weight = try parameter(&graph, "weight", Shape([outputs, x.channels] + window.kernel))
    return try graph.convolution(
      graph.input("x", x, .activation), weight: weight, window: window)
  }

  private static func transpose(
    _ graph: inout GraphBuilder, _ x: Shape, from inputs: Int? = nil, to outputs: Int,
    _ window: Window
  ) throws -> Symbol {
    let weight = try parameter(
      &graph, "weight", Shape([inputs ?? x.channels, outputs] + window.kernel))
    return try graph.transposedConvolution(
      graph.input("x", x, .activation), weight: weight, window: window)
  }
}
