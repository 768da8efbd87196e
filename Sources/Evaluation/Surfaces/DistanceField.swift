internal import Volumes

/// The exact Euclidean distance to the nearest piece of a surface, at chosen places.
///
/// Squared distances separate by axis. Along rows and then within planes they are made for every
/// place (lower envelopes of parabolas: Felzenszwalb and Huttenlocher 2012); across planes only for
/// the places asked for, from the plane at hand outward until no plane can be nearer. Planes without
/// a piece cost nothing.
struct DistanceField: Sendable {
  /// The places of a plane along (H, W).
  let height: Int
  let width: Int
  /// Millimeters between planes.
  let step: Double
  /// Squared distances (mm²) within each plane, row-major; nil for a plane without a piece.
  let squares: [[Double]?]

  /// The field of the pieces in `planes`, each of `height` x `width` places, `spacing` mm apart
  /// along (D, H, W).
  ///
  /// - Complexity: O(places of the planes with a piece).
  init(_ planes: [BoundaryPlane], height: Int, width: Int, spacing: [Double], threads: Int) {
    self.height = height
    self.width = width
    step = spacing[0]
    squares = ParallelLoop.map(planes.count, threads: threads) { index in
      Self.squares(planes[index], height, width, spacing)
    }
  }

  /// The distances (mm) from the pieces of another surface, which lie in plane `z`.
  func distances(from plane: BoundaryPlane, at z: Int) -> [Double] {
    var result = [Double](repeating: .infinity, count: plane.columns.count)
    var nearest = result.mutableSpan
    let (columns, starts) = (plane.columns.span, plane.starts.span)
    // Plane by plane rather than place by place: one array is read at a time.
    var offset = 0
    while z - offset >= 0 || z + offset < squares.count {
      let across = Double(offset) * step * (Double(offset) * step)
      var isOpen = false
      for other in offset == 0 ? [z] : [z - offset, z + offset]
      where squares.indices.contains(other) {
        guard let square = squares[other] else {
          isOpen = true
          continue
        }
        let field = square.span
        for y in 0..<height {
          let row = y * width
          for index in starts[y]..<starts[y + 1] where nearest[index] > across {
            isOpen = true
            nearest[index] = min(nearest[index], across + field[row + columns[index]])
          }
        }
      }
      guard isOpen else { break }
      offset += 1
    }
    for index in nearest.indices { nearest[index] = nearest[index].squareRoot() }
    return result
  }

  private static func squares(
    _ plane: BoundaryPlane, _ height: Int, _ width: Int, _ spacing: [Double]
  ) -> [Double]? {
    guard !plane.columns.isEmpty else { return nil }
    let rows = (0..<height).filter { plane.starts[$0] < plane.starts[$0 + 1] }
    let along = alongRows(plane, rows, width, spacing[2])
    let lines = along.span
    // Positions (mm) of the rows with pieces.
    let positions = rows.map { Double($0) * spacing[1] }
    let places = positions.span
    var result = [Double](repeating: 0, count: height * width)
    var output = result.mutableSpan
    // The rows whose parabolas make the envelope, and where each begins to be the lowest.
    var envelope = [Int](repeating: 0, count: rows.count)
    var begins = [Double](repeating: 0, count: rows.count)
    var lowest = envelope.mutableSpan
    var from = begins.mutableSpan
    for x in 0..<width {
      var last = 0
      lowest[0] = 0
      from[0] = -Double.infinity
      for row in 1..<max(1, places.count) {
        let value = lines[row * width + x] + places[row] * places[row]
        var begin = 0.0
        while true {
          let other = lowest[last]
          begin =
            (value - lines[other * width + x] - places[other] * places[other])
            / (2 * (places[row] - places[other]))
          if begin > from[last] { break }
          last -= 1
        }
        last += 1
        lowest[last] = row
        from[last] = begin
      }
      var current = 0
      for y in 0..<height {
        let place = Double(y) * spacing[1]
        while current < last, from[current + 1] < place { current += 1 }
        let row = lowest[current]
        let distance = Double(y - rows[row]) * spacing[1]
        output[y * width + x] = distance * distance + lines[row * width + x]
      }
    }
    return result
  }

  /// The squared distance to the nearest piece of the same row, for each row that has one.
  private static func alongRows(
    _ plane: BoundaryPlane, _ rows: [Int], _ width: Int, _ step: Double
  ) -> [Double] {
    var result = [Double](repeating: 0, count: rows.count * width)
    var output = result.mutableSpan
    let columns = plane.columns.span
    for (line, y) in rows.enumerated() {
      var piece = plane.starts[y]
      let end = plane.starts[y + 1]
      for x in 0..<width {
        while piece + 1 < end, columns[piece + 1] - x <= x - columns[piece] { piece += 1 }
        let distance = Double(x - columns[piece]) * step
        output[line * width + x] = distance * distance
      }
    }
    return result
  }
}
