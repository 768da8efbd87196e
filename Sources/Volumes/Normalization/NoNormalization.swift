/// `{kind: none}`: intensities stay as the file has them.
public struct NoNormalization: Normalization {
  /// "none".
  public static let kind = "none"

  /// The rule; it has no settings.
  public init() {}

  /// There is nothing to refuse.
  public func validate() {}

  /// Leaves the voxels alone.
  public func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>, channel: Int) {}
}
