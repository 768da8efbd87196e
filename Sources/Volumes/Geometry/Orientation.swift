/// Which way the array axes run, as a three-letter code such as "RAS": the direction (right, left,
/// anterior, posterior, superior, inferior) in which each index grows.
public struct Orientation: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// For each array axis, the axis of space (0 left-right, 1 posterior-anterior,
  /// 2 inferior-superior) that it follows.
  public let axes: [Int]
  /// For each array axis, whether it runs to the right, to anterior or to superior.
  public let positive: [Bool]

  /// Right, anterior, superior: the orientation in which segmpi computes.
  public static let ras = Orientation(axes: [0, 1, 2], positive: [true, true, true])

  private static let letters: [[Character]] = [["L", "R"], ["P", "A"], ["I", "S"]]

  private init(axes: [Int], positive: [Bool]) {
    self.axes = axes
    self.positive = positive
  }

  /// Reads a code such as "RAS" or "LPI".
  ///
  /// - Throws: ``VolumeError`` unless `code` names each of the three axes of space once.
  public init(code: String) throws {
    var axes: [Int] = []
    var positive: [Bool] = []
    for letter in code {
      for (axis, pair) in Self.letters.enumerated() where pair.contains(letter) {
        axes.append(axis)
        positive.append(letter == pair[1])
      }
    }
    guard code.count == 3, axes.sorted() == [0, 1, 2] else {
      throw VolumeError(
        .setting, "orientation \"\(code)\"",
        "is not a code of three letters, one each of R or L, A or P, S or I; write RAS, for instance"
      )
    }
    self.init(axes: axes, positive: positive)
  }

  /// The orientation nearest to that of `affine`.
  ///
  /// The nearest rotation decides (the orthogonal polar factor of the normalized linear part);
  /// array axes choose their axis of space, each among those left, the one most nearly parallel to
  /// some axis first. nibabel's `io_orientation` does the same.
  public init(of affine: Affine) {
    let rotation = Self.polarFactor(of: affine)
    var taken: [Int] = []
    var axes = [0, 0, 0]
    var positive = [true, true, true]
    // Strongest first, so that the answer does not depend on the order of the axes.
    let strengths = rotation.map { ($0 * $0).max() }
    let order = (0..<3).sorted {
      strengths[$0] != strengths[$1] ? strengths[$0] > strengths[$1] : $0 < $1
    }
    for arrayAxis in order {
      let column = rotation[arrayAxis]
      let free = (0..<3).filter { !taken.contains($0) }
      guard var best = free.first else { break }
      for axis in free where abs(column[axis]) > abs(column[best]) { best = axis }
      taken.append(best)
      axes[arrayAxis] = best
      positive[arrayAxis] = column[best] >= 0
    }
    self.init(axes: axes, positive: positive)
  }

  /// The three letters.
  public var code: String {
    String(zip(axes, positive).map { Self.letters[$0][$1 ? 1 : 0] })
  }

  /// The three letters.
  public var description: String { code }

  /// The columns of the rotation nearest to the linear part with its columns normalized.
  ///
  /// Newton's iteration X ← (X + X⁻ᵀ) / 2 (Higham 1986); the columns of X⁻ᵀ are the cross products
  /// of X's columns over its determinant.
  private static func polarFactor(of affine: Affine) -> [SIMD3<Double>] {
    var x = zip(affine.columns, affine.spacing).map { $1 > 0 ? $0 / $1 : $0 }
    for _ in 0..<64 {
      let cofactors = [cross(x[1], x[2]), cross(x[2], x[0]), cross(x[0], x[1])]
      let determinant = (x[0] * cofactors[0]).sum()
      guard abs(determinant) > 1e-12 else { break }
      var change = 0.0
      for axis in 0..<3 {
        let next = (x[axis] + cofactors[axis] / determinant) / 2
        let step = next - x[axis]
        change = max(change, (step * step).sum())
        x[axis] = next
      }
      if change < 1e-30 { break }
    }
    return x
  }
}
