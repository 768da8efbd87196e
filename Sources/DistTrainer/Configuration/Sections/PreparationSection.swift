/// `preparation`: what is done to a volume once, before training.
public struct PreparationSection: ConfigurationSection {
  /// The canonical orientation: three letters, one of each pair L/R, A/P, S/I. An axis is named by
  /// the direction in which its index grows.
  public var orientation = "RAS"
  /// The spacing in millimeters to resample to, by axis of the orientation; `null`: as scanned.
  public var spacing: [Double]?
  /// How intensities are normalized.
  public var normalization = ConfigurationChoice(kind: "zscore")

  /// All keys at their defaults.
  public init() {}
}
