import Compute
import ComputeTestSupport
import CounterRandom

/// One operation with small numbers, and what PyTorch 2.13 makes of them.
///
/// The rows were made by this program, with the expression above each row in place of `EXPRESSION`:
///
///     import math, torch, torch.nn.functional as F
///     torch.set_default_dtype(torch.float64)
///     def ramp(step, *shape):
///       return ((torch.arange(math.prod(shape)) * step % 13 - 6) / 4).reshape(shape)
///     def labels(count, *shape):
///       return (torch.arange(math.prod(shape)) * 2 % count).reshape(shape)
///     print([f"{v:.9g}" for v in (EXPRESSION).flatten().tolist()])
struct Golden: Sendable, CustomStringConvertible {
  let description: String
  let mode: GraphBuilder.Mode
  let expected: [Double]
  let trace: @Sendable (inout GraphBuilder, _ labels: Symbol) throws -> Symbol

  init(
    _ description: String, mode: GraphBuilder.Mode = .training, expected: [Double],
    trace: @escaping @Sendable (inout GraphBuilder, _ labels: Symbol) throws -> Symbol
  ) {
    self.description = description
    self.mode = mode
    self.expected = expected
    self.trace = trace
  }

  /// The elements (i * step mod 13 - 6) / 4, as the program above makes them.
  static func ramp(_ step: Int, count: Int) -> [Double] {
    (0..<count).map { Double($0 * step % 13 - 6) / 4 }
  }

