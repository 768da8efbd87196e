/// How a grid of voxels becomes another one of the same field of view, axis by axis.
///
/// The result is made plane by plane along D, so that beyond the input (and, for splines along D,
/// one copy of it) no more memory is needed than a few planes a thread. A plane is first the sum of
/// a few input planes and then resampled along H and along W, sixteen lines at a time. No voxel's
/// value depends on the number of threads.
struct GridResampling: Sendable {
  private let axes: [AxisSampling]

  /// From a grid of `source` (D, H, W) to one of `target`, each axis by its interpolation.
  init(from source: [Int], to target: [Int], by interpolation: [Interpolation]) {
    precondition(source.count == 3 && target.count == 3 && interpolation.count == 3, "three axes")
    axes = (0..<3).map {
      AxisSampling(source: source[$0], target: target[$0], by: interpolation[$0])
    }
  }

  /// The extents of the result (D, H, W).
  var target: [Int] { axes.map(\.target) }
  /// The voxels of a channel of the input.
  var sourceCount: Int { axes.reduce(1) { $0 * $1.source } }
  /// The voxels of a channel of the result.
  var targetCount: Int { axes.reduce(1) { $0 * $1.target } }
  /// The voxels of a plane of the result.
  var planeCount: Int { axes[1].target * axes[2].target }
  /// The voxels of a plane of the input.
  private var sourcePlane: Int { axes[1].source * axes[2].source }

