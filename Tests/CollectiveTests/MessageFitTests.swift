import Testing

@testable import Collective

@Suite("The fit of messages' times")
struct MessageFitTests {
  typealias Sample = MessageFit.Sample

  /// What a network would be measured as, by its times for each length.
  private func fit(_ time: (Double) -> Double) -> (fit: MessageFit, samples: [Sample]) {
    var samples: [Sample] = []
    while let byteCount = MessageFit.next(after: samples) {
      samples.append(Sample(byteCount: byteCount, seconds: time(Double(byteCount))))
    }
    return (MessageFit(samples), samples)
  }

  @Test(
    "finds latency and bandwidth of a line, from two lengths where they tell them apart",
    arguments: [
      (1e-6, 5e9, 2), (50e-6, 125e6, 2), (1e-3, 125e6, 2), (20e-3, 1e9, 4), (50e-6, 1e12, 4),
    ])
  func line(latency: Double, bandwidth: Double, lengths: Int) {
    let (fit, samples) = fit { latency + $0 / bandwidth }
    #expect(samples.count == lengths)
    // Beyond the longest message that is bearable the rate is bounded from above.
    let longest = Double(1 << 24)
    let seen = min(bandwidth, 2 * longest / (latency + longest / bandwidth))
    #expect(abs(fit.bandwidth / seen - 1) < 1e-6)
    #expect(abs(fit.latency - latency) <= 4096 / seen)
  }

  @Test(
    "a burst that passes at once does not hide the rate behind it", arguments: [1 << 16, 1 << 20])
  func burst(size: Int) {
    let (found, samples) = fit { 100e-6 + max(0, $0 - Double(size)) / 125e6 }
    #expect(samples.count == (size < 1 << 20 ? 2 : 3))
    #expect((0.9...1.1).contains(found.bandwidth / 125e6))
    // What a short message's bytes would take at that rate, 33 us, is not held against it.
    #expect((60e-6...101e-6).contains(found.latency))
    // Latency is 5 % of 2 ms, which are 250 kB.
    let bytes = found.byteCount(latencyShare: 0.05, within: 1 << 17...1 << 22)
    #expect((150_000...260_000).contains(bytes))
  }

  @Test(
    "times that do not grow, fall, or are nothing give a finite rate and a sensible bucket",
    arguments: [
      [1e-3, 1e-3, 1e-3, 1e-3], [1e-3, 0.9e-3, 0.8e-3, 0.7e-3], [0, 0, 0, 0],
      [1e-3, 5e-3, 1e-3, 1e-3], [1e-9, 1e-9, 1e-9, 1e-9],
    ])
  func flat(times: [Double]) {
    let samples = zip([1 << 12, 1 << 20, 1 << 22, 1 << 24], times).map {
      Sample(byteCount: $0, seconds: $1)
    }
    let fit = MessageFit(samples)
    let longest = samples[3]
    #expect(fit.bandwidth > 0 && fit.latency >= 1e-7)
    #expect(fit.bandwidth <= 2 * Double(longest.byteCount) / max(longest.seconds, 1e-7))
    let bounds = 1 << 17...1 << 22
    #expect(bounds.contains(fit.byteCount(latencyShare: 0.05, within: bounds)))
    #expect(MessageFit.next(after: samples) == nil)
  }
}
