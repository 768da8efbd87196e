/// Interpolates a patch: intensities linearly, labels as asked for.
///
/// Eight voxels of a row are placed at a time. Their place is counted from a voxel near the first of
/// them, so that single precision loses nothing in large volumes; where all of them lie well inside
/// or well outside, no voxel is checked.
struct LinearSampling {
  /// The volume's extents (D, H, W).
  let shape: [Int]
  /// The patch's extents (d, h, w).
  let size: [Int]
  let labelInterpolation: LabelLookup

  /// Fills a patch.
  ///
  /// - Parameters:
  ///   - places: where its voxels lie.
  ///   - image: `[channels, shape]`.
  ///   - channels: how many channels to fill; none where the image is interpolated otherwise.
  ///   - labels: `[shape]`.
  ///   - imageOutput: receives `[channels, size]`.
  ///   - labelOutput: receives `[size]`.
  func run(
    _ places: PatchPlaces, image: Span<Float>, channels: Int, labels: Span<UInt8>,
    imageOutput: inout MutableSpan<Float>, labelOutput: inout MutableSpan<UInt8>
  ) {
    let (volume, patch) = (shape.reduce(1, *), size.reduce(1, *))
    precondition(
      image.count >= channels * volume && labels.count == volume
        && imageOutput.count >= channels * patch && labelOutput.count == patch,
      "the outputs have the patch's size")
    precondition(volume <= Int(Int32.max), "a volume that is sampled has less than 2^31 voxels")
    unsafe image.withUnsafeBufferPointer { image in
      unsafe labels.withUnsafeBufferPointer { labels in
        unsafe imageOutput.withUnsafeMutableBufferPointer { imageOutput in
          unsafe labelOutput.withUnsafeMutableBufferPointer { labelOutput in
            guard let image = image.baseAddress, let labels = labels.baseAddress,
              let imageOutput = imageOutput.baseAddress,
              let labelOutput = labelOutput.baseAddress
            else { return }
            let sampler = unsafe Sampler(
              shape: SIMD3(shape[0], shape[1], shape[2]), volume: volume, patch: patch,
              channels: channels, isLinear: labelInterpolation == .linear, image: image,
              labels: labels, imageOutput: imageOutput, labelOutput: labelOutput)
            fill(sampler, places)
          }
        }
      }
    }
  }

  /// Goes through the patch's rows.
  private func fill(_ sampler: Sampler, _ places: PatchPlaces) {
    var fields = places.fields.map { field in DisplacementRows(field, size: size) }
    let width = (size[2] + 7) & ~7
    var displacement = [Float](repeating: 0, count: 3 * width)
    for d in 0..<size[0] {
      for index in fields.indices { fields[index].enter(plane: d) }
      for h in 0..<size[1] {
        if !fields.isEmpty {
          var span = displacement.mutableSpan
          for index in span.indices { span[index] = 0 }
          for field in fields { field.add(row: h, to: &span) }
        }
        unsafe displacement.withUnsafeBufferPointer { displacement in
          guard let displacement = displacement.baseAddress else { return }
          unsafe sampler.fillRow(
            at: (d * size[1] + h) * size[2], length: size[2], from: places.rowStart(d, h),
            step: places.columns[2], bounds: places.bounds,
            displacement: fields.isEmpty ? nil : displacement, width: width)
        }
      }
    }
  }
}

/// The buffers of one patch and the loops over them.
@safe private struct Sampler {
  let shape: SIMD3<Int>
  let volume: Int
  let patch: Int
  let channels: Int
  let isLinear: Bool
  let image: UnsafePointer<Float>
  let labels: UnsafePointer<UInt8>
  let imageOutput: UnsafeMutablePointer<Float>
  let labelOutput: UnsafeMutablePointer<UInt8>

