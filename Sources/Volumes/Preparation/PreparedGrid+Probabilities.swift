extension PreparedGrid {
  /// Class probabilities `[classes, D, H, W]` of the prepared grid on the original one, in the same
  /// order; interpolated, and outside the crop certain to be background (class 0).
  ///
  /// Splines may overshoot; what does is brought back to 0 or 1.
  public func restore(probabilities: [Float], classes: Int, threads: Int = 1) -> Volume {
    precondition(classes >= 1, "there is at least the background")
    let resampling = GridResampling(from: prepared.shape, to: box.shape, by: scores)
    var resampled = resampling(probabilities.span, channels: classes, threads: threads)
    if scores.contains(.cubic) {
      var span = resampled.mutableSpan
      for index in span.indices { span[index] = min(max(span[index], 0), 1) }
    }
    let count = box.shape.reduce(1, *)
    let whole = box.undoing(in: oriented.shape)
    let background = whole.cut(
      Array(resampled[..<count]), channels: 1, from: box.shape, filler: 1)
    let others = whole.cut(
      Array(resampled[count...]), channels: classes - 1, from: box.shape, filler: 0)
    let change = Reorientation(from: original.orientation, to: oriented.orientation)
    let voxels = change.inverse(background + others, shape: oriented.shape, channels: classes)
    return Volume(voxels: voxels, channels: classes, geometry: original, source: source)
  }
}
