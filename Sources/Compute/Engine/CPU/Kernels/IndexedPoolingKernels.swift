internal import CDNNL

/// Windows side by side over maps of sixteen channels: the rows of a pooled map are the unit of
/// work, and each belongs to windows of its own.
private struct WindowRows {
  /// Samples times blocks of sixteen channels.
  let maps: Int
  /// The spatial extents of the large map, D, H, W.
  let large: [Int]
  /// The spatial extents of the pooled map.
  let small: [Int]
  /// The window's extents.
  let extent: [Int]

  init(large: Shape, small: Shape, extent: [Int]) {
    let missing = Array(repeating: 1, count: 3 - extent.count)
    maps = large.batch * ((large.channels + 15) / 16)
    self.large = missing + large.spatial
    self.small = missing + small.spatial
    self.extent = missing + extent
  }

  /// Rows of all maps.
  var count: Int { maps * small[0] * small[1] }

  /// Whether windows cover the large map.
  var isCovering: Bool { (0..<3).allSatisfy { small[$0] * extent[$0] == large[$0] } }

  /// The distance of each tap from its window's first element, in voxels, row-major.
  var taps: [Int] {
    var taps: [Int] = []
    for z in 0..<extent[0] {
      for y in 0..<extent[1] {
        for x in 0..<extent[2] { taps.append((z * large[1] + y) * large[2] + x) }
      }
    }
    return taps
  }

  /// The first voxel of a row in the large map.
  func start(_ row: Int) -> Int {
    let (plane, y) = row.quotientAndRemainder(dividingBy: small[1])
    let (map, z) = plane.quotientAndRemainder(dividingBy: small[0])
    return ((map * large[0] + z * extent[0]) * large[1] + y * extent[1]) * large[2]
  }
}

extension IndexedPooling: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let source = try plan.vectorBuffer(x)
    let maxima = try plan.makeResult(y, plan.vectorLayout(y.shape, plan.activationType))
    let indices = plan.makeBuffer(.arena, try plan.vectorLayout(y.shape, dnnl_u8))
    plan.settle(node.outputs[1], in: indices)
    let rows = WindowRows(large: x.shape, small: y.shape, extent: extent)
    if plan.activationType == dnnl_bf16 {
      emit(source, maxima, indices, rows, UInt16.self, in: plan)
    } else {
      emit(source, maxima, indices, rows, UInt32.self, in: plan)
    }
  }

  private func emit<E: FeatureElement>(
    _ source: Int, _ maxima: Int, _ indices: Int, _ rows: WindowRows, _: E.Type,
    in plan: Lowering
  ) {
    let (runtime, taps, width, step) = (plan.runtime, rows.taps, rows.small[2], rows.extent[2])
    unsafe plan.emit(over: [source, maxima, indices]) { pointers, _ in
      let source = unsafe UnsafeRawPointer(pointers[0])
      let (maxima, indices) = unsafe (pointers[1], pointers[2])
      let bytes = MemoryLayout<SIMD16<E>>.stride
      runtime.parallel(blocks: rows.count) { row in
        let start = rows.start(row)
        for x in 0..<width {
          var best = Vector(repeating: -.infinity)
          var place = SIMD16<UInt32>(repeating: 0)
          for tap in taps.indices {
            let values = unsafe E.floats(
              source.loadUnaligned(
                fromByteOffset: (start + x * step + taps[tap]) * bytes, as: SIMD16<E>.self))
            // A NaN takes the place of what came before it, as in PyTorch.
            let wins = (values .> best) .| (values .!= values)
            best.replace(with: values, where: wins)
            place.replace(with: UInt32(truncatingIfNeeded: tap), where: wins)
          }
          let target = row * width + x
          unsafe maxima.storeBytes(
            of: E.exactBits(best), toByteOffset: target * bytes, as: SIMD16<E>.self)
          unsafe indices.storeBytes(
            of: SIMD16<UInt8>(truncatingIfNeeded: place), toByteOffset: target * 16,
            as: SIMD16<UInt8>.self)
        }
      }
    }
  }
}