  /// Fills `length` voxels from `target` on.
  func fillRow(
    at target: Int, length: Int, from start: SIMD3<Double>, step: SIMD3<Double>,
    bounds: SIMD3<Double>, displacement: UnsafePointer<Float>?, width: Int
  ) {
    let (stride0, stride1) = (shape[1] * shape[2], shape[2])
    let limits = SIMD3(Double(shape[0] - 1), Double(shape[1] - 1), Double(shape[2] - 1))
    let steps = (
      laneNumbers * Float(step.x), laneNumbers * Float(step.y), laneNumbers * Float(step.z)
    )
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 24) { fractions in
      unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: 8) { indices in
        guard let fractions = fractions.baseAddress, let indices = indices.baseAddress else {
          return
        }
        for w in stride(from: 0, to: length, by: 8) {
          let count = min(8, length - w)
          let first = start + step * Double(w)
          let last = first + step * Double(count - 1)
          let base = SIMD3(below(first.x), below(first.y), below(first.z))
          var x = steps.0 + Float(first.x - Double(base.x))
          var y = steps.1 + Float(first.y - Double(base.y))
          var z = steps.2 + Float(first.z - Double(base.z))
          if let displacement = unsafe displacement {
            let place = unsafe UnsafeRawPointer(displacement + w)
            unsafe x += place.loadUnaligned(as: Lanes.self)
            unsafe y += (place + 4 * width).loadUnaligned(as: Lanes.self)
            unsafe z += (place + 8 * width).loadUnaligned(as: Lanes.self)
          }
          let (low, high) = (
            pointwiseMin(first, last) - bounds, pointwiseMax(first, last) + bounds
          )
          // A thousandth of a voxel for what rounding does.
          let isInside =
            low.x > 1e-3 && low.y > 1e-3 && low.z > 1e-3 && high.x < limits.x - 1e-3
            && high.y < limits.y - 1e-3 && high.z < limits.z - 1e-3
          let (floorX, i) = floor(x)
          let (floorY, j) = floor(y)
          let (floorZ, k) = floor(z)
          let (a, b, c) = (x - floorX, y - floorY, z - floorZ)
          let storage = UnsafeMutableRawPointer(fractions)
          unsafe storage.storeBytes(of: a, as: Lanes.self)
          unsafe (storage + 32).storeBytes(of: b, as: Lanes.self)
          unsafe (storage + 64).storeBytes(of: c, as: Lanes.self)
          let isOutside =
            high.x < -1.001 || high.y < -1.001 || high.z < -1.001 || low.x > limits.x + 1.001
            || low.y > limits.y + 1.001 || low.z > limits.z + 1.001
          if isOutside {
            clear(count, from: target + w)
            continue
          }
          // Of voxels outside nothing is read, and their index means nothing.
          let origin = Int32(truncatingIfNeeded: base.x * stride0 + base.y * stride1 + base.z)
          let index = i &* Int32(stride0) &+ j &* Int32(stride1) &+ k &+ origin
          unsafe UnsafeMutableRawPointer(indices).storeBytes(of: index, as: SIMD8<Int32>.self)
          let half = Lanes(repeating: 0.5)
          let (lowerA, lowerB, lowerC) = (isLess(a, half), isLess(b, half), isLess(c, half))
          let nearest =
            index &+ (~lowerA & Int32(stride0)) &+ (~lowerB & Int32(stride1)) &+ (~lowerC & 1)
          if isInside {
            unsafe fill(0..<count, indices, fractions, nearest, from: target + w)
          } else {
            for lane in 0..<count {
              let voxel = base &+ SIMD3(Int(i[lane]), Int(j[lane]), Int(k[lane]))
              if hasAllCorners(voxel) {
                unsafe fill(lane..<(lane + 1), indices, fractions, nearest, from: target + w)
              } else {
                unsafe atBorder(
                  voxel, SIMD3(fractions[lane], fractions[8 + lane], fractions[16 + lane]),
                  to: target + w + lane)
              }
            }
          }
        }
      }
    }
  }

  /// Fills voxels none of whose corners lies in the volume.
  private func clear(_ count: Int, from target: Int) {
    for channel in 0..<channels {
      unsafe (imageOutput + channel * patch + target).update(repeating: 0, count: count)
    }
    unsafe (labelOutput + target).update(repeating: 0, count: count)
  }

  /// Whether the eight corners from `voxel` on lie in the volume.
  private func hasAllCorners(_ voxel: SIMD3<Int>) -> Bool {
    voxel.x >= 0 && voxel.y >= 0 && voxel.z >= 0 && voxel.x + 1 < shape.x
      && voxel.y + 1 < shape.y && voxel.z + 1 < shape.z
  }

  /// Fills those of eight voxels that lie inside.
  @inline(__always)
  private func fill(
    _ lanes: Range<Int>, _ indices: UnsafePointer<Int32>, _ fractions: UnsafePointer<Float>,
    _ nearest: SIMD8<Int32>, from target: Int
  ) {
    for channel in 0..<channels {
      unsafe interpolate(
        image + channel * volume, lanes, indices, fractions,
        to: imageOutput + channel * patch + target)
    }
    if isLinear {
      for lane in lanes {
        unsafe labelOutput[target + lane] = winner(
          labels + Int(indices[lane]), fractions[lane], fractions[8 + lane], fractions[16 + lane])
      }
    } else {
      for lane in lanes { unsafe labelOutput[target + lane] = labels[Int(nearest[lane])] }
    }
  }

  /// Interpolates voxels that lie inside.
  @inline(__always)
  private func interpolate(
    _ image: UnsafePointer<Float>, _ lanes: Range<Int>, _ indices: UnsafePointer<Int32>,
    _ fractions: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>
  ) {
    let (stride0, stride1) = (shape[1] * shape[2], shape[2])
    for lane in lanes {
      let place = unsafe image + Int(indices[lane])
      let (a, b, c) = unsafe (fractions[lane], fractions[8 + lane], fractions[16 + lane])
      let v00 = unsafe UnsafeRawPointer(place).loadUnaligned(as: SIMD2<Float>.self)
      let v01 = unsafe UnsafeRawPointer(place + stride1).loadUnaligned(as: SIMD2<Float>.self)
      let v10 = unsafe UnsafeRawPointer(place + stride0).loadUnaligned(as: SIMD2<Float>.self)
      let v11 = unsafe UnsafeRawPointer(place + stride0 + stride1)
        .loadUnaligned(as: SIMD2<Float>.self)
      let lower = SIMD4(lowHalf: v00, highHalf: v01)
      let upper = SIMD4(lowHalf: v10, highHalf: v11)
      let plane = lower + (upper - lower) * a
      let line = plane.lowHalf + (plane.highHalf - plane.lowHalf) * b
      unsafe output[lane] = line.x + (line.y - line.x) * c
    }
  }

  /// The label with the largest interpolated indicator among eight that lie inside.
  private func winner(
    _ place: UnsafePointer<UInt8>, _ a: Float, _ b: Float, _ c: Float
  ) -> UInt8 {
    let (stride0, stride1) = (shape[1] * shape[2], shape[2])
    let corners = unsafe SIMD8(
      place[0], place[1], place[stride1], place[stride1 + 1], place[stride0], place[stride0 + 1],
      place[stride0 + stride1], place[stride0 + stride1 + 1])
    return winner(corners, SIMD3(a, b, c))
  }

  /// The label with the largest sum of weights; of equals the smallest.
  private func winner(_ corners: SIMD8<UInt8>, _ fraction: SIMD3<Float>) -> UInt8 {
    if corners == SIMD8(repeating: corners[0]) { return corners[0] }
    let weights = cornerWeights(fraction)
    var (best, most) = (UInt8.max, -Float.infinity)
    for corner in 0..<8 {
      let label = corners[corner]
      var sum: Float = 0
      for other in 0..<8 where corners[other] == label { sum += weights[other] }
      if sum > most || (sum == most && label < best) { (best, most) = (label, sum) }
    }
    return best
  }

  /// The weights of the eight corners, the last axis changing fastest.
  private func cornerWeights(_ f: SIMD3<Float>) -> SIMD8<Float> {
    let (p, q) = ((1 - f.x) * (1 - f.y), (1 - f.x) * f.y)
    let (r, s) = (f.x * (1 - f.y), f.x * f.y)
    return SIMD8(
      p * (1 - f.z), p * f.z, q * (1 - f.z), q * f.z, r * (1 - f.z), r * f.z, s * (1 - f.z),
      s * f.z)
  }

  /// Fills one voxel whose place is the corner `voxel` and a fraction behind it, anywhere.
  private func atBorder(_ voxel: SIMD3<Int>, _ fraction: SIMD3<Float>, to target: Int) {
    let weights = cornerWeights(fraction)
    var places = SIMD8<Int>(repeating: -1)
    for corner in 0..<8 {
      let place = voxel &+ SIMD3(corner >> 2, corner >> 1 & 1, corner & 1)
      let isInside =
        place.x >= 0 && place.x < shape.x && place.y >= 0 && place.y < shape.y && place.z >= 0
        && place.z < shape.z
      if isInside { places[corner] = (place.x * shape.y + place.y) * shape.z + place.z }
    }
    for channel in 0..<channels {
      var sum: Float = 0
      for corner in 0..<8 where places[corner] >= 0 {
        unsafe sum += weights[corner] * image[channel * volume + places[corner]]
      }
      unsafe imageOutput[channel * patch + target] = sum
    }
    if isLinear {
      var corners = SIMD8<UInt8>.zero
      for corner in 0..<8 where places[corner] >= 0 {
        corners[corner] = unsafe labels[places[corner]]
      }
      unsafe labelOutput[target] = winner(corners, fraction)
    } else {
      let corner =
        (fraction.x >= 0.5 ? 4 : 0) + (fraction.y >= 0.5 ? 2 : 0) + (fraction.z >= 0.5 ? 1 : 0)
      unsafe labelOutput[target] = places[corner] >= 0 ? labels[places[corner]] : 0
    }
  }
}

/// The largest whole number not above `x`.
@inline(__always)
func below(_ x: Double) -> Int {
  let whole = Int(x)
  return Double(whole) > x ? whole - 1 : whole
}
