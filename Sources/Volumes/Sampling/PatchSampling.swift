/// Where training patches lie, and how they are read: what `training` and `training.sampling` say.
public struct PatchSampling: Sendable, Equatable {
  /// Where a patch lies that is not centered on foreground.
  public enum Place: String, Codable, Sendable, CaseIterable {
    /// Anywhere, each place being as likely.
    case uniform
    /// Near the middle of the volume (``PatchSampler/centerNormal(_:deviation:)``).
    case centerNormal
  }

  /// The probability that a patch is centered on a foreground voxel.
  public var foregroundProbability: Float
  /// Where it lies otherwise.
  public var place: Place
  /// The standard deviation of `centerNormal`, as a part of the middle place's distance from the
  /// border.
  public var deviation: Double
  /// How often a patch that shows too little foreground is drawn anew, augmentation included; the
  /// last one is taken as it is.
  public var redraws: Int
  /// The voxels of foreground that a patch must show not to be drawn anew.
  public var minimumForeground: Int
  /// How intensities between voxels are found.
  public var interpolation: ImageLookup
  /// How labels between voxels are found.
  public var labels: LabelLookup

  /// A sampling with these settings.
  public init(
    foregroundProbability: Float = 0.33, place: Place = .uniform, deviation: Double = 0.25,
    redraws: Int = 0, minimumForeground: Int = 1, interpolation: ImageLookup = .linear,
    labels: LabelLookup = .nearest
  ) {
    self.foregroundProbability = foregroundProbability
    self.place = place
    self.deviation = deviation
    self.redraws = redraws
    self.minimumForeground = minimumForeground
    self.interpolation = interpolation
    self.labels = labels
  }

  /// Refuses settings that make no sense.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: foregroundProbability, named: "training.foregroundFraction")
    let name = "training.sampling"
    guard (0...10).contains(deviation) else {
      throw VolumeError(.setting, "\(name).deviation", "is \(deviation), but must be from 0 to 10")
    }
    guard (0...1000).contains(redraws) else {
      throw VolumeError(.setting, "\(name).redraws", "is \(redraws), but must be from 0 to 1000")
    }
    guard minimumForeground >= 1 else {
      throw VolumeError(
        .setting, "\(name).minimumForeground",
        "is \(minimumForeground), but must be at least 1; redraws: 0 takes every patch")
    }
  }

  /// Whether a patch with these labels shows enough foreground.
  func accepts(_ labels: Span<UInt8>) -> Bool {
    var count = 0
    for index in labels.indices where labels[index] != 0 {
      count += 1
      if count >= minimumForeground { return true }
    }
    return false
  }
}
