import Compute

extension OpCase {
  /// A convolution, followed by `then`.
  private static func convolution(
    _ name: String, _ inputs: Int, _ outputs: Int, _ spatial: [Int], _ window: Window,
    batch: Int = 2, groups: Int = 1, bias: Bool = true,
    then: @escaping @Sendable (inout GraphBuilder, Symbol) throws -> Symbol = { _, y in y }
  ) -> OpCase {
    OpCase("convolution: \(name)", batch: batch) { tracer in
      let x = try tracer.data(channels: inputs, spatial)
      let weight = try tracer.parameter(
        "weight", Shape([outputs, inputs / groups] + window.kernel))
      let bias = bias ? try tracer.parameter("bias", [outputs], role: .bias) : nil
      let y = try tracer.graph.convolution(
        x, weight: weight, bias: bias, window: window, groups: groups)
      return try then(&tracer.graph, y)
    }
  }

  /// Convolutions of every geometry, and what an engine may fuse with them.
  static let convolutions: [OpCase] = [
    convolution("3D 1 to 16, 3x3x3 same", 1, 16, [3, 4, 5], .same(kernel: [3, 3, 3])),
    convolution("3D 16 to 16, 3x3x3 same", 16, 16, [2, 3, 3], .same(kernel: [3, 3, 3]), batch: 1),
    convolution("3D 16 to 32, no bias", 16, 32, [2, 2, 3], .same(kernel: [3, 3, 3]), bias: false),
    convolution("3D 3 to 5, valid", 3, 5, [4, 5, 6], Window(kernel: [3, 3, 3])),
    convolution("3D 5 to 17, same", 5, 17, [3, 3, 4], .same(kernel: [3, 3, 3])),
    convolution("3D 17 to 3, same", 17, 3, [2, 3, 4], .same(kernel: [3, 3, 3])),
    convolution(
      "3D stride 2", 3, 16, [5, 6, 7],
      Window(kernel: [3, 3, 3], stride: [2, 2, 2], paddingBefore: [1, 1, 1])),
    convolution(
      "3D kernel 2 stride 2, non-dividing", 16, 16, [3, 5, 4],
      Window(kernel: [2, 2, 2], stride: [2, 2, 2])),
    convolution(
      "3D uneven kernel and stride", 4, 6, [4, 5, 7],
      Window(kernel: [1, 3, 3], stride: [1, 2, 3], paddingBefore: [0, 1, 1])),
    convolution(
      "3D dilation 2", 2, 5, [5, 5, 6], .same(kernel: [3, 3, 3], dilation: [2, 2, 2]), batch: 1),
    convolution(
      "3D asymmetric padding", 3, 16, [3, 4, 4],
      Window(kernel: [3, 3, 3], paddingBefore: [2, 0, 1], paddingAfter: [0, 1, 2])),
    convolution("3D 1x1x1, 16 to 3", 16, 3, [3, 3, 5], Window(kernel: [1, 1, 1])),
    convolution(
      "3D 1x1x1, 5 to 17, batch 1", 5, 17, [3, 2, 3], Window(kernel: [1, 1, 1]), batch: 1),
    convolution(
      "3D 1x1x1 stride 2", 16, 32, [3, 4, 5], Window(kernel: [1, 1, 1], stride: [2, 2, 2])),
    convolution("3D groups", 6, 9, [3, 3, 4], .same(kernel: [3, 3, 3]), groups: 3),
    convolution(
      "3D depthwise, 16 maps", 16, 16, [3, 4, 3], .same(kernel: [3, 3, 3]), groups: 16),
    convolution("2D 1 to 16, 3x3 same", 1, 16, [7, 5], .same(kernel: [3, 3])),
    convolution("2D 16 to 32, 3x3 same", 16, 32, [4, 5], .same(kernel: [3, 3])),
    convolution("2D 3 to 5, 5x5 same", 3, 5, [6, 7], .same(kernel: [5, 5])),
    convolution("2D 17 to 17, batch 1", 17, 17, [3, 5], .same(kernel: [3, 3]), batch: 1),
    convolution(
      "2D stride 3", 5, 16, [8, 10],
      Window(kernel: [3, 3], stride: [3, 3], paddingBefore: [1, 1])),
    convolution(
      "2D dilation 4", 3, 4, [9, 10], .same(kernel: [3, 3], dilation: [4, 4]), batch: 1),
    convolution(
      "2D dilation and stride 2, asymmetric padding", 3, 16, [9, 8],
      Window(
        kernel: [3, 3], stride: [2, 2], dilation: [2, 2], paddingBefore: [3, 0],
        paddingAfter: [1, 2])),
    convolution("2D even kernel, same", 3, 5, [5, 6], .same(kernel: [2, 4])),
    convolution("2D 1x1, 32 to 16", 32, 16, [3, 4], Window(kernel: [1, 1])),
    convolution("2D depthwise, 5 maps", 5, 5, [6, 5], .same(kernel: [3, 3]), groups: 5),
    convolution("2D groups of 16", 32, 32, [3, 3], .same(kernel: [3, 3]), groups: 2),
    convolution(
      "3D depthwise, 5 maps, stride 2", 5, 5, [5, 4, 6],
      Window(kernel: [3, 3, 3], stride: [2, 2, 2], paddingBefore: [1, 1, 1]), groups: 5),
    convolution(
      "3D depthwise, 32 maps, dilation 2, no bias", 32, 32, [5, 3, 4],
      .same(kernel: [3, 3, 3], dilation: [2, 2, 2]), batch: 1, groups: 32, bias: false),
    convolution(
      "2D depthwise, 16 maps, stride 2, no bias", 16, 16, [7, 6],
      Window(kernel: [3, 3], stride: [2, 2], paddingBefore: [1, 1]), groups: 16, bias: false),
    convolution(
      "2D depthwise, 17 maps, dilation 3", 17, 17, [8, 7],
      .same(kernel: [3, 3], dilation: [3, 3]), groups: 17),
    convolution(
      "2D depthwise, two maps of each of 8", 8, 16, [5, 4], .same(kernel: [3, 3]), groups: 8),
    convolution(
      "2D groups of 3 and 6, stride 2, dilation 2", 6, 12, [9, 8],
      Window(kernel: [3, 3], stride: [2, 2], dilation: [2, 2], paddingBefore: [2, 2]), groups: 2),
    convolution("3D depthwise then ReLU", 16, 16, [3, 4, 3], .same(kernel: [3, 3, 3]), groups: 16) {
      graph, y in try graph.activate(y, .relu)
    },
    convolution("3D then ReLU", 3, 16, [3, 4, 4], .same(kernel: [3, 3, 3])) { graph, y in
      try graph.activate(y, .relu)
    },
    convolution(
      "3D then ReLU, 5 maps, no bias", 3, 5, [3, 4, 4], .same(kernel: [3, 3, 3]), bias: false
    ) { graph, y in try graph.activate(y, .relu) },
    convolution("3D then leaky ReLU", 4, 16, [3, 3, 4], .same(kernel: [3, 3, 3])) { graph, y in
      try graph.activate(y, .leakyReLU(slope: 0.01))
    },
    convolution("2D then ReLU", 3, 16, [5, 6], .same(kernel: [3, 3])) { graph, y in
      try graph.activate(y, .relu)
    },
    convolution("2D then ELU", 3, 5, [5, 6], .same(kernel: [3, 3])) { graph, y in
      try graph.activate(y, .elu(alpha: 1))
    },
    convolution("2D then ReLU, the convolution used again", 3, 16, [4, 5], .same(kernel: [3, 3])) {
      graph, y in try graph.add(y, graph.activate(y, .relu))
    },
    convolution("2D then ReLU, the convolution read out", 3, 16, [4, 5], .same(kernel: [3, 3])) {
      graph, y in
      try graph.output("before", y)
      return try graph.activate(y, .relu)
    },
  ]

