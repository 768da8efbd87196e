import Compute

extension OpCase {
  private static func padCrop(
    _ name: String, _ channels: Int, _ spatial: [Int], before: [Int], after: [Int], batch: Int = 2
  ) -> OpCase {
    OpCase("pad and crop: \(name)", batch: batch) { tracer in
      let x = try tracer.data(channels: channels, spatial)
      return try tracer.graph.pad(x, before: before, after: after)
    }
  }

  /// Padding, cropping, reshaping and conversion.
  static let layouts: [OpCase] = [
    padCrop("3D pad, 16 maps", 16, [2, 3, 2], before: [1, 0, 2], after: [0, 1, 1]),
    padCrop("3D crop, 5 maps", 5, [4, 5, 6], before: [-1, -2, 0], after: [-1, 0, -3]),
    padCrop("2D pad and crop, 17 maps", 17, [4, 5], before: [2, -1], after: [-1, 3]),
    padCrop("2D nothing, 1 map, batch 1", 1, [4, 5], before: [0, 0], after: [0, 0], batch: 1),
    OpCase("center crop: 3D, odd excess") { tracer in
      let x = try tracer.data(channels: 16, [5, 4, 7])
      return try tracer.graph.centerCrop(x, to: [2, 4, 4])
    },
    OpCase("reshape: dense") { tracer in
      let x = try tracer.denseData(channels: 6, [2, 4])
      return try tracer.graph.reshape(x, [tracer.batch, 3, 16])
    },
    OpCase("reshape: a map, and used again") { tracer in
      let x = try tracer.data(channels: 5, [2, 4])
      let flat = try tracer.graph.reshape(x, [tracer.batch, 40])
      let doubled = try tracer.graph.reshape(flat, x.shape)
      return try tracer.graph.add(x, doubled)
    },
    OpCase("flatten: a map, then a dense layer, a hyperbolic tangent and a sum") { tracer in
      let x = try tracer.data(channels: 5, [3, 2, 2])
      let y = try tracer.graph.linear(
        tracer.graph.flatten(x), weight: tracer.parameter("weight", [4, 60], in: -0.2..<0.2),
        bias: tracer.parameter("bias", [4], role: .bias))
      let beside = try tracer.denseData("beside", channels: 4, [])
      return try tracer.graph.add(tracer.graph.activate(y, .tanh), beside)
    },
    OpCase("convert: there and back, 17 maps") { tracer in
      let x = try tracer.data(channels: 17, [2, 2, 3])
      return try tracer.graph.activation(tracer.graph.dense(x))
    },
  ]

  /// Concatenations, aligned to blocks of 16 maps and not, of maps used elsewhere and not.
  static let concatenations: [OpCase] =
    [[16, 16], [16, 32], [5, 16], [16, 5], [3, 1], [16, 16, 16], [5, 16, 3], [8, 8, 16]].flatMap {
      channels in
      let name = channels.map(String.init).joined(separator: " + ")
      return [
        OpCase("concatenate: \(name) maps") { tracer in
          let maps = try channels.enumerated().map { place, count in
            try tracer.data("x\(place)", channels: count, [2, 3, 2])
          }
          return try tracer.graph.concatenate(maps)
        },
        OpCase("concatenate: \(name) rectified maps, each used elsewhere") { tracer in
          let maps = try channels.enumerated().map { place, count in
            try tracer.graph.activate(tracer.data("x\(place)", channels: count, [3, 4]), .relu)
          }
          let both = try tracer.graph.concatenate(maps)
          let totals = try maps.map { try tracer.graph.sum($0, axes: [1]) }
          let total = try totals.dropFirst().reduce(totals[0]) { try tracer.graph.add($0, $1) }
          return try tracer.graph.multiply(both, total)
        },
      ]
    } + [
      OpCase("pad channels: 3D, 8 to 16") { tracer in
        let x = try tracer.graph.activate(tracer.data(channels: 8, [2, 3, 2]), .tanh)
        let wide = try tracer.data("wide", channels: 16, [2, 3, 2])
        return try tracer.graph.add(wide, tracer.graph.padChannels(x, to: 16))
      },
      OpCase("pad channels: 2D, 5 to 7") { tracer in
        try tracer.graph.padChannels(tracer.data(channels: 5, [4, 3]), to: 7)
      },
      OpCase("concatenate: a map with itself, 16") { tracer in
        let x = try tracer.graph.activate(tracer.data(channels: 16, [3, 4]), .relu)
        return try tracer.graph.concatenate([x, x])
      },
      OpCase("concatenate: a map in two concatenations") { tracer in
        let a = try tracer.graph.activate(tracer.data("a", channels: 16, [3, 4]), .relu)
        let b = try tracer.graph.activate(tracer.data("b", channels: 16, [3, 4]), .tanh)
        let first = try tracer.graph.concatenate([a, b])
        let second = try tracer.graph.concatenate([b, a])
        return try tracer.graph.multiply(first, second)
      },
      OpCase("concatenate: concatenations within one another") { tracer in
        let a = try tracer.graph.activate(tracer.data("a", channels: 16, [3, 2]), .relu)
        let b = try tracer.graph.activate(tracer.data("b", channels: 16, [3, 2]), .sigmoid)
        let inner = try tracer.graph.concatenate([a, b])
        let c = try tracer.graph.scaleShift(inner, scale: 0.5)
        let outer = try tracer.graph.concatenate([inner, c])
        return try tracer.graph.concatenate([a, outer])
      },
      OpCase("concatenate: poolings and resamplings, then a convolution") { tracer in
        let x = try tracer.data(channels: 16, [4, 4])
        let small = try tracer.graph.pooling(
          x, .maximum, window: Window(kernel: [2, 2], stride: [2, 2]))
        let large = try tracer.graph.resample(small, to: [4, 4], .nearest)
        let both = try tracer.graph.concatenate([x, large])
        return try tracer.graph.convolution(
          both, weight: tracer.parameter("weight", [3, 32, 1, 1]), window: Window(kernel: [1, 1]))
      },
      OpCase("concatenate: one of the maps and the result read out") { tracer in
        let a = try tracer.graph.activate(tracer.data("a", channels: 16, [3, 4]), .relu)
        let b = try tracer.data("b", channels: 16, [3, 4])
        try tracer.graph.output("a", a)
        let both = try tracer.graph.concatenate([a, b])
        try tracer.graph.output("both", both)
        return try tracer.graph.activate(both, .tanh)
      },
    ]

