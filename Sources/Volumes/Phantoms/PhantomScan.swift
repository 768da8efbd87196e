internal import CounterRandom

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// How a patient lies in the scanner: the way from space (mm) to the femur's own frame.
struct Pose {
  private let columns: [SIMD3<Double>]
  private let shift: SIMD3<Double>
  private let mirror: Double
  private let scale: Double

  /// Draws turns up to 10 degrees and a shift; scales the anatomy to the phantom's field of view.
  init(phantom: Phantom, patientScale: Double, isLeft: Bool, stream: inout RandomStream) {
    let fit = (0..<3).map {
      Double(phantom.shape[$0]) * phantom.spacing[$0] / FemurAnatomy.extents[$0]
    }
    scale = patientScale * (fit.min() ?? 1)
    let angles = (0..<3).map { _ in stream.between(-10, 10) * .pi / 180 }
    columns = LinearMap.rotation(angles)
    let room = 4 * scale
    shift = SIMD3(
      stream.between(-room, room), stream.between(-room, room), stream.between(-room, room))
    mirror = isLeft ? -1 : 1
  }

  /// The place in the femur's frame of a point in space.
  func toFemur(_ point: SIMD3<Double>) -> SIMD3<Double> {
    let moved = (point - shift) / scale
    let turned = columns[0] * moved.x + columns[1] * moved.y + columns[2] * moved.z
    return turned * SIMD3(mirror, 1, 1) + FemurAnatomy.middle
  }
}

/// Slow variations of tissue: a sum of waves of 15 to 50 mm, about ±0.2.
struct PhantomTexture {
  private let waves: [(direction: SIMD3<Double>, phase: Double)]

  init(stream: inout RandomStream) {
    waves = (0..<4).map { _ in
      let direction = SIMD3(
        stream.between(-1, 1), stream.between(-1, 1), stream.between(-1, 1))
      let length = max((direction * direction).sum().squareRoot(), 0.1)
      let frequency = 2 * Double.pi / stream.between(15, 50)
      return (direction / length * frequency, stream.between(0, 2 * .pi))
    }
  }

  func callAsFunction(_ point: SIMD3<Double>) -> Float {
    var sum = 0.0
    for wave in waves { sum += sin((wave.direction * point).sum() + wave.phase) }
    return Float(0.06 * sum)
  }
}

/// A bias field: 1 plus a polynomial of second degree in coordinates from -1 to 1, at most
/// `strength` away from 1.
struct PhantomBias {
  private let linear: SIMD3<Float>
  private let square: SIMD3<Float>

  init(strength: Float, stream: inout RandomStream) {
    var draws: [Float] = (0..<6).map { _ in Float(stream.between(-1, 1)) }
    let total = draws.reduce(0) { $0 + abs($1) }
    let factor = total > 0 ? strength / total : 0
    draws = draws.map { $0 * factor }
    linear = SIMD3(draws[0], draws[1], draws[2])
    square = SIMD3(draws[3], draws[4], draws[5])
  }

  func callAsFunction(_ place: SIMD3<Float>) -> Float {
    1 + (linear * place).sum() + (square * place * place).sum()
  }
}