extension Unpooling: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let (source, indices) = try (plan.vectorBuffer(x), plan.buffer(node.inputs[1]))
    let result = try plan.makeResult(y, plan.vectorLayout(y.shape, plan.activationType))
    let rows = WindowRows(large: y.shape, small: x.shape, extent: extent)
    if !rows.isCovering { try plan.emitZero(result) }
    if plan.activationType == dnnl_bf16 {
      emit(source, indices, result, rows, UInt16.self, in: plan)
    } else {
      emit(source, indices, result, rows, UInt32.self, in: plan)
    }
  }

  private func emit<E: FeatureElement>(
    _ source: Int, _ indices: Int, _ result: Int, _ rows: WindowRows, _: E.Type,
    in plan: Lowering
  ) {
    let (runtime, taps, width, step) = (plan.runtime, rows.taps, rows.small[2], rows.extent[2])
    unsafe plan.emit(over: [source, indices, result]) { pointers, _ in
      let (source, indices) = unsafe (UnsafeRawPointer(pointers[0]), UnsafeRawPointer(pointers[1]))
      let result = unsafe pointers[2]
      let bytes = MemoryLayout<SIMD16<E>>.stride
      runtime.parallel(blocks: rows.count) { row in
        let start = rows.start(row)
        for x in 0..<width {
          let values = unsafe source.loadUnaligned(
            fromByteOffset: (row * width + x) * bytes, as: SIMD16<E>.self)
          let place = unsafe E.widened(
            indices.loadUnaligned(
              fromByteOffset: (row * width + x) * 16, as: SIMD16<UInt8>.self))
          for tap in taps.indices {
            unsafe result.storeBytes(
              of: E.select(SIMD16<E>(), values, where: place, is: tap),
              toByteOffset: (start + x * step + taps[tap]) * bytes, as: SIMD16<E>.self)
          }
        }
      }
    }
  }
}

extension UnpoolingBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (gradient, y) = (node.inputs[0], node.outputs[0])
    let (source, indices) = try (plan.vectorBuffer(gradient), plan.buffer(node.inputs[1]))
    let result = try plan.makeResult(y, plan.vectorLayout(y.shape, plan.activationType))
    let rows = WindowRows(large: gradient.shape, small: y.shape, extent: forward.extent)
    if plan.activationType == dnnl_bf16 {
      emit(source, indices, result, rows, UInt16.self, in: plan)
    } else {
      emit(source, indices, result, rows, UInt32.self, in: plan)
    }
  }

  private func emit<E: FeatureElement>(
    _ source: Int, _ indices: Int, _ result: Int, _ rows: WindowRows, _: E.Type,
    in plan: Lowering
  ) {
    let (runtime, taps, width, step) = (plan.runtime, rows.taps, rows.small[2], rows.extent[2])
    unsafe plan.emit(over: [source, indices, result]) { pointers, _ in
      let (source, indices) = unsafe (UnsafeRawPointer(pointers[0]), UnsafeRawPointer(pointers[1]))
      let result = unsafe pointers[2]
      let bytes = MemoryLayout<SIMD16<E>>.stride
      runtime.parallel(blocks: rows.count) { row in
        let start = rows.start(row)
        for x in 0..<width {
          let place = unsafe E.widened(
            indices.loadUnaligned(
              fromByteOffset: (row * width + x) * 16, as: SIMD16<UInt8>.self))
          var found = SIMD16<E>()
          for tap in taps.indices {
            let values = unsafe source.loadUnaligned(
              fromByteOffset: (start + x * step + taps[tap]) * bytes, as: SIMD16<E>.self)
            found = E.select(found, values, where: place, is: tap)
          }
          unsafe result.storeBytes(
            of: found, toByteOffset: (row * width + x) * bytes, as: SIMD16<E>.self)
        }
      }
    }
  }
}
