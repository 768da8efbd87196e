public import CounterRandom

/// Makes training patches: draws a place, transforms, interpolates once, changes intensities.
///
/// A patch is a function of volume, labels, settings and stream, nothing else. Each step draws from
/// a stream of its own, so that another step's settings do not change what it draws.
public struct PatchPipeline: Sendable {
  /// The patch's extents (d, h, w).
  public let size: [Int]
  /// The probability that a patch is centered on a foreground voxel; otherwise it lies anywhere.
  public let foregroundProbability: Float
  private let spatial: [any SpatialAugmentation]
  private let intensity: [any IntensityAugmentation]

  /// A pipeline with `augmentations` in the order in which they apply; spatial ones come first.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public init(
    size: [Int], foregroundProbability: Float = 0.33, augmentations: [any Augmentation] = []
  ) throws {
    guard size.count == 3, size.allSatisfy({ (1...4096).contains($0) }) else {
      throw VolumeError(
        .setting, "training.patch", "is \(size), but must be three extents from 1 to 4096")
    }
    try validate(probability: foregroundProbability, named: "training.foreground")
    for augmentation in augmentations { try augmentation.validate() }
    self.size = size
    self.foregroundProbability = foregroundProbability
    spatial = augmentations.compactMap { $0 as? any SpatialAugmentation }
    intensity = augmentations.compactMap { $0 as? any IntensityAugmentation }
  }

  /// The number of voxels of a patch.
  public var count: Int { size[0] * size[1] * size[2] }

  /// Draws a patch of a subject.
  ///
  /// - Parameters:
  ///   - image: the prepared image, `[C, D, H, W]`.
  ///   - labels: its labels, `[D, H, W]`.
  ///   - shape: (D, H, W).
  ///   - spacing: the voxel size along these axes (mm).
  ///   - foreground: the index of `labels`.
  ///   - stream: what all draws come from; name it by epoch, subject and so on, never by rank.
  ///   - imageOutput: receives the patch, `[C, d, h, w]`.
  ///   - labelOutput: receives its labels, `[d, h, w]`.
  public func draw(
    image: Span<Float>, labels: Span<UInt8>, shape: [Int], spacing: [Double],
    foreground: ForegroundIndex, stream: inout RandomStream,
    imageOutput: inout MutableSpan<Float>, labelOutput: inout MutableSpan<UInt8>
  ) {
    let volume = shape[0] * shape[1] * shape[2]
    precondition(labels.count == volume && image.count % volume == 0, "the voxels fill the grid")
    let channels = image.count / volume
    precondition(
      labelOutput.count == count && imageOutput.count == channels * count,
      "the outputs have the patch's size")

    let seed = stream.next()
    var placing = RandomStream(seed: seed, "patch.place")
    let sampler = PatchSampler(shape: shape, size: size)
    let centered = placing.uniform() < foregroundProbability
    let origin =
      if centered, let voxel = foreground.draw(&placing) {
        sampler.centered(on: voxel)
      } else {
        sampler.uniform(&placing)
      }

    var transform = PatchTransform(size: size, spacing: spacing)
    for (index, step) in spatial.enumerated() {
      var drawing = RandomStream(seed: seed, "patch.\(type(of: step).kind)", index)
      step.apply(to: &transform, stream: &drawing)
    }
    let interpolation = PatchInterpolation(
      shape: shape, size: size, channels: channels, origin: origin, transform: transform)
    if transform.isExact {
      interpolation.copy(image, to: &imageOutput, channels: channels, background: 0)
      interpolation.copy(labels, to: &labelOutput, channels: 1, background: 0)
    } else {
      interpolation.interpolate(
        image: image, labels: labels, imageOutput: &imageOutput, labelOutput: &labelOutput)
    }

    for (index, step) in intensity.enumerated() {
      var drawing = RandomStream(seed: seed, "patch.\(type(of: step).kind)", index)
      step.apply(to: &imageOutput, channels: channels, stream: &drawing)
    }
  }
}
