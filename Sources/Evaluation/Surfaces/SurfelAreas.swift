/// The area of the surface within a cell of eight voxel centers, for each of the 256 ways in which
/// they can be in a mask.
///
/// Marching cubes (Lorensen and Cline 1987), derived rather than tabulated. The surface passes
/// through the middle of every edge of the cell whose ends differ; on each face it joins these
/// points to segments, on a face with opposite corners inside so that the corners of the minority
/// (those inside, where there are four) are apart; segments close to loops. A loop of three or
/// four points is flat. Larger loops are cut into triangles as the usual tables do: a pentagon
/// along its longest diagonal, the rest being flat; a hexagon by cutting off every second corner;
/// a heptagon does not occur. Areas agree with those of DeepMind's `surface-distance`.
enum SurfelAreas {
  /// Areas in mm² by code, for voxels of `spacing` mm along (D, H, W).
  ///
  /// A code has bit 128 for the cell's corner (0, 0, 0), 64 for (0, 0, 1), 32 for (0, 1, 0), …,
  /// 1 for (1, 1, 1).
  static func table(spacing: [Double]) -> [Double] {
    let scale = SIMD3(spacing[0], spacing[1], spacing[2])
    return (0..<256).map { code in
      let minority = code.nonzeroBitCount <= 4 ? code : 255 - code
      return loops(minority).map { area(of: $0, scale) }.reduce(0, +)
    }
  }

  /// The four corners of each face in cyclic order, as numbers 0…7 (z, y, x from the high bit).
  private static let faces: [[Int]] = [4, 2, 1].flatMap { axis in
    let others = [4, 2, 1].filter { $0 != axis }
    let cycle = [0, others[0], others[0] + others[1], others[1]]
    return [cycle, cycle.map { $0 + axis }]
  }

  /// The corners' middle, in units of a cell.
  private static func middle(_ one: Int, _ other: Int) -> SIMD3<Double> {
    func corner(_ number: Int) -> SIMD3<Double> {
      SIMD3(Double(number >> 2 & 1), Double(number >> 1 & 1), Double(number & 1))
    }
    return (corner(one) + corner(other)) / 2
  }

  /// The loops of points where the surface of a code crosses the cell's edges.
  private static func loops(_ code: Int) -> [[SIMD3<Double>]] {
    var neighbors: [SIMD3<Double>: [SIMD3<Double>]] = [:]
    var order: [SIMD3<Double>] = []
    func join(_ one: SIMD3<Double>, _ other: SIMD3<Double>) {
      for (from, to) in [(one, other), (other, one)] {
        if neighbors[from] == nil { order.append(from) }
        neighbors[from, default: []].append(to)
      }
    }
    for face in faces {
      let inside = face.map { code & 128 >> $0 != 0 }
      func crossing(_ edge: Int) -> SIMD3<Double> { middle(face[edge], face[(edge + 1) % 4]) }
      let crossed = (0..<4).filter { inside[$0] != inside[($0 + 1) % 4] }
      if crossed.count == 2 { join(crossing(crossed[0]), crossing(crossed[1])) }
      if crossed.count == 4 {
        for corner in 0..<4 where inside[corner] {
          join(crossing((corner + 3) % 4), crossing(corner))
        }
      }
    }
    var seen: Set<SIMD3<Double>> = []
    var loops: [[SIMD3<Double>]] = []
    for start in order where !seen.contains(start) {
      var loop: [SIMD3<Double>] = []
      var next: SIMD3<Double>? = start
      while let point = next {
        seen.insert(point)
        loop.append(point)
        next = neighbors[point]?.first { !seen.contains($0) }
      }
      loops.append(loop)
    }
    return loops
  }

  private static func area(of loop: [SIMD3<Double>], _ scale: SIMD3<Double>) -> Double {
    func triangle(_ a: Int, _ b: Int, _ c: Int) -> Double {
      let n = loop.count
      let (u, v) = ((loop[b % n] - loop[a % n]) * scale, (loop[c % n] - loop[a % n]) * scale)
      let normal = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
      return (normal * normal).sum().squareRoot() / 2
    }
    switch loop.count {
    case 3: return triangle(0, 1, 2)
    case 4: return triangle(0, 1, 2) + triangle(0, 2, 3)
    case 5:
      func length(_ first: Int) -> Double {
        let difference = loop[first] - loop[(first + 2) % 5]
        return (difference * difference).sum()
      }
      let first = (0..<5).max { length($0) < length($1) } ?? 0
      return triangle(first, first + 1, first + 2) + triangle(first + 2, first + 3, first + 4)
        + triangle(first + 2, first + 4, first + 5)
    default:
      return triangle(0, 1, 2) + triangle(2, 3, 4) + triangle(4, 5, 0) + triangle(0, 2, 4)
    }
  }
}