  static let all: [Golden] = [
    // F.conv2d(F.pad(ramp(5, 1, 2, 3, 4), (1, 2, 2, 0)), ramp(7, 3, 2, 3, 3), ramp(3, 3))
    Golden(
      "convolution with asymmetric padding",
      expected: [
        -1.125, -2.25, 0.9375, -2.4375, -2, -2.5625, 2.375, -3.8125, -2.5, -1.9375, -1.125,
        -2.9375, 1.4375, -5.125, 0.625, -2.5, -3.5625, 0.25, 0, -1.25, -2.5, -0.125, 1.4375,
        -0.5, -0.625, -4.1875, 0.75, -1.125, 0, -1, 0.1875, 2.4375, -1.25, 0, -0.5, 0, -0.1875,
        1, -2.5625, 3.125, -2.375, 2, -3.6875, 1.875, -2.625,
      ]
    ) { graph, _ in
      try graph.convolution(
        graph.ramp(5, [1, 2, 3, 4]), weight: graph.ramp(7, [3, 2, 3, 3]), bias: graph.ramp(3, [3]),
        window: Window(kernel: [3, 3], paddingBefore: [2, 1], paddingAfter: [0, 2]))
    },
    // F.conv3d(ramp(5, 1, 2, 5, 4, 5), ramp(7, 2, 2, 3, 2, 3), None, stride=(1, 2, 2),
    // padding=(1, 0, 2), dilation=(2, 1, 2))
    Golden(
      "convolution with stride and dilation",
      expected: [
        0.25, -6.0625, -1.1875, -6.3125, -7.4375, -0.25, -4.875, -0.9375, 7.4375, -0.875,
        -0.3125, 6.4375, 0.25, 3.125, 2.9375, 7, -0.625, -1.5, 1.0625, -2.6875, 4.125, -4.125,
        5.3125, 2.375, -4.875, 9.8125, -3.6875, 0.375, 5.8125, -3.4375, 3.5, 2.4375, -4.75,
        1.0625, -0.875, -1.3125,
      ]
    ) { graph, _ in
      try graph.convolution(
        graph.ramp(5, [1, 2, 5, 4, 5]), weight: graph.ramp(7, [2, 2, 3, 2, 3]),
        window: Window(
          kernel: [3, 2, 3], stride: [1, 2, 2], dilation: [2, 1, 2], paddingBefore: [1, 0, 2]))
    },
    // F.conv2d(ramp(5, 1, 4, 3, 3), ramp(7, 6, 2, 2, 2), ramp(3, 6), groups=2)
    Golden(
      "convolution in groups",
      expected: [
        1.125, -1.375, -2.3125, -0.75, 0.4375, 3.875, 5.0625, -1.25, -1.0625, -2.25, 1.0625,
        -2.5625, 6.5625, -3.3125, -1.125, -1.25, -0.1875, 3.1875, 7.5, -0.5, -2.0625, -0.0625,
        -1.75, -0.5625,
      ]
    ) { graph, _ in
      try graph.convolution(
        graph.ramp(5, [1, 4, 3, 3]), weight: graph.ramp(7, [6, 2, 2, 2]), bias: graph.ramp(3, [6]),
        window: Window(kernel: [2, 2]), groups: 2)
    },
    // F.conv_transpose2d(ramp(5, 1, 3, 2, 3), ramp(7, 3, 2, 3, 3), ramp(3, 2), stride=2,
    // padding=1, output_padding=1)
    Golden(
      "transposed convolution with output padding",
      expected: [
        -0.5, -1.375, -0.6875, 1.5, -4.125, -0.125, -2.25, 3, -2.625, -8.3125, 1.0625, -2.9375,
        -0.25, -2.5, -0.4375, 0.375, -3.875, -0.5, -3.5, 0.9375, -0.25, -6.375, -0.25, -0.9375,
        1, -2.625, 0.5625, -2.6875, -3.125, 0.0625, -0.75, 0.6875, -1.625, 0.5625, 1.5625,
        -1.625, 0.5, -2, 0.0625, -2.0625, -3.625, 0.5625, -2.75, 1.4375, 0.25, -2.3125, 0, -3.125,
      ]
    ) { graph, _ in
      try graph.transposedConvolution(
        graph.ramp(5, [1, 3, 2, 3]), weight: graph.ramp(7, [3, 2, 3, 3]), bias: graph.ramp(3, [2]),
        window: Window(
          kernel: [3, 3], stride: [2, 2], paddingBefore: [1, 1], paddingAfter: [0, 0]))
    },
    // F.conv_transpose3d(ramp(5, 1, 2, 2, 1, 2), ramp(7, 2, 1, 2, 2, 2), ramp(3, 1), stride=(2,
    // 1, 1), dilation=(1, 1, 2))
    Golden(
      "transposed convolution with dilation",
      expected: [
        0.625, -1.875, -1.5625, 0.3125, 0.3125, -1.5625, -1.875, 0.625, 0, -1.25, -3, -3.9375,
        -0.3125, -0.9375, -3.3125, -3.625, -2.75, -0.375, -1.875, -0.8125, -2.625, -0.4375,
        -1.75, -0.875, -2.5, -0.5, 0, -3.375, -2.375, -0.5625, 0.125, -3.4375,
      ]
    ) { graph, _ in
      try graph.transposedConvolution(
        graph.ramp(5, [1, 2, 2, 1, 2]), weight: graph.ramp(7, [2, 1, 2, 2, 2]),
        bias: graph.ramp(3, [1]),
        window: Window(kernel: [2, 2, 2], stride: [2, 1, 1], dilation: [1, 1, 2]))
    },
    // F.max_pool2d(ramp(5, 1, 2, 5, 4), 3, stride=2, padding=1)
    Golden(
      "max pooling",
      expected: [
        1.5, 1.5, 1.5, 1.5, 0.5, 1.5, 0.75, 1.25, 1, 1.5, 1.25, 0.75,
      ]
    ) { graph, _ in
      try graph.pooling(
        graph.ramp(5, [1, 2, 5, 4]), .maximum,
        window: Window(kernel: [3, 3], stride: [2, 2], paddingBefore: [1, 1]))
    },
    // F.avg_pool3d(ramp(5, 1, 2, 3, 4, 3), 2, stride=2, padding=1, count_include_pad=False)
    Golden(
      "average pooling that leaves padding out",
      expected: [
        -1.5, 0.375, -0.75, 0.3125, 0, 0.25, -0.125, -0.6875, 0.625, 0.0625, -0.25, 0, 1.25,
        -0.125, -1.25, 0.625, -0.5, -0.25, -0.625, 0.4375, 0.125, -0.4375, 0.875, 0.3125,
      ]
    ) { graph, _ in
      try graph.pooling(
        graph.ramp(5, [1, 2, 3, 4, 3]), .average,
        window: Window(kernel: [2, 2, 2], stride: [2, 2, 2], paddingBefore: [1, 1, 1]))
    },
    // F.max_unpool2d(ramp(7, 1, 2, 2, 2), F.max_pool2d(F.relu(ramp(5, 1, 2, 5, 4)), 2,
    // return_indices=True)[1], 2, output_size=(5, 4))
    Golden(
      "unpooling in two dimensions, of ties",
      expected: [
        0, 0, 0.25, 0, 0, -1.5, 0, 0, 0, 0, 0.5, 0, -1.25, 0, 0, 0, 0, 0, 0, 0, -1, 0,
        0, 0.75, 0, 0, 0, 0, -0.75, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
      ]
    ) { graph, _ in
      let x = try graph.activate(graph.ramp(5, [1, 2, 5, 4]), .relu)
      let indices = try graph.indexedPooling(x, extent: [2, 2]).indices
      return try graph.unpooling(
        graph.ramp(7, [1, 2, 2, 2]), indices: indices, extent: [2, 2], to: [5, 4])
    },
    // F.max_unpool3d(ramp(7, 1, 1, 1, 2, 3), F.max_pool3d(F.relu(ramp(5, 1, 1, 2, 4, 3)),
    // (2, 2, 1), return_indices=True)[1], (2, 2, 1))
    Golden(
      "unpooling in three dimensions",
      expected: [
        0, 0, 0, 0, 0.25, -1.25, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1.5, 0, 0, 0.5, 0, 0, 0,
        0, 0.75,
      ]
    ) { graph, _ in
      let x = try graph.activate(graph.ramp(5, [1, 1, 2, 4, 3]), .relu)
      let indices = try graph.indexedPooling(x, extent: [2, 2, 1]).indices
      return try graph.unpooling(
        graph.ramp(7, [1, 1, 1, 2, 3]), indices: indices, extent: [2, 2, 1], to: [2, 4, 3])
    },
    // F.interpolate(ramp(5, 1, 1, 3, 2), size=(5, 7), mode="bilinear", align_corners=False)
    Golden(
      "linear resampling up by odd factors",
      expected: [
        -1.5, -1.5, -1.23214286, -0.875, -0.517857143, -0.25, -0.25, -0.5, -0.5, -0.510714286,
        -0.525, -0.539285714, -0.55, -0.55, 1, 1, 0.571428571, 5.55111512e-17, -0.571428571, -1,
        -1, 0.55, 0.55, 0.539285714, 0.525, 0.510714286, 0.5, 0.5, 0.25, 0.25, 0.517857143,
        0.875, 1.23214286, 1.5, 1.5,
      ]
    ) { graph, _ in
      try graph.resample(graph.ramp(5, [1, 1, 3, 2]), to: [5, 7], .linear)
    },
    // F.interpolate(ramp(5, 1, 2, 5, 3, 4), size=(2, 2, 3), mode="trilinear",
    // align_corners=False)
    Golden(
      "linear resampling down",
      expected: [
        -0.268229167, -0.2265625, 0.322916667, -0.0807291667, -0.0390625, 0.510416667,
        0.466145833, 0, -0.635416667, 0.653645833, 0.1875, -0.447916667, -0.0520833333,
        -0.3828125, 0.471354167, 0.135416667, -0.1953125, 0.658854167, 0.716145833, 0.25,
        -0.385416667, -0.721354167, 0.1328125, -0.197916667,
      ]
    ) { graph, _ in
      try graph.resample(graph.ramp(5, [1, 2, 5, 3, 4]), to: [2, 2, 3], .linear)
    },
    // F.interpolate(ramp(5, 1, 1, 4, 5), size=(3, 8), mode="nearest-exact")
    Golden(
      "nearest resampling",
      expected: [
        -1.5, -1.5, -0.25, 1, 1, -1, 0.25, 0.25, 1.25, 1.25, -0.75, 0.5, 0.5, -1.5, -0.25, -0.25,
        1, 1, -1, 0.25, 0.25, 1.5, -0.5, -0.5,
      ]
    ) { graph, _ in
      try graph.resample(graph.ramp(5, [1, 1, 4, 5]), to: [3, 8], .nearest)
    },
    // F.instance_norm(ramp(5, 2, 3, 2, 2), weight=ramp(4, 3), bias=ramp(3, 3), eps=1e-5)
    Golden(
      "instance normalization",
      expected: [
        0.192484901, -1.79867381, -3.78983251, -0.603978582, -0.578503029, -1.43598788,
        -0.0640121158, -0.921496971, -0.564161634, 0.0995579354, 0.763277504, -0.298673806,
        -2.39602142, 0.789832513, -1.20132619, -3.1924849, -0.185838366, -0.849557935,
        -1.5132775, -0.451326194, 0.298673806, -0.763277504, -0.0995579354, 0.564161634,
      ]
    ) { graph, _ in
      try graph.instanceNormalization(
        graph.ramp(5, [2, 3, 2, 2]), scale: graph.ramp(4, [3]), shift: graph.ramp(3, [3]),
        epsilon: 1e-5)
    },
    // F.batch_norm(ramp(5, 2, 3, 2, 2), None, None, ramp(4, 3), ramp(3, 3), training=True,
    // eps=1e-5)
    Golden(
      "batch normalization",
      expected: [
        0.452823073, -1.5, -3.45282307, -0.328306156, -0.732039588, -1.45045605, -0.300989711,
        -1.01940617, -0.650941024, 0, 0.650941024, -0.390564615, -2.67169384, 0.452823073, -1.5,
        -3.45282307, -0.0136231265, -0.732039588, -1.45045605, -0.300989711, 0.390564615,
        -0.650941024, 0, 0.650941024,
      ]
    ) { graph, _ in
      try graph.batchNormalization(
        graph.ramp(5, [2, 3, 2, 2]), scale: graph.ramp(4, [3]), shift: graph.ramp(3, [3]),
        runningMean: graph.statistic(6, [3]), runningVariance: graph.statistic(9, [3]),
        epsilon: 1e-5)
    },
    // F.batch_norm(ramp(5, 2, 3, 2, 2), None, None, None, ramp(3, 3), training=True, eps=1e-5)
    Golden(
      "batch normalization without a scale",
      expected: [
        -2.80188205, -1.5, -0.198117951, -2.28112923, -0.785920823, 0.650912101, -1.64802058,
        -0.211187654, -1.30188205, 0, 1.30188205, -0.781129229, -0.718870771, -2.80188205, -1.5,
        -0.198117951, -2.22275375, -0.785920823, 0.650912101, -1.64802058, 0.781129229,
        -1.30188205, 0, 1.30188205,
      ]
    ) { graph, _ in
      try graph.batchNormalization(
        graph.ramp(5, [2, 3, 2, 2]), scale: nil, shift: graph.ramp(3, [3]),
        runningMean: graph.statistic(6, [3]), runningVariance: graph.statistic(9, [3]),
        epsilon: 1e-5)
    },
    // (lambda x: (x - x.mean((0, 2, 3), keepdim=True))
    //  / (x.std((0, 2, 3), correction=0, keepdim=True) + 0.5) * ramp(4, 3, 1, 1)
    //  + ramp(3, 3, 1, 1))(ramp(5, 2, 3, 2, 2))
    Golden(
      "batch normalization by deviation",
      expected: [
        -0.21587939, -1.5, -2.78412061, -0.729527634, -0.738594584, -1.19481122, -0.4648646,
        -0.92108124, -0.428040203, 0, 0.428040203, -0.256824122, -2.27047237, -0.21587939, -1.5,
        -2.78412061, -0.282377944, -0.738594584, -1.19481122, -0.4648646, 0.256824122,
        -0.428040203, 0, 0.428040203,
      ]
    ) { graph, _ in
      try graph.batchNormalization(
        graph.ramp(5, [2, 3, 2, 2]), scale: graph.ramp(4, [3]), shift: graph.ramp(3, [3]),
        runningMean: graph.statistic(6, [3]), runningDeviation: graph.statistic(9, [3]),
        epsilon: 0.5)
    },
    // (ramp(5, 2, 3, 2, 2) - ramp(6, 3, 1, 1)) / (ramp(9, 3, 1, 1) + 2 + 0.5) * ramp(4, 3, 1, 1)
    // + ramp(3, 3, 1, 1)
    Golden(
      "given normalization by deviation", mode: .inference,
      expected: [
        -1.5, -3.375, -5.25, -2.25, -0.788461538, -0.980769231, -0.673076923, -0.865384615,
        -0.611111111, -0.333333333, -0.0555555556, -0.5, -4.5, -1.5, -3.375, -5.25, -0.596153846,
        -0.788461538, -0.980769231, -0.673076923, -0.166666667, -0.611111111, -0.333333333,
        -0.0555555556,
      ]
    ) { graph, _ in
      try graph.batchNormalization(
        graph.ramp(5, [2, 3, 2, 2]), scale: graph.ramp(4, [3]), shift: graph.ramp(3, [3]),
        runningMean: graph.ramp(6, [3]),
        runningDeviation: graph.scaleShift(graph.ramp(9, [3]), scale: 1, shift: 2), epsilon: 0.5)
    },
    // ramp(5, 2, 3, 2, 2) + ramp(7, 2, 1, 1, 1)
    Golden(
      "addition of a number a sample",
      expected: [
        -3, -1.75, -0.5, -2.5, -1.25, 0, -2, -0.75, -2.75, -1.5, -0.25, -2.25, 0.75, -1.25, 0,
        1.25, -0.75, 0.5, 1.75, -0.25, 1, -1, 0.25, 1.5,
      ]
    ) { graph, _ in try graph.add(graph.ramp(5, [2, 3, 2, 2]), graph.ramp(7, [2, 1, 1, 1])) },
    // F.pad(ramp(5, 1, 2, 2, 2), (0, 0, 0, 0, 0, 1))
    Golden(
      "padding of channels",
      expected: [-1.5, -0.25, 1, -1, 0.25, 1.5, -0.5, 0.75, 0, 0, 0, 0]
    ) { graph, _ in try graph.padChannels(graph.ramp(5, [1, 2, 2, 2]), to: 3) },
    // F.batch_norm(ramp(5, 2, 3, 2, 2), ramp(6, 3), ramp(9, 3) + 2, ramp(4, 3), ramp(3, 3),
    // eps=1e-5)
    Golden(
      "given normalization", mode: .inference,
      expected: [
        -1.5, -4.15162391, -6.80324783, -2.56064957, -0.825377699, -1.20226619, -0.599244602,
        -0.976133097, -1.03939933, -0.56694509, -0.0944908483, -0.850417635, -5.74259826, -1.5,
        -4.15162391, -6.80324783, -0.448489204, -0.825377699, -1.20226619, -0.599244602,
        -0.283472545, -1.03939933, -0.56694509, -0.0944908483,
      ]
    ) { graph, _ in
      try graph.batchNormalization(
        graph.ramp(5, [2, 3, 2, 2]), scale: graph.ramp(4, [3]), shift: graph.ramp(3, [3]),
        runningMean: graph.ramp(6, [3]),
        runningVariance: graph.scaleShift(graph.ramp(9, [3]), scale: 1, shift: 2), epsilon: 1e-5)
    },
    // F.elu(ramp(5, 1, 1, 13), alpha=0.5)
    Golden(
      "elu",
      expected: [
        -0.38843492, -0.110599608, 1, -0.316060279, 0.25, 1.5, -0.19673467, 0.75, -0.356747602,
        0, 1.25, -0.263816724, 0.5,
      ]
    ) { graph, _ in
      try graph.activate(graph.ramp(5, [1, 1, 13]), .elu(alpha: 0.5))
    },
    // F.selu(ramp(5, 1, 1, 13))
    Golden(
      "selu",
      expected: [
        -1.36581435, -0.388890197, 1.05070099, -1.11133074, 0.262675247, 1.57605148,
        -0.691758188, 0.788025741, -1.25439545, 0, 1.31337623, -0.927632016, 0.525350494,
      ]
    ) { graph, _ in
      try graph.selu(graph.ramp(5, [1, 1, 13]))
    },
    // F.prelu(ramp(5, 1, 3, 4), ramp(4, 3))
    Golden(
      "prelu",
      expected: [
        2.25, 0.375, 1, 1.5, 0.25, 1.5, 0.25, 0.75, -0.625, 0, 1.25, -0.375,
      ]
    ) { graph, _ in
      try graph.prelu(graph.ramp(5, [1, 3, 4]), slope: graph.ramp(4, [3]))
    },
    // F.softmax(ramp(5, 1, 3, 4), 1)
    Golden(
      "softmax",
      expected: [
        0.124399336, 0.124399336, 0.398858375, 0.124399336, 0.715868754, 0.715868754,
        0.0889973332, 0.715868754, 0.15973191, 0.15973191, 0.512144292, 0.15973191,
      ]
    ) { graph, _ in
      try graph.softmax(graph.ramp(5, [1, 3, 4]))
    },
    // F.cross_entropy(ramp(5, 2, 3, 2, 2), labels(3, 2, 2, 2))
    Golden(
      "cross-entropy",
      expected: [
        1.52234235
      ]
    ) { graph, labels in
      try graph.crossEntropy(graph.ramp(5, [2, 3, 2, 2]), labels: labels)
    },
    // F.cross_entropy(ramp(5, 2, 3, 2, 2), labels(3, 2, 2, 2), weight=torch.tensor([0.25, 1.0,
    // 4.0]))
    Golden(
      "weighted cross-entropy",
      expected: [
        1.15300514
      ]
    ) { graph, labels in
      try graph.crossEntropy(
        graph.ramp(5, [2, 3, 2, 2]), labels: labels, classWeights: [0.25, 1, 4])
    },
    // F.linear(ramp(5, 2, 3), ramp(7, 4, 3), ramp(3, 4))
    Golden(
      "linear",
      expected: [
        -0.5625, -0.5, 0.375, 0.4375, -1.8125, -0.375, 0.25, 1.6875,
      ]
    ) { graph, _ in
      try graph.linear(
        graph.ramp(5, [2, 3]), weight: graph.ramp(7, [4, 3]), bias: graph.ramp(3, [4]))
    },
  ]
}

extension GraphBuilder {
  /// A statistic filled with a ``Golden/ramp(_:count:)``; its name says which.
  mutating func statistic(_ step: Int, _ shape: Shape) throws -> Symbol {
    try parameter(
      "statistic\(step) \(shape)", shape, .statistic(momentum: 0.25),
      initializer: RampInitializer(step: step))
  }

  /// A parameter filled with a ``Golden/ramp(_:count:)``; its name says which.
  mutating func ramp(_ step: Int, _ shape: Shape) throws -> Symbol {
    try parameter("ramp\(step) \(shape)", shape, .weight, initializer: RampInitializer(step: step))
  }
}

private struct RampInitializer: ParameterInitializer {
  let step: Int

  func fill(
    _ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream
  ) {
    for (index, value) in Golden.ramp(step, count: values.count).enumerated() {
      values[index] = Float(value)
    }
  }
}
