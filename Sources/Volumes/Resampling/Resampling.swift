/// How labels are brought to another grid.
public enum LabelInterpolation: String, Codable, Sendable {
  /// The label of the nearest voxel (halves go up, as in SciPy's order 0).
  case nearest
  /// Each label's indicator is interpolated linearly, the largest wins, ties go to the lower label.
  case linear
}

extension Volume {
  /// The image on `target` (D, H, W) voxels of the same field of view.
  ///
  /// - Parameters:
  ///   - target: the extents wanted.
  ///   - interpolation: one for all axes, or one an axis.
  ///   - threads: how many to use; they do not change a bit.
  /// - Returns: the image on the grid that ``Geometry/resized(to:)`` gives.
  public func resampled(
    to target: [Int], by interpolation: [Interpolation] = [.linear], threads: Int = 1
  ) -> Volume {
    if target == geometry.shape { return self }
    let resampling = GridResampling(
      from: geometry.shape, to: target, by: perAxis(interpolation))
    return Volume(
      voxels: resampling(voxels.span, channels: channels, threads: threads),
      channels: channels, geometry: geometry.resized(to: target), source: source)
  }
}

extension LabelVolume {
  /// The labels on `target` (D, H, W) voxels of the same field of view.
  public func resampled(to target: [Int], by method: LabelInterpolation = .linear) -> LabelVolume {
    resampled(to: target, by: [method == .nearest ? .nearest : .linear], threads: 1)
  }

  /// The labels on `target` (D, H, W) voxels of the same field of view: along `linear` axes by
  /// their indicators, of which the largest wins and ties go to the lower label.
  ///
  /// - Parameters:
  ///   - target: the extents wanted.
  ///   - interpolation: one for all axes, or one an axis; `cubic` counts as `linear`.
  ///   - threads: how many to use; they do not change a bit.
  /// - Returns: the labels on the grid that ``Geometry/resized(to:)`` gives.
  public func resampled(
    to target: [Int], by interpolation: [Interpolation], threads: Int
  ) -> LabelVolume {
    if target == geometry.shape { return self }
    let axes = perAxis(interpolation).map { $0 == .nearest ? Interpolation.nearest : .linear }
    let resampling = GridResampling(from: geometry.shape, to: target, by: axes)
    let found = labels
    let winners = SharedVoxels.reading(voxels.span) { input in
      resampling.largest(of: found.count, threads: threads) { label, d, plane, scratch in
        resampling.resample(input, equal: found[label], at: d, into: plane, &scratch)
      }
    }
    return LabelVolume(
      voxels: winners.map { found[Int($0)] }, geometry: geometry.resized(to: target),
      source: source)
  }
}

/// One interpolation an axis, from one an axis or one for all.
func perAxis(_ interpolation: [Interpolation]) -> [Interpolation] {
  precondition([1, 3].contains(interpolation.count), "an interpolation for all axes, or for each")
  return interpolation.count == 3 ? interpolation : Array(repeating: interpolation[0], count: 3)
}
