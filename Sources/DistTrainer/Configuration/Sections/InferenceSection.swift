/// `inference`: how a network is slid over a whole volume.
public struct InferenceSection: ConfigurationSection {
  /// How far neighboring tiles overlap, as a part of the network's output, in 0..<1: one number, or
  /// one for each axis. 0 lays slabs side by side.
  public var overlap: TileOverlap = 0.5
  /// How overlapping tiles are weighed.
  public var weights = TileWeights.gaussian
  /// What is done to a segmentation once it lies on the grid of its file, in order; empty: nothing.
  public var postprocessing: [PostProcessingChoice] = []

  /// All keys at their defaults.
  public init() {}
}

/// How overlapping tiles are weighed.
public enum TileWeights: String, Codable, Sendable, CaseIterable {
  /// A Gaussian around the tile's center, of standard deviation an eighth of the patch.
  case gaussian
  /// All voxels alike.
  case uniform
}

/// A part of a tile's extent, the same along all axes or one for each of (D, H, W).
public struct TileOverlap: Codable, Sendable, Equatable, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral
{
  private let parts: [Double]
  private let isCommon: Bool

  /// The same along all axes.
  public init(_ part: Double) {
    parts = [part]
    isCommon = true
  }

  /// One for each axis.
  public init(_ parts: [Double]) {
    self.parts = parts
    isCommon = false
  }

  /// The same along all axes.
  public init(floatLiteral value: Double) { self.init(value) }

  /// The same along all axes.
  public init(integerLiteral value: Int) { self.init(Double(value)) }

  /// Reads a number or a list of numbers.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let part = try? container.decode(Double.self) {
      self.init(part)
    } else if let parts = try? container.decode([Double].self) {
      self.init(parts)
    } else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "must be a finite number, or a list of one for each axis")
    }
  }

  /// Writes a number or a list, as it was read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if isCommon { try container.encode(parts[0]) } else { try container.encode(parts) }
  }

  /// What was given: one number, or one for each axis.
  var given: [Double] { parts }

  /// One for each axis (D, H, W).
  var values: [Double] { isCommon ? Array(repeating: parts[0], count: 3) : parts }
}
