internal import CounterRandom

/// Pictures of what augmentations do, made from a phantom: the same bytes wherever they are made.
public struct AugmentationGallery: Sendable {
  /// One picture: the phantom as it is, and then as changed by some draws.
  public struct Picture: Sendable {
    /// The file's name without ending.
    public let name: String
    /// The picture, gray.
    public let image: PNGImage

    /// A picture under a name.
    public init(name: String, image: PNGImage) {
      self.name = name
      self.image = image
    }
  }

  /// A strong setting of every kind of the catalogue, so that a picture shows it.
  public static let examples: [any Augmentation] = [
    Flip(axes: [0, 2], probability: 0.7), Rotate90(probability: 1, planes: [[0, 2]]),
    RotateScale(probability: 1, degrees: [0, 25, 0]),
    Rotation(probability: 1, about: .any, degrees: [10, 30]),
    AffineAugmentation(
      probability: 1, degrees: [0, 10, 0], isotropic: false, shear: [20, 0, 20],
      translation: [8, 0, 8]),
    Elastic(probability: 1, spacing: [24, 24, 24], deviation: [4, 6]),
    GaussianNoise(probability: 1, deviation: [0.2, 0.5]),
    RicianNoise(probability: 1, deviation: [0.3, 0.6]),
    GaussianBlur(probability: 1, sigma: [1, 2]), MotionBlur(probability: 1, length: [4, 9]),
    LowResolution(probability: 1, zoom: [0.25, 0.5]),
    Brightness(probability: 1, factor: [0.6, 1.4], shift: [-0.5, 0.5]),
    Contrast(probability: 1, factor: [0.4, 2]), Gamma(probability: 1, exponent: [0.4, 2.5]),
    BiasField(probability: 1, coefficient: [-0.5, 0.5]),
    Motion(probability: 1, axes: [0, 2], distance: [3, 6]),
    Ghosting(probability: 1, axes: [0, 2], strength: [0.6, 0.9]),
    FoldOver(probability: 1, axes: [0, 2], overlap: [0.2, 0.4], strength: [0.5, 1]),
    OneOf([
      Flip(axes: [0], probability: 1), GaussianBlur(probability: 1, sigma: [2, 2]),
      Gamma(probability: 1, exponent: [2.5, 2.5]),
    ]),
    Sometimes([
      Rotate90(probability: 1, planes: [[0, 2]], turns: [2]),
      GaussianNoise(probability: 1, deviation: [0.4, 0.4]),
    ]),
  ]

  private static let size = [72, 24, 72]
  private static let spacing = [1.6, 4, 1.6]
  private static let panels = 4
  private let image: [Float]
  private let labels: [UInt8]
  private let seed: UInt64

  /// A gallery whose draws follow from `seed`.
  ///
  /// - Throws: ``VolumeError``, which the settings of the phantom give no reason for.
  public init(seed: UInt64 = 1) throws {
    let subject = try Phantom(shape: Self.size, spacing: Self.spacing).subject(0)
    image = try Preparation().prepare(subject.image).image.voxels
    labels = subject.labels.voxels
    self.seed = seed
  }

  /// One picture a kind.
  ///
  /// - Throws: ``VolumeError`` for settings that make no sense.
  public func pictures(
    of augmentations: [any Augmentation] = AugmentationGallery.examples
  ) throws -> [Picture] {
    try augmentations.map { Picture(name: type(of: $0).kind, image: try picture(of: [$0])) }
  }

  /// A picture of changes made one after another: the phantom's middle coronal slice four times, at
  /// the left as it is. Lines are the borders of labels.
  ///
  /// - Throws: ``VolumeError`` for settings that make no sense.
  public func picture(of augmentations: [any Augmentation]) throws -> PNGImage {
    let (width, height, gap) = (Self.size[0], Self.size[2], 2)
    let whole = Self.panels * width + (Self.panels - 1) * gap
    var bytes = [UInt8](repeating: 255, count: whole * height)
    for panel in 0..<Self.panels {
      let (patch, classes) = try draw(panel == 0 ? [] : augmentations, panel)
      for row in 0..<height {
        for column in 0..<width {
          // To the right the first axis, upwards the third.
          let place = (column * Self.size[1] + Self.size[1] / 2) * height + height - 1 - row
          bytes[row * whole + panel * (width + gap) + column] = Self.gray(patch, classes, place)
        }
      }
    }
    return PNGImage(width: whole, height: height, bytes: bytes)
  }

  /// The phantom after one draw.
  private func draw(
    _ augmentations: [any Augmentation], _ number: Int
  ) throws -> (image: [Float], labels: [UInt8]) {
    let pipeline = try PatchPipeline(
      size: Self.size, sampling: PatchSampling(foregroundProbability: 0),
      augmentations: augmentations)
    var patch = [Float](repeating: 0, count: pipeline.count)
    var classes = [UInt8](repeating: 0, count: pipeline.count)
    var stream = RandomStream(seed: seed, "gallery", number)
    var imageSpan = patch.mutableSpan
    var labelSpan = classes.mutableSpan
    pipeline.draw(
      image: image.span, labels: labels.span, shape: Self.size, spacing: Self.spacing,
      foreground: ForegroundIndex(labels: labels.span), stream: &stream, imageOutput: &imageSpan,
      labelOutput: &labelSpan)
    return (patch, classes)
  }

  /// The gray of a voxel: -2 standard deviations and less are black, 3 and more nearly white.
  private static func gray(_ patch: [Float], _ classes: [UInt8], _ place: Int) -> UInt8 {
    let isBorder = [1, size[1] * size[2]].contains { step in
      place + step < classes.count && classes[place] != classes[place + step]
    }
    if isBorder { return 255 }
    return UInt8(min(max((patch[place] + 2) / 5 * 230, 0), 230))
  }
}
