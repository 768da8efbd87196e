internal import Foundation

/// Where the tiles of a sliding window lie, and how much each voxel of a tile counts.
public struct TileGrid: Sendable {
  /// The first voxel of each tile's output along (D, H, W); negative where a tile is larger than
  /// the volume and reaches beyond it on both sides alike.
  public let origins: [[Int]]

  /// Tiles of `tile` that cover a volume of `volume`, each along (D, H, W).
  ///
  /// Neighbors share at least the fraction `overlap` of their extent, and are spread evenly so that
  /// the last one ends with the volume.
  public init(volume: [Int], tile: [Int], overlap: Double) {
    self.init(volume: volume, tile: tile, overlap: [overlap, overlap, overlap])
  }

  /// The same with an overlap for each axis.
  public init(volume: [Int], tile: [Int], overlap: [Double]) {
    precondition(overlap.count == 3, "three axes")
    let starts = (0..<3).map {
      Self.starts(extent: volume[$0], tile: tile[$0], overlap: overlap[$0])
    }
    origins = starts[0].flatMap { d in
      starts[1].flatMap { h in starts[2].map { w in [d, h, w] } }
    }
  }

  private static func starts(extent: Int, tile: Int, overlap: Double) -> [Int] {
    guard extent > tile else { return [-((tile - extent) / 2)] }
    let step = max(1, Int((Double(tile) * (1 - overlap)).rounded(.down)))
    let gaps = (extent - tile + step - 1) / step
    return (0...gaps).map { Int((Double($0 * (extent - tile)) / Double(gaps)).rounded()) }
  }

  /// The weights of a tile's voxels, `[d, h, w]`.
  ///
  /// A Gaussian has a standard deviation of an eighth of the extent along each axis, is 1 in the
  /// middle, and is nowhere below 10⁻³, so that a voxel seen by one tile's corner only still counts.
  public static func weights(_ kind: TileWeights, tile: [Int]) -> [Float] {
    guard kind == .gaussian else {
      return Array(repeating: 1, count: tile.reduce(1, *))
    }
    let profiles = tile.map { extent in
      (0..<extent).map { index in
        let center = Double(extent - 1) / 2
        let distance = (Double(index) - center) / (Double(extent) / 8)
        return gaussian(distance)
      }
    }
    return profiles[0].flatMap { d in
      profiles[1].flatMap { h in profiles[2].map { w in max(1e-3, Float(d * h * w)) } }
    }
  }
}

/// exp(-x² / 2).
private func gaussian(_ x: Double) -> Double { exp(-x * x / 2) }
