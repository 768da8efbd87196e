/// How values between voxels are found.
public enum Interpolation: String, Codable, Sendable, CaseIterable {
  /// The nearest voxel; halves go up, as in SciPy's order 0.
  case nearest
  /// A straight line between the two voxels around (order 1).
  case linear
  /// The cubic B-spline through all voxels of the line (order 3, with prefilter).
  case cubic
}

/// How one axis of `source` voxels becomes `target` voxels of the same field of view.
///
/// Output voxel o has its center at x = (o + 1/2) · source / target − 1/2 in input voxels: the outer
/// faces of both grids coincide. Beyond the first and the last voxel the line goes on with their
/// values. This is SciPy's `zoom(order, grid_mode=True, mode="nearest")`, and skimage's and nnU-Net's
/// `resize`. Shrinking does not smooth first.
struct AxisSampling: Sendable {
  let source: Int
  let target: Int
  let interpolation: Interpolation
  /// The number of input values that an output voxel is a sum of.
  let taps: Int
  /// For each output voxel the first of them: a voxel, or, with ``padding``, a spline coefficient.
  let starts: [Int]
  /// For each output voxel the `taps` weights.
  let weights: [Float]

  /// The spline coefficients before the first and after the last voxel that an output may need.
  static let padding = 2

  init(source: Int, target: Int, by interpolation: Interpolation) {
    precondition(source >= 1 && target >= 1, "an axis has at least one voxel")
    self.source = source
    self.target = target
    // A line through one voxel is constant; an axis that keeps its extent keeps its voxels.
    let isTrivial = source == 1 || source == target
    self.interpolation = isTrivial ? .nearest : interpolation
    let ratio = Double(source) / Double(target)
    let positions = (0..<target).map { (Double($0) + 0.5) * ratio - 0.5 }
    switch self.interpolation {
    case .nearest:
      taps = 1
      // floor(x + 1/2), in integers.
      starts = (0..<target).map { ((2 * $0 + 1) * source) / (2 * target) }
      weights = [Float](repeating: 1, count: target)
    case .linear:
      taps = 2
      let inside = positions.map { min(max($0, 0), Double(source - 1)) }
      let lower = inside.map { min(Int($0), source - 2) }
      starts = lower
      weights = zip(inside, lower).flatMap { x, below in
        let weight = Float(x - Double(below))
        return [1 - weight, weight]
      }
    case .cubic:
      taps = 4
      let lower = positions.map { $0.rounded(.down) }
      starts = lower.map { Int($0) - 1 + Self.padding }
      weights = zip(positions, lower).flatMap { x, below in Self.spline(x - below).map(Float.init) }
    }
  }

  /// Whether every voxel stays as it is.
  var isIdentity: Bool { source == target }

  /// The length of a line of coefficients: that of the voxels, and the padding for splines.
  var lineLength: Int { interpolation == .cubic ? source + 2 * Self.padding : source }

  /// The weights of four neighboring coefficients at `t` (from 0 to 1) behind the second.
  private static func spline(_ t: Double) -> [Double] {
    let s = 1 - t
    return [
      s * s * s / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * s * s * s - 6 * s * s + 4) / 6,
      t * t * t / 6,
    ]
  }
}

extension AxisSampling {
  /// Sixteen lines of voxels or coefficients side by side.
  typealias Lines = [SIMD16<Float>]

  /// Turns voxels into the coefficients of the cubic B-spline through them, in place.
  ///
  /// `lines` has `lineLength` places, of which the voxels fill all but the padding. Two recursions
  /// with the pole z = √3 − 2 (Unser, Aldroubi and Eden 1993), started from their limits on lines
  /// that go on forever with their first and their last value. With f the voxels and λ = 6:
  ///
  ///     c⁺(k) = λ f(k) + z c⁺(k−1),   c(k) = z (c(k+1) − c⁺(k))
  static func prefilter(_ lines: inout MutableSpan<SIMD16<Float>>) {
    let pole = Float(Double(3).squareRoot() - 2)
    let last = lines.count - 1 - padding
    let scale = 1 / (1 - pole)
    let left = lines[padding] * (6 * scale)
    let right = lines[last] * (6 * scale)
    var sum = left
    lines[padding] = sum
    for k in stride(from: padding + 1, through: last, by: 1) {
      sum = lines[k] * 6 + sum * pole
      lines[k] = sum
    }
    // Behind the last voxel c⁺ falls back to its limit by powers of z.
    let limit = right * (-pole * scale)
    var excess = (sum - right) * (-pole / (1 - pole * pole))
    for k in last..<lines.count {
      lines[k] = limit + excess
      excess *= pole
    }
    var next = lines[last]
    for k in stride(from: last - 1, through: padding, by: -1) {
      next = (next - lines[k]) * pole
      lines[k] = next
    }
    for k in stride(from: padding - 1, through: 0, by: -1) {
      next = (next - left) * pole
      lines[k] = next
    }
  }
}
