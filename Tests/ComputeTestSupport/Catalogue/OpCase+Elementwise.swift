import Compute

extension OpCase {
  private static let functions: [Activation.Function] = [
    .relu, .leakyReLU(slope: 0.01), .leakyReLU(slope: 0.3), .elu(alpha: 1), .elu(alpha: 0.5),
    .sigmoid, .tanh,
  ]

  /// Every nonlinearity, over feature maps and dense tensors.
  static let activations: [OpCase] =
    functions.flatMap { function in
      [
        OpCase("\(function): 3D, 16 maps") { tracer in
          let x = try tracer.data(channels: 16, [3, 3, 2], in: -2..<2)
          return try tracer.graph.activate(x, function)
        },
        OpCase("\(function): 2D, 5 maps, batch 1", batch: 1) { tracer in
          let x = try tracer.data(channels: 5, [5, 7], in: -2..<2)
          return try tracer.graph.activate(x, function)
        },
        OpCase("\(function): dense") { tracer in
          let x = try tracer.denseData(channels: 3, [5], in: -2..<2)
          return try tracer.graph.activate(x, function)
        },
      ]
    } + [
      OpCase("selu: 2D, 5 maps") { tracer in
        let x = try tracer.data(channels: 5, [4, 3], in: -2..<2)
        return try tracer.graph.selu(x)
      },
      OpCase("selu: 3D, 16 maps") { tracer in
        let x = try tracer.data(channels: 16, [3, 3, 2], in: -2..<2)
        return try tracer.graph.selu(x)
      },
      OpCase("sigmoid: saturated") { tracer in
        let x = try tracer.data(channels: 3, [3, 5], in: -60..<60)
        return try tracer.graph.activate(x, .sigmoid)
      },
      prelu("one slope, 5 maps", 5, [4, 5], slopes: 1),
      prelu("one slope, 16 maps", 16, [2, 3, 3], slopes: 1),
      prelu("a slope a channel, 5 maps", 5, [3, 4, 2], slopes: 5),
      prelu("a slope a channel, 16 maps", 16, [5, 3], slopes: 16),
      prelu("a slope a channel, 1 map, batch 1", 1, [5, 3], slopes: 1, batch: 1),
      prelu("after a convolution, 8 maps", 3, [3, 4, 5], convolved: 8, slopes: 8),
      prelu("after a convolution, 16 maps", 3, [3, 4, 5], convolved: 16, slopes: 16),
      prelu(
        "after a convolution, 40 maps, batch 1", 3, [2, 4, 3], convolved: 40, slopes: 40, batch: 1),
      prelu("after a convolution, one slope", 3, [3, 4, 2], convolved: 16, slopes: 1),
      prelu("after a convolution, 1 map", 3, [3, 4, 2], convolved: 1, slopes: 1),
      prelu("after a 2D convolution, 16 maps", 3, [7, 5], convolved: 16, slopes: 16),
      prelu("after a 2D convolution, 20 maps", 3, [7, 5], convolved: 20, slopes: 20),
    ]

  /// After a convolution maps lie in blocks of channels.
  private static func prelu(
    _ name: String, _ channels: Int, _ spatial: [Int], convolved maps: Int? = nil, slopes: Int,
    batch: Int = 2
  ) -> OpCase {
    OpCase("prelu: \(name)", batch: batch) { tracer in
      var x = try tracer.data(channels: channels, spatial)
      if let maps {
        let kernel = Array(repeating: 3, count: spatial.count)
        let weight = try tracer.parameter("weight", Shape([maps, channels] + kernel))
        x = try tracer.graph.convolution(x, weight: weight, window: .same(kernel: kernel))
      }
      let slope = try tracer.parameter("slope", [slopes], in: 0..<0.5, role: .scale)
      return try tracer.graph.prelu(x, slope: slope)
    }
  }

