/// The pieces of a surface in one plane of a lattice, row by row.
struct BoundaryPlane: Sendable {
  /// The pieces of row y are those from `starts[y]` to before `starts[y + 1]`.
  var starts: [Int]
  /// The column of each piece, ascending within a row.
  var columns: [Int]
  /// The area (mm²) of each piece; empty where all weigh the same.
  var areas: [Double]

  /// The surface voxels of plane `z` of a mask: inside, with a face neighbor outside.
  static func voxels(of mask: MaskPlanes, plane z: Int) -> BoundaryPlane {
    let (height, width) = (mask.shape[1], mask.shape[2])
    let planes = (mask.planes[z], mask.planes[z + 1], mask.planes[z + 2])
    let (before, here, after) = (planes.0.span, planes.1.span, planes.2.span)
    var result = BoundaryPlane(starts: [0], columns: [], areas: [])
    result.starts.reserveCapacity(height + 1)
    for y in 1...height {
      let row = y * (width + 2)
      for x in (row + 1)...(row + width) where here[x] != 0 {
        let all =
          here[x - 1] & here[x + 1] & here[x - width - 2] & here[x + width + 2] & before[x]
          & after[x]
        if all == 0 { result.columns.append(x - row - 1) }
      }
      result.starts.append(result.columns.count)
    }
    return result
  }

  /// The surfels of plane `z` of the lattice of voxel corners, which has one plane, row and column
  /// more than the mask: corners whose eight voxels are neither all inside nor all outside.
  static func surfels(of mask: MaskPlanes, plane z: Int, areas table: [Double]) -> BoundaryPlane {
    let (height, width) = (mask.shape[1], mask.shape[2])
    let planes = (mask.planes[z], mask.planes[z + 1])
    let (before, after, areas) = (planes.0.span, planes.1.span, table.span)
    var result = BoundaryPlane(starts: [0], columns: [], areas: [])
    result.starts.reserveCapacity(height + 2)
    for y in 0...height {
      let (upper, lower) = (y * (width + 2), (y + 1) * (width + 2))
      // The four voxels of one column stand at the bits of a cell's second half; the rim is empty.
      var last: UInt8 = 0
      for x in 0...width {
        let upperVoxels = before[upper + x + 1] << 6 | after[upper + x + 1] << 2
        let next = upperVoxels | before[lower + x + 1] << 4 | after[lower + x + 1]
        let code = last << 1 | next
        last = next
        guard code != 0, code != 255 else { continue }
        result.columns.append(x)
        result.areas.append(areas[Int(code)])
      }
      result.starts.append(result.columns.count)
    }
    return result
  }
}