  /// Resamples `[channels, D, H, W]`.
  ///
  /// O(input + output) in time; beside the result, a copy of a channel where D is a spline's.
  func callAsFunction(_ voxels: Span<Float>, channels: Int, threads: Int) -> [Float] {
    precondition(voxels.count == channels * sourceCount, "the voxels do not fill the grid")
    var result = [Float](repeating: 0, count: channels * targetCount)
    SharedVoxels.reading(voxels) { input in
      SharedVoxels.with(&result) { output in
        for channel in 0..<channels {
          let from = input.part(channel * sourceCount..<(channel + 1) * sourceCount)
          let to = output.part(channel * targetCount..<(channel + 1) * targetCount)
          withPlanes(of: from, channels: 1, threads: threads) { planes in
            forEachSlab(threads: threads) { slab, scratch in
              for d in slab {
                let place = d * planeCount..<(d + 1) * planeCount
                resample(planes[0], at: d, into: to.part(place), &scratch)
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Calls `body` with what planes of the result are sums of, one for each channel: the voxels, or
  /// the coefficients of a spline along D.
  func withPlanes<Result>(
    of input: SharedVoxels<Float>, channels: Int, threads: Int,
    _ body: ([SharedVoxels<Float>]) -> Result
  ) -> Result {
    precondition(input.count == channels * sourceCount, "the voxels do not fill the grid")
    let parts = (0..<channels).map { input.part($0 * sourceCount..<($0 + 1) * sourceCount) }
    guard axes[0].interpolation == .cubic else { return body(parts) }
    let length = axes[0].lineLength * sourcePlane
    var coefficients = [Float](repeating: 0, count: channels * length)
    return SharedVoxels.with(&coefficients) { output in
      let planes = (0..<channels).map { output.part($0 * length..<($0 + 1) * length) }
      for (from, to) in zip(parts, planes) { prefilter(from, into: to, threads: threads) }
      return body(planes)
    }
  }

  /// Makes the coefficients of splines along D, with their padding, of one channel.
  private func prefilter(
    _ input: SharedVoxels<Float>, into output: SharedVoxels<Float>, threads: Int
  ) {
    let bundles = (sourcePlane + 15) / 16
    let line = Line(stride: sourcePlane, count: axes[0].source)
    ParallelLoop.run((bundles + 63) / 64, threads: threads) { part in
      var lines = [SIMD16<Float>](repeating: .zero, count: axes[0].lineLength)
      var span = lines.mutableSpan
      for bundle in (part * 64)..<min(bundles, (part + 1) * 64) {
        let lanes = min(16, sourcePlane - 16 * bundle)
        line.load(
          input, at: 16 * bundle, laneStride: 1, lanes: lanes, into: &span, AxisSampling.padding)
        AxisSampling.prefilter(&span)
        for k in span.indices {
          Line.store(span[k], output, at: k * sourcePlane + 16 * bundle, laneStride: 1, lanes)
        }
      }
    }
  }

  /// Calls `body` with ranges of planes of the result, on several threads, each with scratch memory.
  func forEachSlab(threads: Int, _ body: @Sendable (Range<Int>, inout Scratch) -> Void) {
    let depth = axes[0].target
    let slabs = min(depth, threads > 1 ? 8 * threads : 1)
    ParallelLoop.run(slabs, threads: threads) { slab in
      var scratch = Scratch(axes)
      body(slab * depth / slabs..<(slab + 1) * depth / slabs, &scratch)
    }
  }

  /// What a thread needs beside input and output.
  struct Scratch {
    /// `[H, W]` of the input.
    fileprivate var plane: [Float]
    /// `[H', W]`.
    fileprivate var rows: [Float]
    /// Sixteen lines.
    fileprivate var lines: [SIMD16<Float>]

    fileprivate init(_ axes: [AxisSampling]) {
      plane = Array(repeating: 0, count: axes[1].source * axes[2].source)
      rows = Array(repeating: 0, count: axes[1].target * axes[2].source)
      lines = Array(
        repeating: .zero, count: max(axes[1].lineLength, axes[2].lineLength))
    }
  }

  /// Makes plane `d` of the result from the planes of ``withPlanes(of:channels:threads:_:)``.
  func resample(
    _ planes: SharedVoxels<Float>, at d: Int, into output: SharedVoxels<Float>,
    _ scratch: inout Scratch
  ) {
    let axis = axes[0]
    if axis.taps == 1 {
      let start = axis.starts[d] * sourcePlane
      finish(planes.part(start..<start + sourcePlane), into: output, &scratch.rows, &scratch.lines)
      return
    }
    var plane: [Float] = []
    swap(&plane, &scratch.plane)
    SharedVoxels.with(&plane) { sum in
      let first = axis.starts[d] * sourcePlane
      let weights = axis.weights[d * axis.taps..<(d + 1) * axis.taps].map { $0 }
      Self.add(planes, first: first, step: sourcePlane, weights: weights, into: sum)
      finish(sum, into: output, &scratch.rows, &scratch.lines)
    }
    swap(&plane, &scratch.plane)
  }

  /// Makes plane `d` of the result where the input is 1 where `labels` have a value, 0 elsewhere;
  /// not for splines along D.
  func resample(
    _ labels: SharedVoxels<UInt8>, equal label: UInt8, at d: Int, into output: SharedVoxels<Float>,
    _ scratch: inout Scratch
  ) {
    let axis = axes[0]
    precondition(axis.interpolation != .cubic, "indicators have no coefficients")
    var plane: [Float] = []
    swap(&plane, &scratch.plane)
    SharedVoxels.with(&plane) { sum in
      let first = axis.starts[d] * sourcePlane
      for index in 0..<sourcePlane {
        var share: Float = 0
        for tap in 0..<axis.taps where labels[first + tap * sourcePlane + index] == label {
          share += axis.weights[d * axis.taps + tap]
        }
        sum[index] = share
      }
      finish(sum, into: output, &scratch.rows, &scratch.lines)
    }
    swap(&plane, &scratch.plane)
  }

  /// The weighted sum of planes.
  private static func add(
    _ planes: SharedVoxels<Float>, first: Int, step: Int, weights: [Float],
    into sum: SharedVoxels<Float>
  ) {
    let whole = sum.count / 16 * 16
    if weights.count == 2 {
      let (a, b) = (weights[0], weights[1])
      for index in stride(from: 0, to: whole, by: 16) {
        let place = first + index
        sum.store(planes.lanes(at: place) * a + planes.lanes(at: place + step) * b, at: index)
      }
      for index in whole..<sum.count {
        sum[index] = planes[first + index] * a + planes[first + index + step] * b
      }
    } else {
      let (a, b, c, d) = (weights[0], weights[1], weights[2], weights[3])
      for index in stride(from: 0, to: whole, by: 16) {
        let place = first + index
        let left = planes.lanes(at: place) * a + planes.lanes(at: place + step) * b
        let right =
          planes.lanes(at: place + 2 * step) * c + planes.lanes(at: place + 3 * step) * d
        sum.store(left + right, at: index)
      }
      for index in whole..<sum.count {
        let place = first + index
        let left = planes[place] * a + planes[place + step] * b
        sum[index] = left + (planes[place + 2 * step] * c + planes[place + 3 * step] * d)
      }
    }
  }

  /// Resamples a plane `[H, W]` along H and W.
  private func finish(
    _ plane: SharedVoxels<Float>, into output: SharedVoxels<Float>, _ rows: inout [Float],
    _ lines: inout [SIMD16<Float>]
  ) {
    let (h, w) = (axes[1], axes[2])
    func alongW(_ input: SharedVoxels<Float>) {
      let from = Line(stride: 1, count: w.source)
      for row in stride(from: 0, to: h.target, by: 16) {
        from.resample(
          w, input, at: row * w.source, laneStride: w.source, lanes: min(16, h.target - row),
          into: output, at: row * w.target, stride: 1, laneStride: w.target, &lines)
      }
    }
    func alongH(_ target: SharedVoxels<Float>) {
      let from = Line(stride: w.source, count: h.source)
      for column in stride(from: 0, to: w.source, by: 16) {
        from.resample(
          h, plane, at: column, laneStride: 1, lanes: min(16, w.source - column),
          into: target, at: column, stride: w.source, laneStride: 1, &lines)
      }
    }
    switch (h.isIdentity, w.isIdentity) {
    case (true, true):
      for index in 0..<plane.count { output[index] = plane[index] }
    case (false, true): alongH(output)
    case (true, false): alongW(plane)
    case (false, false):
      SharedVoxels.with(&rows) { between in
        alongH(between)
        alongW(between)
      }
    }
  }
}

/// A line of voxels through an array, up to sixteen of them side by side.
private struct Line {
  /// The distance of the line's voxels.
  let stride: Int
  /// Their number.
  let count: Int

  /// Copies lines into `lines` from `place` on; lanes beyond `lanes` repeat the last.
  @inline(__always) func load(
    _ input: SharedVoxels<Float>, at start: Int, laneStride: Int, lanes: Int,
    into lines: inout MutableSpan<SIMD16<Float>>, _ place: Int
  ) {
    if laneStride == 1 && lanes == 16 {
      for k in 0..<count { lines[place + k] = input.lanes(at: start + k * stride) }
    } else {
      for k in 0..<count {
        var value = SIMD16<Float>()
        let first = start + k * stride
        for lane in 0..<16 { value[lane] = input[first + min(lane, lanes - 1) * laneStride] }
        lines[place + k] = value
      }
    }
  }

  /// Writes the first `lanes` of a vector.
  @inline(__always) static func store(
    _ value: SIMD16<Float>, _ output: SharedVoxels<Float>, at start: Int, laneStride: Int,
    _ lanes: Int
  ) {
    if laneStride == 1 && lanes == 16 {
      output.store(value, at: start)
    } else {
      for lane in 0..<lanes { output[start + lane * laneStride] = value[lane] }
    }
  }

  /// Resamples up to sixteen lines.
  func resample(
    _ axis: AxisSampling, _ input: SharedVoxels<Float>, at start: Int, laneStride: Int, lanes: Int,
    into output: SharedVoxels<Float>, at target: Int, stride targetStride: Int,
    laneStride targetLaneStride: Int, _ scratch: inout [SIMD16<Float>]
  ) {
    var all = scratch.mutableSpan
    var lines = all._mutatingExtracting(0..<axis.lineLength)
    let isSpline = axis.interpolation == .cubic
    load(
      input, at: start, laneStride: laneStride, lanes: lanes, into: &lines,
      isSpline ? AxisSampling.padding : 0)
    if isSpline { AxisSampling.prefilter(&lines) }
    let (starts, weights) = (axis.starts.span, axis.weights.span)
    for o in 0..<axis.target {
      let first = starts[o]
      var value: SIMD16<Float>
      switch axis.taps {
      case 1: value = lines[first]
      case 2: value = lines[first] * weights[2 * o] + lines[first + 1] * weights[2 * o + 1]
      default:
        value =
          (lines[first] * weights[4 * o] + lines[first + 1] * weights[4 * o + 1])
          + (lines[first + 2] * weights[4 * o + 2] + lines[first + 3] * weights[4 * o + 3])
      }
      Self.store(
        value, output, at: target + o * targetStride, laneStride: targetLaneStride, lanes)
    }
  }
}
