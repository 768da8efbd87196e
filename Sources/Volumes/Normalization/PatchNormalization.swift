public import CounterRandom

/// A rule for intensities that is applied to each patch by itself, and to each tile in inference, as
/// Zeng et al. (2017) bring every patch to mean 0 and variance 1.
///
/// It draws nothing; it is an augmentation so that it comes last among a patch's changes.
public struct PatchNormalization: IntensityAugmentation {
  /// "patchNormalization"; configuration names the rule, at `preparation.patch`.
  public static let kind = "patchNormalization"

  /// The rule.
  public var rule: AnyNormalization

  /// Applies `rule` to patches.
  public init(_ rule: any Normalization) { self.rule = AnyNormalization(rule) }

  /// Leaves patches as they are.
  public init() { self.init(NoNormalization()) }

  /// Refuses what the rule refuses, and rules that must be learned.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    do {
      try rule.value.validate()
    } catch let error as VolumeError {
      let key = error.subject.replacing("preparation.normalization", with: "preparation.patch")
      throw VolumeError(error.kind, key, error.reason)
    }
    guard !(rule.value is any LearnedNormalization) else {
      throw VolumeError(
        .setting, "preparation.patch",
        "cannot be learned from patches; write this rule in preparation.normalization")
    }
  }

  /// Applies the rule to each channel of a patch `[channels, d, h, w]`, in place.
  public func apply(to patch: inout MutableSpan<Float>, channels: Int) {
    let count = patch.count / channels
    for channel in 0..<channels {
      rule.value.apply(
        to: &patch, in: channel * count..<(channel + 1) * count, channel: channel)
    }
  }

  /// Applies the rule to each channel of a patch; draws nothing.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    apply(to: &patch, channels: grid.channels)
  }
}
