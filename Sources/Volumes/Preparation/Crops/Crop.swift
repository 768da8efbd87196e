/// A rule for which part of an image is kept. It sees the image with its axes in the order of the
/// preparation, on its own spacing, before intensities are changed.
public protocol Crop: CatalogueEntry {
  /// The part of `image` that is kept, which lies within its grid.
  ///
  /// - Throws: ``VolumeError`` of kind `geometry` where nothing would be left.
  func box(in image: Volume) throws -> Box
}

/// The rules that configuration can name. To add one: a file beside this, a line here.
public enum Crops {
  /// The types.
  public static let catalogue: [any Crop.Type] = [
    NoCrop.self, NonZeroCrop.self, BoxCrop.self, CenterCrop.self, SlicesCrop.self,
    CenterOfMassCrop.self,
  ]
}

/// Any crop of the catalogue, coded as `{kind: …}` with the settings beside, or as the kind alone.
public struct AnyCrop: Codable, Sendable, Equatable {
  /// The rule.
  public var value: any Crop

  /// Wraps a rule.
  public init(_ value: any Crop) { self.value = value }

  /// Reads a kind, or a mapping of `kind` and what it names.
  public init(from decoder: any Decoder) throws {
    if let kind = try? decoder.singleValueContainer().decode(String.self) {
      guard let found = Crops.catalogue.first(where: { $0.kind == kind }) else {
        let known = Crops.catalogue.map { $0.kind }.joined(separator: ", ")
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "\"\(kind)\" is unknown; known are \(known)"))
      }
      value = found.init()
      return
    }
    let type = try decoder.entryType(in: Crops.catalogue) { $0.kind }
    value = try type.init(from: decoder)
  }

  /// Writes `kind` and every setting.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: KindKey.self)
    try container.encode(type(of: value).kind, forKey: .kind)
    try value.encode(to: encoder)
  }

  /// Whether both are of one type with equal settings.
  public static func == (a: AnyCrop, b: AnyCrop) -> Bool {
    func same<Value: Crop>(_ value: Value) -> Bool { value == b.value as? Value }
    return same(a.value)
  }
}

/// `{kind: none}`: all is kept.
public struct NoCrop: Crop {
  /// "none".
  public static let kind = "none"

  /// The rule; it has no settings.
  public init() {}

  /// There is nothing to refuse.
  public func validate() {}

  /// The whole grid.
  public func box(in image: Volume) -> Box { Box(whole: image.geometry.shape) }
}

extension Crop where Self == NonZeroCrop {
  /// The smallest box that holds every voxel that is not 0 in some channel.
  public static var nonZero: NonZeroCrop { NonZeroCrop() }
}

/// Extents along (D, H, W), of which `nil` keeps all of an axis.
func validate(extents: [Int?], named name: String) throws {
  guard extents.count == 3, extents.allSatisfy({ ($0 ?? 1) >= 1 }) else {
    let written = extents.map { $0.map(String.init) ?? "null" }.joined(separator: ", ")
    throw VolumeError(
      .setting, name,
      "is [\(written)], but must be three positive extents, null where an axis is kept whole")
  }
}

extension Box {
  /// The box of `extents` (`nil`: the whole axis; more than there is counts as that) whose middle is
  /// nearest to `center` (in voxels), moved as far as it must be to lie within a grid of `shape`.
  init(of extents: [Int?], around center: [Double], in shape: [Int]) {
    let kept = (0..<3).map { min(extents[$0] ?? shape[$0], shape[$0]) }
    let origin = (0..<3).map { axis -> Int in
      let start = (center[axis] - Double(kept[axis] - 1) / 2 + 0.5).rounded(.down)
      return Int(min(max(start, 0), Double(shape[axis] - kept[axis])))
    }
    self.init(origin: origin, shape: kept)
  }
}
