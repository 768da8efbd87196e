internal import CounterRandom
internal import Evaluation
public import Volumes

/// Times the making of training patches, in one thread: what one patch costs with the full
/// augmentation, and what each of its parts costs.
///
/// The work is that of `Benchmarks/pytorch/patches.py`: a patch is cut from a volume half as large
/// again along each axis (one channel and labels), turned, resized and bent in one interpolation,
/// flipped, given noise, blurred, its gamma, brightness and bias field changed. Every step happens to
/// every patch.
public struct PatchBenchmark: Sendable {
  /// The patch's extent along each axis.
  public var extent: Int
  /// Patches that are counted.
  public var repetitions: Int

  /// A benchmark of cubes of `extent` voxels a side.
  public init(extent: Int, repetitions: Int) {
    self.extent = extent
    self.repetitions = repetitions
  }

  /// The full augmentation.
  public static let fullAugmentation: [any Augmentation] = [
    AffineAugmentation(probability: 1, degrees: [15, 15, 15], scale: [0.85, 1.25]),
    Elastic(probability: 1, spacing: [16, 16, 16], deviation: [1, 2]),
    Flip(axes: [0, 1, 2]), GaussianNoise(probability: 1, deviation: [0.05, 0.2]),
    GaussianBlur(probability: 1, sigma: [0.5, 1.5], isotropic: false), Gamma(probability: 1),
    Brightness(probability: 1), BiasField(probability: 1),
  ]

  /// What was measured.
  public struct Outcome: Sendable {
    /// The patch's extent along each axis.
    public let extent: Int
    /// Milliseconds of each patch, in order.
    public let milliseconds: [Double]
    /// Median milliseconds of each step by itself: cutting and interpolating a patch included where
    /// the step is a spatial one, only the step's own where it changes intensities.
    public let parts: [(kind: String, milliseconds: Double)]

    /// The median of ``milliseconds``.
    public var median: Double { PatchBenchmark.median(milliseconds) }

    /// The outcome as JSON, in one line.
    public var json: String {
      JSONValue.object([
        ("extent", .integer(extent)), ("patchesPerSecond", .number(1000 / median)),
        ("patchMilliseconds", .number(median)),
        ("minimumMilliseconds", .number(milliseconds.min() ?? 0)),
        ("maximumMilliseconds", .number(milliseconds.max() ?? 0)),
        ("repetitions", .integer(milliseconds.count)),
        ("parts", .object(parts.map { ($0.kind, .number($0.milliseconds)) })),
      ]).compact
    }
  }

  /// Makes the patches.
  ///
  /// - Throws: `VolumeError`, for an extent that is no patch's.
  public func run() throws -> Outcome {
    let plain = try times(of: [])
    let base = Self.median(plain)
    let parts = try Self.fullAugmentation.map { step in
      let time = Self.median(try times(of: [step]))
      return (
        kind: type(of: step).kind,
        milliseconds: step is any IntensityAugmentation ? max(0, time - base) : time
      )
    }
    return Outcome(
      extent: extent, milliseconds: try times(of: Self.fullAugmentation),
      parts: [("copy", base)] + parts)
  }

  /// Milliseconds of each patch with these steps, one uncounted patch before them.
  private func times(of steps: [any Augmentation]) throws -> [Double] {
    let shape = [Int](repeating: extent + extent / 2, count: 3)
    let pipeline = try PatchPipeline(
      size: [extent, extent, extent], sampling: PatchSampling(foregroundProbability: 0),
      augmentations: steps)
    var drawing = RandomStream(seed: 1, "benchmark")
    let count = shape.reduce(1, *)
    var image = [Float](repeating: 0, count: count)
    var filling = image.mutableSpan
    drawing.fillNormal(&filling)
    let labels = (0..<count).map { UInt8($0 / 97 % 3) }
    let foreground = ForegroundIndex(labels: labels.span)
    var patch = [Float](repeating: 0, count: pipeline.count)
    var classes = [UInt8](repeating: 0, count: pipeline.count)
    let clock = ContinuousClock()
    return (0...repetitions).map { number in
      var stream = RandomStream(seed: 1, "benchmark patch", number)
      return clock.measure {
        var imageSpan = patch.mutableSpan
        var labelSpan = classes.mutableSpan
        pipeline.draw(
          image: image.span, labels: labels.span, shape: shape, spacing: [1, 1, 1],
          foreground: foreground, stream: &stream, imageOutput: &imageSpan,
          labelOutput: &labelSpan)
      } / .milliseconds(1)
    }.suffix(repetitions)
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
