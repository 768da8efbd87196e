import Compute

extension OpCase {
  private static func convolution(
    _ x: Symbol, to outputs: Int, _ name: String, kernel: Int = 3, in tracer: inout CaseTracer
  ) throws -> Symbol {
    let kernel = x.shape.spatial.map { _ in kernel }
    let weight = try tracer.parameter(
      name + ".weight", Shape([outputs, x.shape.channels] + kernel), in: -0.4..<0.4)
    return try tracer.graph.convolution(x, weight: weight, window: .same(kernel: kernel))
  }

  /// What several operations together may break: shared values, shared weights, skips, reuse of
  /// memory.
  static let networks: [OpCase] = [
    OpCase("network: a diamond") { tracer in
      let x = try tracer.graph.activate(tracer.data(channels: 16, [4, 5]), .tanh)
      let left = try convolution(x, to: 16, "left", in: &tracer)
      let right = try convolution(x, to: 16, "right", kernel: 1, in: &tracer)
      return try tracer.graph.multiply(left, tracer.graph.activate(right, .sigmoid))
    },
    OpCase("network: a value used three times") { tracer in
      let x = try tracer.graph.activate(tracer.data(channels: 5, [4, 5]), .relu)
      let once = try tracer.graph.multiply(x, x)
      return try tracer.graph.add(once, tracer.graph.scaleShift(x, scale: 3))
    },
    OpCase("network: a weight used twice") { tracer in
      let x = try tracer.data(channels: 3, [4, 5])
      let once = try tracer.graph.activate(convolution(x, to: 3, "shared", in: &tracer), .tanh)
      return try convolution(once, to: 3, "shared", in: &tracer)
    },
    OpCase("network: a recurrent unit, its weights used three times", samplesAreIndependent: false)
    { tracer in
      let x = try tracer.data(channels: 4, [4, 5])
      var y = x
      for step in 0..<3 {
        let input = step == 0 ? x : try tracer.graph.add(x, y)
        y = try convolution(input, to: 4, "conv", in: &tracer)
        y = try batchNormalization(y, in: &tracer, prefix: "norm.")
        y = try tracer.graph.activate(y, .relu)
      }
      return try tracer.graph.add(x, y)
    },
    OpCase("network: a residual block", samplesAreIndependent: false) { tracer in
      let x = try tracer.data(channels: 16, [3, 3, 2])
      var y = try convolution(x, to: 16, "conv1", in: &tracer)
      y = try batchNormalization(y, in: &tracer, prefix: "norm1.")
      y = try tracer.graph.activate(y, .relu)
      y = try convolution(y, to: 16, "conv2", kernel: 1, in: &tracer)
      y = try batchNormalization(y, in: &tracer, prefix: "norm2.")
      return try tracer.graph.activate(tracer.graph.add(y, x), .relu)
    },
    OpCase("network: a dense block") { tracer in
      var x = try tracer.data(channels: 3, [4, 3])
      for layer in 0..<3 {
        let y = try tracer.graph.activate(
          convolution(x, to: 2, "layer\(layer)", in: &tracer), .relu)
        x = try tracer.graph.concatenate([x, y])
      }
      return x
    },
    OpCase("network: a chain of rectifiers over one map") { tracer in
      let x = try tracer.data(channels: 16, [3, 4])
      let a = try tracer.graph.activate(x, .leakyReLU(slope: 0.2))
      let b = try tracer.graph.activate(a, .elu(alpha: 1))
      return try tracer.graph.add(tracer.graph.activate(b, .sigmoid), a)
    },
    OpCase("network: channel attention") { tracer in
      let x = try tracer.data(channels: 5, [4, 3])
      let mean = try tracer.graph.mean(x, axes: [2, 3])
      let point = try tracer.graph.reshape(mean, [tracer.batch, 5])
      let gate = try tracer.graph.activate(
        tracer.graph.linear(point, weight: tracer.parameter("gate", [5, 5])), .sigmoid)
      return try tracer.graph.multiply(x, tracer.graph.reshape(gate, [tracer.batch, 5, 1, 1]))
    },
    unet("3D, batch normalization, concatenated skips", [4, 4, 4], batchNorm: true, sum: false),
    unet("3D, instance normalization, summed skips", [4, 4, 4], batchNorm: false, sum: true),
    unet("2D, instance normalization, concatenated skips", [6, 8], batchNorm: false, sum: false),
  ]

  /// Two levels: 4 maps at the top, 8 below, with Dice and cross-entropy.
  private static func unet(
    _ name: String, _ spatial: [Int], batchNorm: Bool, sum: Bool
  ) -> OpCase {
    OpCase("network: U-Net \(name)", samplesAreIndependent: false, classes: 3) { tracer in
      func block(
        _ x: Symbol, to outputs: Int, _ name: String, in tracer: inout CaseTracer
      ) throws -> Symbol {
        let y = try convolution(x, to: outputs, name, in: &tracer)
        let normal =
          batchNorm
          ? try batchNormalization(y, in: &tracer, prefix: name + ".norm.")
          : try instanceNormalization(y, in: &tracer, prefix: name + ".norm.")
        return try tracer.graph.activate(normal, batchNorm ? .relu : .leakyReLU(slope: 0.01))
      }
      let two = spatial.map { _ in 2 }
      let image = try tracer.data("image", channels: 1, spatial)
      let top = try block(image, to: 4, "encoder.0", in: &tracer)
      let down = try tracer.graph.pooling(top, .maximum, window: Window(kernel: two, stride: two))
      let bottom = try block(down, to: 8, "encoder.1", in: &tracer)
      let up = try tracer.graph.transposedConvolution(
        bottom, weight: tracer.parameter("up.weight", Shape([8, 4] + two)),
        bias: tracer.parameter("up.bias", [4], role: .bias),
        window: Window(kernel: two, stride: two))
      let joined = sum ? try tracer.graph.add(top, up) : try tracer.graph.concatenate([top, up])
      let decoded = try block(joined, to: 4, "decoder.0", in: &tracer)
      let logits = try convolution(decoded, to: 3, "head", kernel: 1, in: &tracer)
      try tracer.graph.output("logits", logits)
      let labels = tracer.labels(spatial)
      let sums = try tracer.graph.overlapSums(tracer.graph.softmax(logits), labels: labels)
      let whole = try tracer.graph.add(sums.predicted, sums.reference)
      let dice = try tracer.graph.mean(tracer.graph.divide(sums.intersection, whole))
      let entropy = try tracer.graph.crossEntropy(logits, labels: labels)
      return try tracer.graph.add(entropy, tracer.graph.scaleShift(dice, scale: -2, shift: 1))
    }
  }
}
