/// Where a prepared image came from: enough to bring results to the original grid, bit for bit.
public struct PreparedGrid: Codable, Sendable, Equatable {
  /// The grid of the file.
  public let original: Geometry
  /// The file's header.
  public let source: SourceHeader?
  /// The original grid with its axes changed.
  public let oriented: Geometry
  /// The part of the oriented grid that was kept.
  public let box: Box
  /// The grid that the network sees.
  public let prepared: Geometry
  /// How labels are interpolated along each axis, there and back.
  public let labels: [Interpolation]
  /// How scores are interpolated along each axis on the way back.
  public let scores: [Interpolation]

  /// Labels of the prepared grid (`[D, H, W]`) on the original one; background outside the crop.
  public func restore(labels: [UInt8], threads: Int = 1) -> LabelVolume {
    finish(
      LabelVolume(voxels: labels, geometry: prepared)
        .resampled(to: box.shape, by: self.labels, threads: threads).voxels)
  }

  /// The winning class of scores or probabilities `[classes, D, H, W]` of the prepared grid, on the
  /// original one: scores are interpolated before the largest is taken; ties go to the lower class.
  ///
  /// Interpolated scores exist one plane at a time: beside `scores` (and, for splines along D, a copy
  /// of them) and the labels, no memory of the size of the original grid is needed.
  public func restore(scores: [Float], classes: Int, threads: Int = 1) -> LabelVolume {
    precondition((1...256).contains(classes), "labels have 8 bits")
    let resampling = GridResampling(from: prepared.shape, to: box.shape, by: self.scores)
    let labels = SharedVoxels.reading(scores.span) { scores in
      resampling.withPlanes(of: scores, channels: classes, threads: threads) { planes in
        resampling.largest(of: classes, threads: threads) { candidate, d, plane, scratch in
          resampling.resample(planes[candidate], at: d, into: plane, &scratch)
        }
      }
    }
    return finish(labels)
  }

  /// Undoes crop and reorientation of labels `[D, H, W]` of the box.
  private func finish(_ labels: [UInt8]) -> LabelVolume {
    let whole =
      box == Box(whole: oriented.shape)
      ? labels
      : box.undoing(in: oriented.shape).cut(labels, channels: 1, from: box.shape, filler: 0)
    let change = Reorientation(from: original.orientation, to: oriented.orientation)
    let voxels = change.inverse(whole, shape: oriented.shape)
    return LabelVolume(voxels: voxels, geometry: original, source: source)
  }
}
