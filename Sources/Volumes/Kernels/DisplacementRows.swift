/// The displacements of a patch, row by row.
///
/// The spline is evaluated axis by axis: along w once for the whole patch, along d once a plane, along
/// h in each row, where four products a number and component are left.
struct DisplacementRows {
  private let field: DisplacementField
  private let size: [Int]
  /// Upsampled along w: `[points d, points h, 3, width]`.
  private var lines: [Float]
  /// Upsampled along w and d: `[points h, 3, width]`.
  private var plane: [Float]
  /// The length of a row's buffer: w, rounded up to whole vectors.
  let width: Int

  /// The rows of a patch of `size`, of one field.
  init(_ field: DisplacementField, size: [Int]) {
    self.field = field
    self.size = size
    width = (size[2] + 7) & ~7
    let (rows, points) = (field.counts[0] * field.counts[1], field.counts[2])
    lines = Array(repeating: 0, count: rows * 3 * width)
    plane = Array(repeating: 0, count: field.counts[1] * 3 * width)
    for w in 0..<size[2] {
      let (first, weights) = field.weights(w, of: size[2], axis: 2)
      for row in 0..<rows {
        for component in 0..<3 {
          var sum: Float = 0
          for tap in 0..<4 {
            sum += weights[tap] * field.vectors[(row * points + first + tap) * 3 + component]
          }
          lines[(row * 3 + component) * width + w] = sum
        }
      }
    }
  }

  /// Goes to plane d.
  mutating func enter(plane d: Int) {
    let (first, weights) = field.weights(d, of: size[0], axis: 0)
    let stride = field.counts[1] * 3 * width
    let lines = lines
    let source = lines.span
    var target = plane.mutableSpan
    for index in 0..<stride {
      let place = first * stride + index
      target[index] =
        weights[0] * source[place] + weights[1] * source[place + stride]
        + weights[2] * source[place + 2 * stride] + weights[3] * source[place + 3 * stride]
    }
  }

  /// Adds the displacements of row h to `output`, `[3, width]`.
  func add(row h: Int, to output: inout MutableSpan<Float>) {
    let (first, weights) = field.weights(h, of: size[1], axis: 1)
    let stride = 3 * width
    let (a, b, c, d) = (weights[0], weights[1], weights[2], weights[3])
    unsafe plane.withUnsafeBufferPointer { plane in
      guard let base = plane.baseAddress else { return }
      let start = unsafe UnsafeRawPointer(base + first * stride)
      output.mapLanes(0..<stride) { offset, lanes in
        let place = unsafe start + 4 * offset
        let (p, q) = unsafe (
          place.loadUnaligned(as: Lanes.self),
          (place + 4 * stride).loadUnaligned(as: Lanes.self)
        )
        let (r, s) = unsafe (
          (place + 8 * stride).loadUnaligned(as: Lanes.self),
          (place + 12 * stride).loadUnaligned(as: Lanes.self)
        )
        return lanes + (p * a + q * b + r * c + s * d)
      }
    }
  }
}
