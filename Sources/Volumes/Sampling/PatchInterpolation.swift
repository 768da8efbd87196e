/// Takes patches out of volumes: by copying where the transform is exact, else by one interpolation.
///
/// Voxels beyond the volume are 0 (background, and the mean of a z-scored image); between the border
/// and beyond, intensities are interpolated with those zeros, as SciPy's `map_coordinates` does with
/// `order=1, mode="grid-constant"`. Labels are those of the nearest voxel (halves go up).
struct PatchInterpolation {
  let shape: [Int]
  let size: [Int]
  let channels: Int
  let origin: [Int]
  let transform: PatchTransform

  // MARK: Copies

  /// Copies `[channels, shape]` to `[channels, size]`; all voxels of `output` are set.
  func copy<Voxel>(
    _ input: Span<Voxel>, to output: inout MutableSpan<Voxel>, channels: Int, background: Voxel
  ) {
    // Along each axis, output o comes from input start + step * o, for o in inside.
    let flips = transform.flips
    let steps = flips.map { $0 ? -1 : 1 }
    let starts = (0..<3).map { flips[$0] ? origin[$0] + size[$0] - 1 : origin[$0] }
    let inside = (0..<3).map { axis -> Range<Int> in
      let before = max(0, flips[axis] ? starts[axis] - shape[axis] + 1 : -starts[axis])
      let after = flips[axis] ? starts[axis] + 1 : shape[axis] - starts[axis]
      return before..<max(before, min(size[axis], after))
    }
    let (rows, row) = (inside[1], inside[2])
    let step = steps[2]
    var target = 0
    for channel in 0..<channels {
      for d in 0..<size[0] {
        let plane = (channel * shape[0] + starts[0] + steps[0] * d) * shape[1]
        let isInside = inside[0].contains(d)
        for h in 0..<size[1] {
          if isInside && rows.contains(h) {
            var source = (plane + starts[1] + steps[1] * h) * shape[2] + starts[2]
            source += step * row.lowerBound
            for w in 0..<row.lowerBound { output[target + w] = background }
            for w in row {
              output[target + w] = input[source]
              source += step
            }
            for w in row.upperBound..<size[2] { output[target + w] = background }
          } else {
            for w in 0..<size[2] { output[target + w] = background }
          }
          target += size[2]
        }
      }
    }
  }

  // MARK: Interpolation

  /// Where the first voxel of output row (d, h) lies in the volume.
  private func rowStart(_ d: Int, _ h: Int) -> SIMD3<Double> {
    var point = SIMD3<Double>.zero
    for axis in 0..<3 { point[axis] = Double(origin[axis]) + Double(size[axis] - 1) / 2 }
    let offset = SIMD3(
      Double(d) - Double(size[0] - 1) / 2, Double(h) - Double(size[1] - 1) / 2,
      -Double(size[2] - 1) / 2)
    for axis in 0..<3 { point += transform.columns[axis] * offset[axis] }
    return point
  }

  /// Interpolates intensities linearly and takes the nearest labels.
  func interpolate(
    image: Span<Float>, labels: Span<UInt8>,
    imageOutput: inout MutableSpan<Float>, labelOutput: inout MutableSpan<UInt8>
  ) {
    let (n0, n1, n2) = (shape[0], shape[1], shape[2])
    let (limit0, limit1, limit2) = (Double(n0 - 1), Double(n1 - 1), Double(n2 - 1))
    let (stride0, stride1) = (n1 * n2, n2)
    let volume = n0 * n1 * n2
    let patch = size[0] * size[1] * size[2]
    let step = transform.columns[2]
    var target = 0
    for d in 0..<size[0] {
      for h in 0..<size[1] {
        let start = rowStart(d, h)
        for w in 0..<size[2] {
          let x = start.x + step.x * Double(w)
          let y = start.y + step.y * Double(w)
          let z = start.z + step.z * Double(w)
          if x >= 0 && x <= limit0 && y >= 0 && y <= limit1 && z >= 0 && z <= limit2 {
            let (i, j, k) = (Int(x), Int(y), Int(z))
            let (a, b, c) = (
              Float(x - Double(i)), Float(y - Double(j)), Float(z - Double(k))
            )
            // On the last voxel the next one has weight 0.
            let nextI = i < n0 - 1 ? stride0 : 0
            let nextJ = j < n1 - 1 ? stride1 : 0
            let nextK = k < n2 - 1 ? 1 : 0
            let first = i * stride0 + j * stride1 + k
            for channel in 0..<channels {
              let p = channel * volume + first
              let q = p + nextI
              let v00 = image[p] + c * (image[p + nextK] - image[p])
              let v01 = image[p + nextJ] + c * (image[p + nextJ + nextK] - image[p + nextJ])
              let v10 = image[q] + c * (image[q + nextK] - image[q])
              let v11 = image[q + nextJ] + c * (image[q + nextJ + nextK] - image[q + nextJ])
              let v0 = v00 + b * (v01 - v00)
              let v1 = v10 + b * (v11 - v10)
              imageOutput[channel * patch + target] = v0 + a * (v1 - v0)
            }
            labelOutput[target] =
              labels[
                first + (a >= 0.5 ? nextI : 0) + (b >= 0.5 ? nextJ : 0) + (c >= 0.5 ? nextK : 0)]
          } else {
            for channel in 0..<channels {
              imageOutput[channel * patch + target] = atBorder(
                image, channel * volume, SIMD3(x, y, z))
            }
            let nearest = SIMD3(x + 0.5, y + 0.5, z + 0.5).rounded(.down)
            let isInside =
              nearest.x >= 0 && nearest.x <= limit0 && nearest.y >= 0 && nearest.y <= limit1
              && nearest.z >= 0 && nearest.z <= limit2
            labelOutput[target] =
              isInside
              ? labels[Int(nearest.x) * stride0 + Int(nearest.y) * stride1 + Int(nearest.z)] : 0
          }
          target += 1
        }
      }
    }
  }

  /// The interpolated intensity at a point on the border of the volume, or beyond it.
  private func atBorder(_ image: Span<Float>, _ start: Int, _ point: SIMD3<Double>) -> Float {
    for axis in 0..<3 where !(point[axis] > -1 && point[axis] < Double(shape[axis])) { return 0 }
    let floor = point.rounded(.down)
    var sum: Float = 0
    for corner in 0..<8 {
      var weight: Float = 1
      var place = 0
      var isInside = true
      for axis in 0..<3 {
        let upper = (corner >> axis) & 1
        let fraction = Float(point[axis] - floor[axis])
        weight *= upper == 1 ? fraction : 1 - fraction
        let index = Int(floor[axis]) + upper
        isInside = isInside && index >= 0 && index < shape[axis]
        place = place * shape[axis] + index
      }
      if isInside { sum += weight * image[start + place] }
    }
    return sum
  }
}