  /// A transposed convolution.
  private static func transposed(
    _ name: String, _ inputs: Int, _ outputs: Int, _ spatial: [Int], _ window: Window,
    batch: Int = 2, bias: Bool = true,
    then: @escaping @Sendable (inout GraphBuilder, Symbol) throws -> Symbol = { _, y in y }
  ) -> OpCase {
    OpCase("transposed convolution: \(name)", batch: batch) { tracer in
      let x = try tracer.data(channels: inputs, spatial)
      let weight = try tracer.parameter("weight", Shape([inputs, outputs] + window.kernel))
      let bias = bias ? try tracer.parameter("bias", [outputs], role: .bias) : nil
      let y = try tracer.graph.transposedConvolution(x, weight: weight, bias: bias, window: window)
      return try then(&tracer.graph, y)
    }
  }

  /// Transposed convolutions of every geometry.
  static let transposedConvolutions: [OpCase] = [
    transposed(
      "3D kernel 2 stride 2, 32 to 16", 32, 16, [2, 1, 2],
      Window(kernel: [2, 2, 2], stride: [2, 2, 2])),
    transposed(
      "3D kernel 2 stride 2, 5 to 3", 5, 3, [3, 2, 3],
      Window(kernel: [2, 2, 2], stride: [2, 2, 2])),
    transposed(
      "3D kernel 2 stride 2, 16 to 17, no bias, batch 1", 16, 17, [2, 2, 2],
      Window(kernel: [2, 2, 2], stride: [2, 2, 2]), batch: 1, bias: false),
    transposed(
      "3D kernel 3 stride 2, output padding 1", 4, 5, [2, 3, 2],
      Window(
        kernel: [3, 3, 3], stride: [2, 2, 2], paddingBefore: [1, 1, 1], paddingAfter: [0, 0, 0])),
    transposed(
      "3D kernel (1, 2, 2) stride (1, 2, 2)", 16, 16, [2, 2, 3],
      Window(kernel: [1, 2, 2], stride: [1, 2, 2])),
    transposed(
      "2D kernel 2 stride 2, 16 to 16", 16, 16, [3, 4], Window(kernel: [2, 2], stride: [2, 2])),
    transposed(
      "2D kernel 3 stride 2, asymmetric padding", 3, 17, [3, 4],
      Window(kernel: [3, 3], stride: [2, 2], paddingBefore: [0, 1], paddingAfter: [1, 0])),
    transposed(
      "2D kernel 4 stride 2", 5, 3, [3, 5],
      Window(kernel: [4, 4], stride: [2, 2], paddingBefore: [1, 1])),
    transposed("2D kernel 3 stride 1", 3, 16, [4, 3], .same(kernel: [3, 3])),
    transposed(
      "2D kernel 3 stride 3 dilation 2", 2, 4, [3, 2],
      Window(kernel: [3, 3], stride: [3, 3], dilation: [2, 2], paddingBefore: [1, 2])),
    transposed(
      "3D kernel 2 stride 2, 2 to 1", 2, 1, [2, 3, 2],
      Window(kernel: [2, 2, 2], stride: [2, 2, 2])),
    transposed(
      "3D kernel 2 stride 2, 1 to 1, batch 1", 1, 1, [2, 3, 2],
      Window(kernel: [2, 2, 2], stride: [2, 2, 2]), batch: 1),
    transposed(
      "3D kernel 3 stride 2, 16 to 1", 16, 1, [2, 3, 2],
      Window(
        kernel: [3, 3, 3], stride: [2, 2, 2], paddingBefore: [1, 1, 1], paddingAfter: [0, 0, 0])),
    transposed(
      "2D kernel 2 stride 2, 3 to 1", 3, 1, [3, 4], Window(kernel: [2, 2], stride: [2, 2])),
    transposed(
      "3D kernel 2 stride 2, then ReLU", 16, 16, [2, 2, 1],
      Window(kernel: [2, 2, 2], stride: [2, 2, 2])
    ) { graph, y in try graph.activate(y, .relu) },
  ]
}
