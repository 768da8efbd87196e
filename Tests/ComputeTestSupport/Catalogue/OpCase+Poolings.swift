import Compute

extension OpCase {
  /// Poolings with and without padding, of dividing and non-dividing extents.
  static let poolings: [OpCase] = Pooling.Kind.allCases.flatMap { kind in
    func pooling(
      _ name: String, _ channels: Int, _ spatial: [Int], _ window: Window, batch: Int = 2
    ) -> OpCase {
      OpCase("\(kind.rawValue) pooling: \(name)", batch: batch) { tracer in
        let x = try tracer.data(channels: channels, spatial)
        return try tracer.graph.pooling(x, kind, window: window)
      }
    }
    return [
      pooling("3D by 2", 16, [4, 2, 6], Window(kernel: [2, 2, 2], stride: [2, 2, 2])),
      pooling(
        "3D by 2, non-dividing, 5 maps", 5, [3, 5, 4],
        Window(kernel: [2, 2, 2], stride: [2, 2, 2])),
      pooling(
        "3D uneven", 3, [3, 4, 5],
        Window(kernel: [1, 2, 3], stride: [1, 2, 2], paddingBefore: [0, 0, 1]), batch: 1),
      pooling(
        "2D 3x3 stride 2 padded", 17, [7, 6],
        Window(kernel: [3, 3], stride: [2, 2], paddingBefore: [1, 1])),
      pooling(
        "2D asymmetric padding", 16, [5, 6],
        Window(kernel: [3, 3], stride: [2, 2], paddingBefore: [0, 1], paddingAfter: [1, 0])),
      pooling("2D overlapping, batch 1", 1, [5, 5], Window(kernel: [3, 3]), batch: 1),
    ]
  }

  /// Poolings with indices, read, unpooled, and unpooled with other values.
  static let indexedPoolings: [OpCase] =
    [
      ("3D by 2, 16 maps", 16, [4, 2, 6], [2, 2, 2]),
      ("3D by 2, non-dividing, 5 maps", 5, [3, 5, 4], [2, 2, 2]),
      ("3D by (2, 2, 1), 17 maps", 17, [4, 3, 3], [2, 2, 1]),
      ("2D by 2, 32 maps", 32, [6, 4], [2, 2]),
      ("2D by 3 and 2, non-dividing, 3 maps", 3, [7, 5], [3, 2]),
    ].flatMap { (name: String, channels: Int, spatial: [Int], extent: [Int]) in
      [
        OpCase("indexed pooling: \(name)") { tracer in
          let x = try tracer.ladder(channels: channels, spatial)
          return try tracer.graph.indexedPooling(x, extent: extent).maxima
        },
        OpCase("unpooling: \(name)") { tracer in
          let x = try tracer.ladder(channels: channels, spatial)
          let (maxima, indices) = try tracer.graph.indexedPooling(x, extent: extent)
          let doubled = try tracer.graph.scaleShift(maxima, scale: 2, shift: 0.5)
          return try tracer.graph.unpooling(
            doubled, indices: indices, extent: extent, to: spatial)
        },
        OpCase("unpooling: \(name), of other values") { tracer in
          let x = try tracer.ladder(channels: channels, spatial)
          let (_, indices) = try tracer.graph.indexedPooling(x, extent: extent)
          let other = try tracer.data("other", channels: channels, indices.shape.spatial)
          let spread = try tracer.graph.unpooling(
            other, indices: indices, extent: extent, to: spatial)
          return try tracer.graph.add(x, spread)
        },
      ]
    } + [
      OpCase("unpooling: of ties, which the first element wins") { tracer in
        // Rectified, most windows hold nothing but equal zeros.
        let shifted = try tracer.graph.scaleShift(
          tracer.ladder(channels: 16, [6, 6]), scale: 1, shift: -0.7421875)
        let x = try tracer.graph.activate(shifted, .relu)
        let (_, indices) = try tracer.graph.indexedPooling(x, extent: [2, 2])
        let other = try tracer.data("other", channels: 16, [3, 3])
        return try tracer.graph.add(
          x, tracer.graph.unpooling(other, indices: indices, extent: [2, 2], to: [6, 6]))
      },
      OpCase("global average pooling: 2D, 16 maps") { tracer in
        try tracer.graph.globalAveragePooling(tracer.data(channels: 16, [5, 7]))
      },
      OpCase("global average pooling: 3D, 5 maps, repeated to the extents that it had") { tracer in
        let x = try tracer.data(channels: 5, [3, 4, 2])
        let mean = try tracer.graph.globalAveragePooling(x)
        return try tracer.graph.resample(mean, to: [3, 4, 2], .linear)
      },
    ]
}
