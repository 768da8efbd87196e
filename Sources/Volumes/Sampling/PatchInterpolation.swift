/// How intensities between voxels are found.
public enum ImageLookup: String, Codable, Sendable, CaseIterable {
  /// From the eight voxels around.
  case linear
  /// By cubic B-splines that run through all voxels, as SciPy's `order=3`: sharper, several times
  /// slower.
  case cubic
}

/// How labels between voxels are found.
public enum LabelLookup: String, Codable, Sendable, CaseIterable {
  /// Those of the nearest voxel (halves go up).
  case nearest
  /// Each label's indicator is interpolated linearly, and the largest wins (of equals the smallest
  /// label): borders are smoother.
  case linear
}

/// Takes patches out of volumes: by copying where the transform allows, else by one interpolation.
///
/// Voxels beyond the volume are 0 (background, and the mean of a z-scored image); between the border
/// and beyond, intensities are interpolated with those zeros, as SciPy's `map_coordinates` does with
/// `mode="grid-constant"`.
struct PatchInterpolation {
  let shape: [Int]
  let size: [Int]
  let channels: Int
  let origin: [Int]
  let transform: PatchTransform
  var imageInterpolation = ImageLookup.linear
  var labelInterpolation = LabelLookup.nearest

  /// Fills a patch.
  ///
  /// - Parameters:
  ///   - image: `[channels, shape]`.
  ///   - labels: `[shape]`.
  ///   - imageOutput: receives `[channels, size]`.
  ///   - labelOutput: receives `[size]`.
  func fill(
    image: Span<Float>, labels: Span<UInt8>,
    imageOutput: inout MutableSpan<Float>, labelOutput: inout MutableSpan<UInt8>
  ) {
    if let permutation = transform.permutation {
      copy(image, to: &imageOutput, channels: channels, background: 0, permutation)
      copy(labels, to: &labelOutput, channels: 1, background: 0, permutation)
    } else {
      interpolate(
        image: image, labels: labels, imageOutput: &imageOutput, labelOutput: &labelOutput)
    }
  }

  // MARK: Copies

  /// Copies `[channels, shape]` to `[channels, size]`; all voxels of `output` are set.
  ///
  /// Where a turn by a quarter makes an axis of even length one of odd length, there is no middle to
  /// keep: the patch then lies half a voxel nearer to the array's start.
  private func copy<Voxel>(
    _ input: Span<Voxel>, to output: inout MutableSpan<Voxel>, channels: Int, background: Voxel,
    _ permutation: [(axis: Int, isReversed: Bool)]
  ) {
    let strides = [shape[1] * shape[2], shape[2], 1]
    let volume = shape[0] * strides[0]
    // Along output axis a, voxel o comes from starts[a] + steps[a] * o on the volume's axis, for o
    // in inside[a].
    var starts = [0, 0, 0]
    var inside = [0..<0, 0..<0, 0..<0]
    var moves = [0, 0, 0]
    for output in 0..<3 {
      let (axis, isReversed) = permutation[output]
      let margin = (size[axis] - size[output]) >> 1
      let start = origin[axis] + margin + (isReversed ? size[output] - 1 : 0)
      let before = max(0, isReversed ? start - shape[axis] + 1 : -start)
      let after = isReversed ? start + 1 : shape[axis] - start
      starts[output] = start * strides[axis]
      inside[output] = before..<max(before, min(size[output], after))
      moves[output] = isReversed ? -strides[axis] : strides[axis]
    }
    let (rows, row) = (inside[1], inside[2])
    let step = moves[2]
    var target = 0
    for channel in 0..<channels {
      let first = channel * volume + starts[0] + starts[1] + starts[2]
      for d in 0..<size[0] {
        let isInside = inside[0].contains(d)
        for h in 0..<size[1] {
          if isInside && rows.contains(h) {
            var source = first + moves[0] * d + moves[1] * h + step * row.lowerBound
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

  /// Interpolates, whether or not the transform would allow a copy.
  func interpolate(
    image: Span<Float>, labels: Span<UInt8>,
    imageOutput: inout MutableSpan<Float>, labelOutput: inout MutableSpan<UInt8>
  ) {
    let places = PatchPlaces(size: size, origin: origin, transform: transform)
    let isCubic = imageInterpolation == .cubic
    LinearSampling(shape: shape, size: size, labelInterpolation: labelInterpolation).run(
      places, image: image, channels: isCubic ? 0 : channels, labels: labels,
      imageOutput: &imageOutput, labelOutput: &labelOutput)
    if isCubic {
      CubicSampling(shape: shape, size: size).run(
        places, image: image, channels: channels, output: &imageOutput)
    }
  }
}

/// Where the voxels of a patch lie in the volume, row by row.
struct PatchPlaces: Sendable {
  /// The patch's extents (d, h, w).
  let size: [Int]
  /// What one step along each output axis is in the volume, in voxels.
  let columns: [SIMD3<Double>]
  /// Where the patch's center lies.
  let center: SIMD3<Double>
  /// The fields that displace places, in voxels of the volume.
  let fields: [DisplacementField]
  /// What no displacement exceeds, along each axis.
  let bounds: SIMD3<Double>

  init(size: [Int], origin: [Int], transform: PatchTransform) {
    self.size = size
    columns = transform.columns
    var center = transform.shift
    for axis in 0..<3 { center[axis] += Double(origin[axis]) + Double(size[axis] - 1) / 2 }
    self.center = center
    fields = transform.displacements.map { $0.mapped(by: transform.columns) }
    bounds = fields.reduce(.zero) { $0 + $1.bounds }
  }

  /// Where the first voxel of output row (d, h) lies, before displacement.
  func rowStart(_ d: Int, _ h: Int) -> SIMD3<Double> {
    let offset = SIMD3(
      Double(d) - Double(size[0] - 1) / 2, Double(h) - Double(size[1] - 1) / 2,
      -Double(size[2] - 1) / 2)
    return center + columns[0] * offset[0] + columns[1] * offset[1] + columns[2] * offset[2]
  }
}