  /// Resamplings up and down, by 2 and by odd factors.
  static let resamplings: [OpCase] = Resample.Interpolation.allCases.flatMap { interpolation in
    func resample(
      _ name: String, _ channels: Int, _ from: [Int], _ to: [Int], batch: Int = 2
    ) -> OpCase {
      OpCase("\(interpolation.rawValue) resampling: \(name)", batch: batch) { tracer in
        let x = try tracer.data(channels: channels, from)
        return try tracer.graph.resample(x, to: to, interpolation)
      }
    }
    return [
      resample("3D up by 2, 16 maps", 16, [2, 3, 1], [4, 6, 2]),
      resample("3D up by 2, 5 maps, batch 1", 5, [2, 1, 3], [4, 2, 6], batch: 1),
      resample("3D up by 3 and by 5 / 2", 3, [2, 3, 2], [6, 3, 5]),
      resample("3D down by 2", 16, [4, 6, 2], [2, 3, 1]),
      resample("3D down by odd factors", 5, [5, 7, 3], [2, 3, 2]),
      resample("2D up by 2, 17 maps", 17, [3, 4], [6, 8]),
      resample("2D up and down", 16, [3, 7], [7, 3]),
      resample("2D down by 3, 1 map", 1, [9, 6], [3, 2]),
      OpCase("\(interpolation.rawValue) resampling: 3D of 5 convolved maps, then a convolution") {
        tracer in
        let x = try tracer.data(channels: 3, [3, 2, 3])
        let one = Window(kernel: [1, 1, 1])
        let narrow = try tracer.graph.convolution(
          x, weight: tracer.parameter("narrow", [5, 3, 1, 1, 1]), window: one)
        let large = try tracer.graph.resample(narrow, to: [5, 4, 2], interpolation)
        return try tracer.graph.convolution(
          large, weight: tracer.parameter("wide", [17, 5, 1, 1, 1]), window: one)
      },
      OpCase(
        "\(interpolation.rawValue) resampling: 2D of 17 convolved maps by 4 and back, batch 1",
        batch: 1
      ) {
        tracer in
        let x = try tracer.data(channels: 3, [3, 4])
        let wide = try tracer.graph.convolution(
          x, weight: tracer.parameter("wide", [17, 3, 1, 1]), window: Window(kernel: [1, 1]))
        let large = try tracer.graph.resample(wide, to: [12, 16], interpolation)
        return try tracer.graph.resample(
          tracer.graph.activate(large, .tanh), to: [3, 4], interpolation)
      },
    ]
  }

  /// Sums and means over single and several axes, of feature maps and dense tensors.
  static let reductions: [OpCase] =
    [[0], [1], [2], [4], [2, 3, 4], [0, 2, 3, 4], [1, 3], [0, 1, 2, 3, 4]].flatMap { axes in
      [5, 16].flatMap { channels in
        [
          OpCase(
            "sum: \(channels) maps over axes \(axes)", samplesAreIndependent: !axes.contains(0)
          ) { tracer in
            try tracer.graph.sum(tracer.data(channels: channels, [2, 3, 2]), axes: axes)
          },
          OpCase(
            "mean: dense, \(channels) channels over axes \(axes)",
            samplesAreIndependent: !axes.contains(0)
          ) { tracer in
            try tracer.graph.mean(tracer.denseData(channels: channels, [2, 3, 2]), axes: axes)
          },
        ]
      }
    } + [
      OpCase("mean: of everything", samplesAreIndependent: false) { tracer in
        try tracer.graph.mean(tracer.data(channels: 5, [3, 4]))
      }
    ]
}