  /// Sums, products, quotients, logarithms, and values that are used more than once.
  static let arithmetic: [OpCase] = [
    OpCase("add: two maps") { tracer in
      let a = try tracer.data("a", channels: 16, [2, 3, 3])
      return try tracer.graph.add(a, tracer.data("b", channels: 16, [2, 3, 3]))
    },
    OpCase("add: a map and a dense tensor, 5 maps") { tracer in
      let a = try tracer.data("a", channels: 5, [4, 3])
      return try tracer.graph.add(a, tracer.denseData("b", channels: 5, [4, 3]))
    },
    OpCase("add: two dense tensors, which share a gradient") { tracer in
      let a = try tracer.denseData("a", channels: 5, [4, 3])
      return try tracer.graph.add(a, tracer.denseData("b", channels: 5, [4, 3]))
    },
    OpCase("add: a map to itself") { tracer in
      let a = try tracer.data("a", channels: 5, [4, 3])
      return try tracer.graph.add(a, a)
    },
    OpCase("add: a number a sample to a map, 16 maps") { tracer in
      let a = try tracer.data("a", channels: 16, [2, 3, 3])
      return try tracer.graph.add(a, tracer.denseData("b", channels: 1, [1, 1, 1]))
    },
    OpCase("add: a learned number a sample to a map, 5 maps") { tracer in
      let a = try tracer.data("a", channels: 5, [4, 3])
      let hidden = try tracer.graph.linear(
        tracer.denseData("b", channels: 3, []), weight: tracer.parameter("weight", [1, 3]))
      let number = try tracer.graph.activate(hidden, .tanh)
      return try tracer.graph.add(
        a, tracer.graph.reshape(number, [tracer.batch, 1, 1, 1]))
    },
    OpCase("add: a map of one channel to 16 maps") { tracer in
      let a = try tracer.data("a", channels: 16, [3, 3, 2])
      return try tracer.graph.add(a, tracer.data("b", channels: 1, [3, 3, 2]))
    },
    OpCase("add: a map of one channel to 5 maps, rectified, batch 1", batch: 1) { tracer in
      let a = try tracer.data("a", channels: 5, [4, 3])
      let b = try tracer.graph.activate(tracer.data("b", channels: 1, [4, 3]), .relu)
      return try tracer.graph.activate(tracer.graph.add(a, b), .relu)
    },
    OpCase("add: a number a channel, 16 maps") { tracer in
      let a = try tracer.data("a", channels: 16, [4, 3])
      return try tracer.graph.add(a, tracer.parameter("b", [1, 16, 1, 1]))
    },
    OpCase("multiply: a map by a number a sample") { tracer in
      let a = try tracer.data("a", channels: 16, [2, 3, 3])
      return try tracer.graph.multiply(a, tracer.denseData("b", channels: 1, [1, 1, 1]))
    },
    OpCase("multiply: two maps") { tracer in
      let a = try tracer.data("a", channels: 16, [2, 3, 3])
      return try tracer.graph.multiply(a, tracer.data("b", channels: 16, [2, 3, 3]))
    },
    OpCase("multiply: a map by itself") { tracer in
      let a = try tracer.data("a", channels: 5, [4, 3])
      return try tracer.graph.multiply(a, a)
    },
    OpCase("multiply: a map by a dense tensor") { tracer in
      let a = try tracer.data("a", channels: 5, [4, 3])
      return try tracer.graph.multiply(a, tracer.denseData("b", channels: 5, [4, 3]))
    },
    OpCase("multiply: a map by a map of one channel") { tracer in
      let a = try tracer.data("a", channels: 16, [3, 3, 2])
      return try tracer.graph.multiply(a, tracer.data("b", channels: 1, [3, 3, 2]))
    },
    OpCase("multiply: 17 maps by an attention map, in two dimensions") { tracer in
      let a = try tracer.graph.activate(tracer.data("a", channels: 17, [3, 5]), .tanh)
      let b = try tracer.graph.activate(tracer.data("b", channels: 1, [3, 5]), .sigmoid)
      return try tracer.graph.add(tracer.graph.multiply(a, b), a)
    },
    OpCase("multiply: a map by a dense map of one channel, batch 1", batch: 1) { tracer in
      let a = try tracer.data("a", channels: 3, [3, 3, 2])
      return try tracer.graph.multiply(a, tracer.denseData("b", channels: 1, [3, 3, 2]))
    },
    OpCase("multiply: a map by a factor a channel, dense") { tracer in
      let a = try tracer.data("a", channels: 5, [4, 3])
      return try tracer.graph.multiply(a, tracer.parameter("b", [1, 5, 1, 1]))
    },
    OpCase("multiply: dense by a factor a sample and channel") { tracer in
      let a = try tracer.denseData("a", channels: 3, [4, 3])
      return try tracer.graph.multiply(a, tracer.denseData("b", channels: 3, [1, 1]))
    },
    OpCase("multiply: a map by a constant a channel") { tracer in
      let a = try tracer.data("a", channels: 3, [4, 3])
      let weights = try tracer.graph.constant([0.5, -1, 2], shape: [1, 3, 1, 1])
      return try tracer.graph.multiply(a, weights)
    },
    OpCase("divide: dense") { tracer in
      let a = try tracer.denseData("a", channels: 3, [4, 3])
      return try tracer.graph.divide(a, tracer.denseData("b", channels: 3, [4, 3], in: 0.5..<2))
    },
    OpCase("logarithm: dense") { tracer in
      try tracer.graph.logarithm(tracer.denseData("a", channels: 3, [4, 3], in: 0.2..<3))
    },
    OpCase("scaleShift: a map") { tracer in
      let x = try tracer.data(channels: 16, [3, 4])
      return try tracer.graph.scaleShift(x, scale: -2.5, shift: 0.75)
    },
    OpCase("scaleShift: dense, then used again") { tracer in
      let x = try tracer.denseData(channels: 3, [3, 4])
      return try tracer.graph.add(tracer.graph.scaleShift(x, scale: 0.5), x)
    },
    OpCase("linear: 5 to 17") { tracer in
      let x = try tracer.denseData(channels: 5, [])
      return try tracer.graph.linear(
        x, weight: tracer.parameter("weight", [17, 5]),
        bias: tracer.parameter("bias", [17], role: .bias))
    },
    OpCase("linear: 16 to 3, no bias, then ReLU", batch: 3) { tracer in
      let x = try tracer.denseData(channels: 16, [])
      let y = try tracer.graph.linear(x, weight: tracer.parameter("weight", [3, 16]))
      return try tracer.graph.activate(y, .relu)
    },
  ]
}
