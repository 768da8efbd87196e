import CounterRandom
import Foundation
import Testing

@testable import Volumes

@Suite("Vector functions")
struct VectorMathTests {
  /// The largest distance from the C library's result, in units in the last place.
  private func error(
    _ inputs: [Float], _ function: (Lanes) -> Lanes, _ expected: (Double) -> Double
  ) -> Double {
    var worst = 0.0
    for input in inputs {
      let found = function(Lanes(repeating: input))
      for lane in 0..<8 where found[lane] != found[0] { return .infinity }
      let wanted = expected(Double(input))
      worst = max(worst, abs(Double(found[0]) - wanted) / Double(Float(wanted).ulp))
    }
    return worst
  }

  private let draws: [Float] = {
    var stream = RandomStream(seed: 1, "vector math")
    return (0..<5000).map { _ in stream.uniform() }
  }()

  @Test("exponential, logarithm and root are within two or three units in the last place")
  func elementary() {
    let exponents = draws.map { 170 * $0 - 85 }
    let positive = exponents.map { Foundation.exp($0) }
    let nearOne = draws.map { 1 - $0 * 0x1p-10 }
    #expect(error(exponents, exponential) { Foundation.exp($0) } < 2)
    #expect(error(positive, logarithm) { Foundation.log($0) } < 2)
    #expect(error(nearOne, logarithm) { Foundation.log($0) } < 2)
    #expect(error(positive, squareRoot) { $0.squareRoot() } < 3)
    #expect(squareRoot(.zero) == .zero)
    #expect(exponential(Lanes(repeating: -200))[0] > 0)
  }

  @Test("powers from 0 to 1, 0 itself included")
  func powers() {
    for exponent: Float in [0.05, 0.7, 1, 2.5] {
      for x in draws + [0, 1, Float.leastNonzeroMagnitude] {
        let found = power(Lanes(repeating: x), exponent)[0]
        let wanted = x < 1.2e-38 ? 0 : Foundation.pow(Double(x), Double(exponent))
        #expect(abs(Double(found) - wanted) < 2e-6)
      }
    }
  }

  @Test("sine and cosine of whole turns")
  func turns() {
    for x in draws.map({ 1 + $0 }) + [0, 0.25, 0.5, 0.75, 1, 1.125, 4] {
      let (sine, cosine) = sineAndCosine(turns: Lanes(repeating: x))
      let angle = 2 * Double.pi * Double(x)
      #expect(abs(Double(sine[3]) - Foundation.sin(angle)) < 2e-7)
      #expect(abs(Double(cosine[5]) - Foundation.cos(angle)) < 2e-7)
    }
  }

  @Test("floor, as a float and as an integer")
  func floors() {
    for x in draws.map({ 400 * $0 - 200 }) + [0, -0.0, 3, -3, 2.5, -2.5, -0.001] {
      let (float, whole) = floor(Lanes(repeating: x))
      #expect(float[0] == x.rounded(.down) && whole[7] == Int32(x.rounded(.down)))
    }
  }

  @Test("statistics are those of the voxels", arguments: [1, 7, 8, 2047, 2048, 5001])
  func statistics(count: Int) {
    var values = [Float](repeating: 99, count: 3)
    for index in 0..<count { values.append(3 * draws[index % draws.count] + 100) }
    let range = 3..<count + 3
    let found = PatchStatistics(of: values.span, in: range)
    let part = values[range].map { Double($0) }
    let mean = part.reduce(0, +) / Double(count)
    let squares = part.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / Double(count)
    #expect(abs(found.mean - mean) < 1e-5)
    #expect(abs(found.deviation - variance.squareRoot()) < 1e-4)
    #expect(found.minimum == values[range].min() && found.maximum == values[range].max())
  }
}
