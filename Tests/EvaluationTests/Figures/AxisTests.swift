import Testing

@testable import Evaluation

@Suite("Axes")
struct AxisTests {
  @Test(
    "linear marks are multiples of 1, 2 or 5 times a power of ten, with labels that tell them apart",
    arguments: [
      (0.0...1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (0...100, ["0", "20", "40", "60", "80", "100"]),
      (-1...1, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
      (0.861...0.889, ["0.865", "0.870", "0.875", "0.880", "0.885"]),
      (0...2e-5, ["0", "5e−6", "1e−5", "1.5e−5", "2e−5"]),
      (0...3e7, ["0", "5e6", "1e7", "1.5e7", "2e7", "2.5e7", "3e7"]),
    ])
  func linear(domain: ClosedRange<Double>, labels: [String]) {
    #expect(AxisTicks(.linear, domain: domain).labels == labels)
  }

  @Test(
    "logarithmic marks are powers of ten, or finer where few of them fit",
    arguments: [
      (1.0...1000, ["1", "10", "100", "1000"]), (4...60, ["5", "10", "20", "50"]),
      (1e-6...1e-2, ["1e−6", "1e−5", "1e−4", "0.001", "0.01"]),
      (11...19, ["12", "14", "16", "18"]),
    ])
  func logarithmic(domain: ClosedRange<Double>, labels: [String]) {
    #expect(AxisTicks(.logarithmic, domain: domain).labels == labels)
  }

  @Test("marks are never many, and never outside", arguments: 0..<200)
  func bounded(number: Int) {
    // Domains of all magnitudes, by a sequence without pattern.
    let low = Double((number * 7919) % 1000 - 500) * 0.37
    let length = [1e-9, 1e-3, 0.3, 1, 47, 1e6, 1e12][number % 7] * Double(number + 1)
    let domain = low...(low + length)
    let ticks = AxisTicks(.linear, domain: domain)
    #expect((1...12).contains(ticks.values.count))
    let slack = length * 1e-6
    #expect(ticks.values.allSatisfy { $0 >= low - slack && $0 <= low + length + slack })
  }

  @Test(
    "without data, with one value and with values that are no numbers there is an axis all the same"
  )
  func degenerate() {
    #expect(Axis("x").domain([]) == 0...1)
    #expect(Axis("x").domain([.nan, .infinity]) == 0...1)
    #expect(Axis("x").domain([2, 2]) == 1.8...2.2)
    #expect(Axis("x", kind: .logarithmic).domain([-1, 0]) == 1...10)
    #expect(Axis("x", kind: .logarithmic).domain([4]) == 2...8)
    #expect(Axis("x", range: 0...5).domain([9]) == 0...5)
    #expect(Axis("x", kind: .logarithmic, range: 0...5).domain([1, 4], margin: 0) == 1...4)
  }

  @Test("a scale maps ends to ends, and what has no place to none")
  func scales() {
    let linear = AxisScale(kind: .linear, domain: 10...30, ends: (200, 100))
    #expect(linear.position(of: 10) == 200)
    #expect(linear.position(of: 25) == 125)
    #expect(linear.position(of: .nan) == nil)
    let log = AxisScale(kind: .logarithmic, domain: 1...10_000, ends: (0, 400))
    #expect(abs((log.position(of: 100) ?? 0) - 200) < 1e-9)
    #expect(log.position(of: 0) == nil)
  }
}
