/// The voxel size that images are brought to: each one's own, a fixed one, or the median of the
/// data set's.
public enum TargetSpacing: Codable, Sendable, Equatable, ExpressibleByArrayLiteral {
  /// Fixed sizes along the array axes after reorientation (mm); `nil` keeps an axis as it is.
  case fixed([Double?])
  /// Along each axis the median over the data set, to be found before images are prepared.
  case median

  /// Fixed sizes (mm).
  public init(arrayLiteral elements: Double?...) { self = .fixed(elements) }

  /// Reads `median`, or a list of three sizes.
  public init(from decoder: any Decoder) throws {
    if let word = try? decoder.singleValueContainer().decode(String.self) {
      guard word == "median" else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription:
              "is \"\(word)\"; write median, three sizes in mm (null keeps an axis), or null"))
      }
      self = .median
    } else {
      self = .fixed(try [Double?](from: decoder))
    }
  }

  /// Writes `median` or the list.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .fixed(let sizes): try sizes.encode(to: encoder)
    case .median:
      var container = encoder.singleValueContainer()
      try container.encode("median")
    }
  }

  /// Refuses what are no sizes.
  func validate() throws {
    guard case .fixed(let sizes) = self else { return }
    guard sizes.count == 3, sizes.allSatisfy({ $0.map { $0 > 0 && $0.isFinite } ?? true }) else {
      let written = sizes.map { $0.map { "\($0)" } ?? "null" }.joined(separator: ", ")
      throw VolumeError(
        .setting, "preparation.spacing",
        "is [\(written)], but must be three positive sizes in mm, or null where an axis is kept")
    }
  }
}

/// How an axis is interpolated along which voxels are far longer than across it.
public enum CoarseAxis: String, Codable, Sendable, CaseIterable {
  /// Like the others.
  case joint
  /// For itself, by the nearest voxel, as nnU-Net does.
  case separate
  /// For itself, linearly.
  case separateLinear

  /// The ratio of voxel sizes from which an axis is coarse, as in nnU-Net.
  public static let ratio = 3.0

  /// The one axis that is coarse: voxels along it are more than ``ratio`` times as long as they are
  /// along the finest; nil where there is none, or more than one.
  static func axis(of spacing: [Double]) -> Int? {
    guard let largest = spacing.max(), let least = spacing.min(), largest > ratio * least
    else { return nil }
    let coarse = spacing.indices.filter { spacing[$0] > largest * (1 - 1e-6) }
    return coarse.count == 1 ? coarse[0] : nil
  }

  /// The interpolation along each axis between grids of two spacings, where the finer axes have
  /// `interpolation`. The source decides which axis is coarse, or else the target.
  func interpolations(
    from source: [Double], to target: [Double], _ interpolation: Interpolation
  ) -> [Interpolation] {
    var result = [Interpolation](repeating: interpolation, count: 3)
    guard self != .joint, let axis = Self.axis(of: source) ?? Self.axis(of: target) else {
      return result
    }
    result[axis] = self == .separate ? .nearest : .linear
    return result
  }
}
