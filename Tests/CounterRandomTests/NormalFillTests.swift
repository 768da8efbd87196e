import CounterRandom
import Testing

@Suite("Normal numbers in bulk")
struct NormalFillTests {
  @Test("moments and tails are those of the normal distribution")
  func moments() {
    let count = 100_000
    var values = [Float](repeating: .nan, count: count)
    var stream = RandomStream(seed: 4, "test")
    var span = values.mutableSpan
    stream.fillNormal(&span)
    func moment(_ power: Int) -> Double {
      values.reduce(0.0) { sum, value in
        sum + (0..<power).reduce(1.0) { product, _ in product * Double(value) }
      } / Double(count)
    }
    // Five standard errors: the variances of x, x², x³ and x⁴ are 1, 2, 15 and 96.
    for (power, wanted, variance) in [(1, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96)] {
      #expect(abs(moment(power) - wanted) < 5 * (variance / Double(count)).squareRoot())
    }
    // P(|x| > 1.959964) = 0.05; the standard deviation of the count is 69.
    #expect(abs(values.filter { abs($0) > 1.959964 }.count - 5000) < 345)
  }

  @Test("an odd count fills every element, and the stream goes on", arguments: [0, 1, 2, 5])
  func counts(count: Int) {
    var values = [Float](repeating: .nan, count: count)
    var (a, b) = (RandomStream(seed: 4, "test"), RandomStream(seed: 4, "test"))
    var span = values.mutableSpan
    a.fillNormal(&span)
    #expect(values.allSatisfy { $0.isFinite })
    // Two draws a pair.
    for _ in 0..<2 * ((count + 1) / 2) { _ = b.next32() }
    #expect(a.next32() == b.next32())
  }
}
