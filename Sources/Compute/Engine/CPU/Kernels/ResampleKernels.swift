internal import CDNNL

// oneDNN 2.6 spends more time on a linear interpolation and its gradient than on a convolution of
// the same sixteen maps. Both, and nearest neighbors, are weighted sums over a few elements along
// each axis: one loop does all four, over maps kept by sixteen channels.

/// What each position along an axis of a result sums up: positions of the source, and weights.
private struct AxisSums {
  private(set) var first = [0]
  private(set) var places: [Int] = []
  private(set) var weights: [Float] = []

  /// The sums of a resampling from `from` to `to` elements.
  init(_ interpolation: Resample.Interpolation, from: Int, to: Int) {
    for position in 0..<to {
      for (place, weight) in Self.sources(of: position, interpolation, from: from, to: to) {
        places.append(place)
        weights.append(weight)
      }
      first.append(places.count)
    }
  }

  /// The sums of its gradient: from each of `to` elements back to those of `from` that it read.
  init(transposed interpolation: Resample.Interpolation, from: Int, to: Int) {
    var readers = [[(Int, Float)]](repeating: [], count: from)
    for position in 0..<to {
      for (place, weight) in Self.sources(of: position, interpolation, from: from, to: to) {
        readers[place].append((position, weight))
      }
    }
    for list in readers {
      places += list.map(\.0)
      weights += list.map(\.1)
      first.append(places.count)
    }
  }

  /// The elements that one reads, as ``Resample`` says.
  private static func sources(
    of position: Int, _ interpolation: Resample.Interpolation, from: Int, to: Int
  ) -> [(Int, Float)] {
    switch interpolation {
    case .nearest: return [((2 * position + 1) * from / (2 * to), 1)]
    case .linear:
      let coordinate = (Double(position) + 0.5) * Double(from) / Double(to) - 0.5
      let inside = min(max(coordinate, 0), Double(from - 1))
      let low = Int(inside)
      let fraction = inside - Double(low)
      if fraction == 0 { return [(low, 1)] }
      return [(low, Float(1 - fraction)), (low + 1, Float(fraction))]
    }
  }
}

extension Resample {
  /// The sums along D, H, W that make a map of `to` from one of `from`.
  fileprivate func sums(from: Shape, to: Shape) -> [AxisSums] {
    three(from, to) { AxisSums(interpolation, from: $0, to: $1) }
  }

  /// The sums along D, H, W that make the gradient of `from` from that of `to`.
  fileprivate func transposedSums(from: Shape, to: Shape) -> [AxisSums] {
    three(from, to) { AxisSums(transposed: interpolation, from: $0, to: $1) }
  }

  private func three(
    _ from: Shape, _ to: Shape, _ make: (Int, Int) -> AxisSums
  ) -> [AxisSums] {
    Array(repeating: make(1, 1), count: 5 - from.rank) + zip(from.spatial, to.spatial).map(make)
  }
}

extension Lowering {
  /// Whether the loop of this file reads a map that is kept so: by sixteen channels, or at no
  /// cost in memory.
  fileprivate func isByVectors(_ map: MemoryDescriptor) throws -> Bool {
    try (4...5).contains(map.shape.rank)
      && (map.shape.channels % 16 == 0 || map.channelBlock() == 16)
  }

  /// Emits the weighted sums that make `result` from `source`.
  fileprivate func emitSums(_ sums: [AxisSums], of source: Symbol, into result: Symbol) throws {
    let type = try descriptor(source).type
    let from = try buffer(source, as: vectorLayout(source.shape, type))
    let to = try makeResult(result, vectorLayout(result.shape, type))
    if type == dnnl_bf16 {
      emitSums(sums, from, to, source.shape, result.shape, UInt16.self)
    } else {
      emitSums(sums, from, to, source.shape, result.shape, UInt32.self)
    }
  }

