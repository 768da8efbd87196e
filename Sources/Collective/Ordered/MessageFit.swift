/// How long messages take by their length: `latency + bytes / bandwidth`, fitted to measured times.
struct MessageFit: Equatable {
  /// The time that a message takes however short it is, in seconds.
  let latency: Double
  /// Bytes a second.
  let bandwidth: Double

  /// A message of some length and the seconds that it took.
  struct Sample: Equatable {
    var byteCount: Int
    var seconds: Double
  }

  // No clock tells less apart, and no interconnect is quicker.
  private static let shortest = 1e-7
  private static let longestMessage = 1 << 24

  /// The model through measured times.
  ///
  /// The rate is that between the two longest messages: a network that lets short bursts pass at once
  /// (a token bucket, a buffer on the way) shows its rate only beyond them. At least half of the
  /// longest message's time is taken to be its bytes, so that the rate stays finite where times do not
  /// grow with lengths, whether by a burst or by noise.
  /// - Parameter samples: At least two, of rising length.
  init(_ samples: [Sample]) {
    precondition(samples.count > 1, "a line goes through two points")
    let (first, longest) = (samples[0], samples[samples.count - 1])
    let before = samples[samples.count - 2]
    let time = max(longest.seconds, Self.shortest)
    let slope =
      Double(longest.byteCount - before.byteCount)
      / max(longest.seconds - before.seconds, Self.shortest)
    bandwidth = min(slope, 2 * Double(longest.byteCount) / time)
    latency = max(first.seconds - Double(first.byteCount) / bandwidth, Self.shortest)
  }

  /// The length of a message that is to be measured next.
  ///
  /// - Parameter samples: What was measured, of rising length.
  /// - Returns: `nil` where those measured tell latency and bytes apart, or are as long as is bearable.
  static func next(after samples: [Sample]) -> Int? {
    guard let first = samples.first else { return 1 << 12 }
    guard let last = samples.last, samples.count > 1 else { return 1 << 20 }
    guard last.seconds < 2 * first.seconds, last.byteCount < longestMessage else { return nil }
    return 4 * last.byteCount
  }

  /// The length of messages of which latency takes a given share, within bounds.
  func byteCount(latencyShare: Double, within bounds: ClosedRange<Int>) -> Int {
    let wanted = latency * bandwidth / latencyShare
    return wanted < Double(bounds.upperBound)
      ? max(Int(wanted), bounds.lowerBound) : bounds.upperBound
  }
}
