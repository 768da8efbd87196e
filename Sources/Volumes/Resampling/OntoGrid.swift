/// How voxels of one grid are found in another that may be shifted, turned or mirrored against it.
private struct GridCrossing {
  /// Index (0, 0, 0) of the target, and the steps of its axes, in voxels of the source.
  private let map: Affine
  private let extents: SIMD3<Double>

  init(from source: Geometry, to target: Geometry) {
    let inverse = source.affine.inverse
    let columns = target.affine.columns.map { column in
      inverse(column) - inverse.origin
    }
    map = Affine(columns: columns, origin: inverse(target.affine.origin))
    extents = SIMD3(
      Double(source.shape[0]), Double(source.shape[1]), Double(source.shape[2]))
  }

  /// The place in the source of a voxel of the target; nil outside the outer faces.
  ///
  /// A place within a millionth of a voxel's center is the center, so that grids that differ by
  /// the order or the direction of axes exchange their voxels exactly.
  func place(_ d: Int, _ h: Int, _ w: Int) -> SIMD3<Double>? {
    var place = map(SIMD3(Double(d), Double(h), Double(w)))
    let center = place.rounded(.toNearestOrAwayFromZero)
    let offset = place - center
    let isNear = (offset .< 1e-6) .& (offset .> -1e-6)
    place.replace(with: center, where: isNear)
    let isInside = (place .>= -0.5) .& (place .< extents - 0.5)
    return all(isInside) ? place : nil
  }
}

extension Affine {
  /// The map back from millimeters to indices; the affine map must be invertible.
  var inverse: Affine {
    let (a, b, c) = (column(0), column(1), column(2))
    let determinant = determinant
    // The rows of the inverse are the cross products of the columns over the determinant.
    let linear = [cross(b, c) / determinant, cross(c, a) / determinant, cross(a, b) / determinant]
    return Affine(
      rows: linear.map { row in SIMD4(row, -(row * origin).sum()) })
  }
}

extension Volume {
  /// The image on another grid, which may be shifted, turned or mirrored: linear interpolation in
  /// space, the border's values up to its outer faces, `filler` beyond.
  ///
  /// - Complexity: O(voxels of the result).
  public func resampled(onto grid: Geometry, filler: Float = 0) -> Volume {
    if grid == geometry { return self }
    let crossing = GridCrossing(from: geometry, to: grid)
    var result = [Float](repeating: filler, count: channels * grid.count)
    var output = result.mutableSpan
    let input = voxels.span
    let (extents, count) = (geometry.shape, geometry.count)
    let last = SIMD3(Double(extents[0] - 1), Double(extents[1] - 1), Double(extents[2] - 1))
    var target = 0
    for d in 0..<grid.shape[0] {
      for h in 0..<grid.shape[1] {
        for w in 0..<grid.shape[2] {
          defer { target += 1 }
          guard let found = crossing.place(d, h, w) else { continue }
          let place = found.clamped(lowerBound: .zero, upperBound: last)
          let low = place.rounded(.down)
          let part = place - low
          let (i, j, k) = (Int(low.x), Int(low.y), Int(low.z))
          // At the last voxel the next one has no part.
          let (nextI, nextJ, nextK) = (
            min(i + 1, extents[0] - 1), min(j + 1, extents[1] - 1), min(k + 1, extents[2] - 1)
          )
          for channel in 0..<channels {
            func row(_ i: Int, _ j: Int) -> Double {
              let start = channel * count + (i * extents[1] + j) * extents[2]
              return Double(input[start + k]) * (1 - part.z) + Double(input[start + nextK]) * part.z
            }
            let near = row(i, j) * (1 - part.y) + row(i, nextJ) * part.y
            let far = row(nextI, j) * (1 - part.y) + row(nextI, nextJ) * part.y
            output[channel * grid.count + target] = Float(near * (1 - part.x) + far * part.x)
          }
        }
      }
    }
    return Volume(voxels: result, channels: channels, geometry: grid, source: nil)
  }
}

extension LabelVolume {
  /// The labels on another grid, which may be shifted, turned or mirrored: that of the nearest
  /// voxel, background beyond the outer faces.
  ///
  /// - Complexity: O(voxels of the result).
  public func resampled(onto grid: Geometry) -> LabelVolume {
    if grid == geometry { return self }
    return LabelVolume(
      voxels: nearestVoxels(of: voxels, on: geometry, for: grid, filler: 0), geometry: grid,
      source: nil)
  }
}

extension Volume {
  /// The values of one channel on another grid, which may be shifted, turned or mirrored: each that
  /// of the nearest voxel, `filler` beyond the outer faces. For labels of which nothing is known.
  ///
  /// - Complexity: O(voxels of the result).
  public func nearest(onto grid: Geometry, filler: Float = 0) -> Volume {
    precondition(channels == 1, "a label has one channel")
    if grid == geometry { return self }
    return Volume(
      voxels: nearestVoxels(of: voxels, on: geometry, for: grid, filler: filler),
      geometry: grid, source: nil)
  }
}

extension Volume {
  /// How many voxels other than 0 have their center outside of `grid`, and how many there are in all;
  /// O(voxels).
  public func labeledVoxels(outside grid: Geometry) -> (outside: Int, all: Int) {
    let crossing = GridCrossing(from: grid, to: geometry)
    var (outside, all, index) = (0, 0, 0)
    for d in 0..<geometry.shape[0] {
      for h in 0..<geometry.shape[1] {
        for w in 0..<geometry.shape[2] {
          if voxels[index] != 0 {
            all += 1
            if crossing.place(d, h, w) == nil { outside += 1 }
          }
          index += 1
        }
      }
    }
    return (outside, all)
  }
}

/// For each voxel of `target` the nearest of `voxels`, which lie on `geometry`.
private func nearestVoxels<Voxel>(
  of voxels: [Voxel], on geometry: Geometry, for target: Geometry, filler: Voxel
) -> [Voxel] {
  let crossing = GridCrossing(from: geometry, to: target)
  let extents = geometry.shape
  let input = voxels.span
  return [Voxel](capacity: target.count) { output in
    for d in 0..<target.shape[0] {
      for h in 0..<target.shape[1] {
        for w in 0..<target.shape[2] {
          guard let place = crossing.place(d, h, w) else {
            output.append(filler)
            continue
          }
          // Halves go up, which stays within the grid: its upper face does not belong to it.
          let nearest = (place + 0.5).rounded(.down)
          let (i, j, k) = (Int(nearest.x), Int(nearest.y), Int(nearest.z))
          output.append(input[(i * extents[1] + j) * extents[2] + k])
        }
      }
    }
  }
}