  private func emitSums<E: FeatureElement>(
    _ sums: [AxisSums], _ source: Int, _ result: Int, _ from: Shape, _ to: Shape, _: E.Type
  ) {
    let missing = Array(repeating: 1, count: 5 - from.rank)
    let (old, new) = (missing + from.spatial, missing + to.spatial)
    let rows = to.batch * ((to.channels + 15) / 16) * new[0] * new[1]
    let (runtime, depth, height, width) = (runtime, sums[0], sums[1], sums[2])
    unsafe emit(over: [source, result]) { pointers, _ in
      let source = unsafe UnsafeRawPointer(pointers[0])
      let result = unsafe pointers[1]
      let bytes = MemoryLayout<SIMD16<E>>.stride
      runtime.parallel(blocks: rows) { row in
        let (plane, y) = row.quotientAndRemainder(dividingBy: new[1])
        let (map, z) = plane.quotientAndRemainder(dividingBy: new[0])
        let layers = depth.first[z]..<depth.first[z + 1]
        let lines = height.first[y]..<height.first[y + 1]
        for x in 0..<new[2] {
          var sum = Vector(repeating: 0)
          for layer in layers {
            for line in lines {
              let start =
                ((map * old[0] + depth.places[layer]) * old[1] + height.places[line]) * old[2]
              let weight = depth.weights[layer] * height.weights[line]
              for column in width.first[x]..<width.first[x + 1] {
                let values = unsafe E.floats(
                  source.loadUnaligned(
                    fromByteOffset: (start + width.places[column]) * bytes, as: SIMD16<E>.self))
                sum += Vector(repeating: weight * width.weights[column]) * values
              }
            }
          }
          unsafe result.storeBytes(
            of: E.nearestBits(sum), toByteOffset: (row * new[2] + x) * bytes, as: SIMD16<E>.self)
        }
      }
    }
  }
}

extension Resample: CPULowerable {
  private var algorithm: dnnl_alg_kind_t {
    interpolation == .nearest ? dnnl_resampling_nearest : dnnl_resampling_linear
  }

  private func forwardDescriptor(
    _ plan: Lowering, src: MemoryDescriptor, y: Shape
  ) throws -> PrimitiveDescriptor {
    let dst = try MemoryDescriptor.channelBlocked(
      y, src.type, block: src.channelBlock() ?? 1)
    let engine = unsafe plan.runtime.engine
    return try unsafe PrimitiveDescriptor("resampling_forward") { made, attributes in
      unsafe cdnnl_resampling_forward(
        made, engine, dnnl_forward_training, algorithm, src.raw, dst.raw, attributes)
    }
  }

  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let src = try plan.descriptor(x)
    if try plan.isByVectors(src) {
      return try plan.emitSums(sums(from: x.shape, to: y.shape), of: x, into: y)
    }
    let primitive = try forwardDescriptor(plan, src: src, y: y.shape)
    let dst = try primitive.descriptor(dnnl_query_dst_md, shape: y.shape)
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC), plan.buffer(x)), (Int32(DNNL_ARG_DST), plan.makeResult(y, dst)),
      ])
  }

  /// Emits the gradient of a map of `result`'s shape.
  fileprivate func lowerBackward(
    _ gradient: Symbol, into result: Symbol, in plan: Lowering
  ) throws {
    let diffDst = try plan.descriptor(gradient)
    if try plan.isByVectors(diffDst) {
      let sums = transposedSums(from: result.shape, to: gradient.shape)
      return try plan.emitSums(sums, of: gradient, into: result)
    }
    let diffSrc = try MemoryDescriptor.channelBlocked(
      result.shape, diffDst.type, block: diffDst.channelBlock() ?? 1)
    let hint = try forwardDescriptor(plan, src: diffSrc, y: gradient.shape)
    let engine = unsafe plan.runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("resampling_backward") { made, attributes in
      unsafe cdnnl_resampling_backward(
        made, engine, algorithm, diffSrc.raw, diffDst.raw, hint.raw, attributes)
    }
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_DIFF_DST), plan.buffer(gradient)),
        (Int32(DNNL_ARG_DIFF_SRC), plan.makeResult(result, diffSrc)),
      ])
  }
}

extension ResampleBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    try forward.lowerBackward(node.inputs[0], into: node.outputs[0], in: plan)
  }
}
