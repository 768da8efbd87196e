/// Which voxels of a grid touch.
public enum Neighborhood: Int, Sendable, CaseIterable {
  /// Voxels that share a face.
  case faces = 6
  /// Voxels that share a face or an edge.
  case edges = 18
  /// Voxels that share a face, an edge or a corner.
  case corners = 26

  /// Half of the neighbors' offsets (z, y, x): those that come earlier in the order of storage.
  var earlier: [(z: Int, y: Int, x: Int)] {
    let reach =
      switch self {
      case .faces: 1
      case .edges: 2
      case .corners: 3
      }
    var offsets: [(z: Int, y: Int, x: Int)] = []
    for z in -1...0 {
      for y in -1...1 {
        for x in -1...1 {
          let before = z < 0 || (z == 0 && (y < 0 || (y == 0 && x < 0)))
          if before, abs(z) + abs(y) + abs(x) <= reach { offsets.append((z, y, x)) }
        }
      }
    }
    return offsets
  }
}
