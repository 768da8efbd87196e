public import CounterRandom

/// Makes training patches: draws a place, transforms, interpolates once, changes intensities.
///
/// A patch is a function of volume, labels, settings and stream, nothing else. Each step draws from
/// a stream of its own, so that another step's settings do not change what it draws.
public struct PatchPipeline: Sendable {
  /// The patch's extents (d, h, w).
  public let size: [Int]
  /// Where patches lie.
  public let sampling: PatchSampling
  private let steps: [any Augmentation]

  /// A pipeline with `augmentations` in the order in which they apply; spatial ones come first.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public init(
    size: [Int], sampling: PatchSampling = PatchSampling(), augmentations: [any Augmentation] = []
  ) throws {
    guard size.count == 3, size.allSatisfy({ (1...4096).contains($0) }) else {
      throw VolumeError(
        .setting, "training.patch", "is \(size), but must be three extents from 1 to 4096")
    }
    try sampling.validate()
    for augmentation in augmentations { try augmentation.validate() }
    self.size = size
    self.sampling = sampling
    steps = augmentations
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
  /// - Returns: the place (D, H, W) of the patch's first voxel, before spatial changes.
  @discardableResult
  public func draw(
    image: Span<Float>, labels: Span<UInt8>, shape: [Int], spacing: [Double],
    foreground: ForegroundIndex, stream: inout RandomStream,
    imageOutput: inout MutableSpan<Float>, labelOutput: inout MutableSpan<UInt8>
  ) -> [Int] {
    let volume = shape[0] * shape[1] * shape[2]
    precondition(labels.count == volume && image.count % volume == 0, "the voxels fill the grid")
    let channels = image.count / volume
    precondition(
      labelOutput.count == count && imageOutput.count == channels * count,
      "the outputs have the patch's size")

    var seed = stream.next()
    var attempt = 0
    while true {
      let steps = chosenSteps(seed)
      let origin = origin(shape: shape, foreground: foreground, seed: seed)
      let interpolation = PatchInterpolation(
        shape: shape, size: size, channels: channels, origin: origin,
        transform: transform(steps, spacing: spacing),
        imageInterpolation: sampling.interpolation, labelInterpolation: sampling.labels)
      interpolation.fill(
        image: image, labels: labels, imageOutput: &imageOutput, labelOutput: &labelOutput)
      if attempt == sampling.redraws || foreground.isEmpty || sampling.accepts(labelOutput.span) {
        changeIntensities(steps, of: &imageOutput, channels: channels)
        return origin
      }
      attempt += 1
      var again = RandomStream(seed: seed, "patch.again")
      seed = again.next()
    }
  }

  /// A step that happens to a patch, and the stream that it draws from.
  private typealias ChosenStep = (step: any Augmentation, stream: RandomStream)

  /// The steps that happen to a patch, choices resolved.
  private func chosenSteps(_ seed: UInt64) -> [ChosenStep] {
    var result: [ChosenStep] = []
    func add(_ step: any Augmentation, _ seed: UInt64, _ index: Int) {
      var drawing = RandomStream(seed: seed, "patch.\(type(of: step).kind)", index)
      if let choice = step as? any AugmentationCombinator {
        let chosen = choice.chosen(&drawing)
        let inner = drawing.next()
        for place in chosen { add(choice.steps[place].value, inner, place) }
      } else {
        result.append((step, drawing))
      }
    }
    for (index, step) in steps.enumerated() { add(step, seed, index) }
    return result
  }

  private func origin(shape: [Int], foreground: ForegroundIndex, seed: UInt64) -> [Int] {
    var placing = RandomStream(seed: seed, "patch.place")
    let sampler = PatchSampler(shape: shape, size: size)
    let centered = placing.uniform() < sampling.foregroundProbability
    if centered, let voxel = foreground.draw(&placing) { return sampler.centered(on: voxel) }
    return switch sampling.place {
    case .uniform: sampler.uniform(&placing)
    case .centerNormal: sampler.centerNormal(&placing, deviation: sampling.deviation)
    }
  }

  private func transform(_ steps: [ChosenStep], spacing: [Double]) -> PatchTransform {
    var transform = PatchTransform(size: size, spacing: spacing)
    for (step, stream) in steps {
      guard let step = step as? any SpatialAugmentation else { continue }
      var drawing = stream
      step.apply(to: &transform, stream: &drawing)
    }
    return transform
  }

  private func changeIntensities(
    _ steps: [ChosenStep], of patch: inout MutableSpan<Float>, channels: Int
  ) {
    let grid = PatchGrid(channels: channels, size: size)
    for (step, stream) in steps {
      guard let step = step as? any IntensityAugmentation else { continue }
      var drawing = stream
      step.apply(to: &patch, grid: grid, stream: &drawing)
    }
  }
}
