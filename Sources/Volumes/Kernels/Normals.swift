internal import CounterRandom

/// Standard normal numbers, 512 at a time: Box–Muller with both variates of each pair.
///
/// Uniform numbers have 23 bits, so no number lies beyond √(2 ln 2²³) ≈ 5.6.
struct Normals: ~Copyable {
  private var stream: RandomStream
  private var words = [512 of UInt32](repeating: 0)
  /// The numbers.
  private(set) var values = [512 of Float](repeating: 0)

  /// The numbers a stream gives.
  init(_ stream: RandomStream) { self.stream = stream }

  /// Replaces ``values`` by the next 512.
  mutating func refill() {
    var filling = words.mutableSpan
    stream.fillWords(&filling)
    var output = values.mutableSpan
    unsafe words.span.withUnsafeBufferPointer { words in
      unsafe output.withUnsafeMutableBufferPointer { values in
        guard let words = words.baseAddress, let values = values.baseAddress else { return }
        for start in stride(from: 0, to: 512, by: 16) {
          let first = unsafe UnsafeRawPointer(words + start).loadUnaligned(as: SIMD8<UInt32>.self)
          let second = unsafe UnsafeRawPointer(words + start + 8)
            .loadUnaligned(as: SIMD8<UInt32>.self)
          // 2 - u lies in (0, 1]: the logarithm is finite.
          let radius = squareRoot(logarithm(2 - fromOneToTwo(first)) * -2)
          let (sine, cosine) = sineAndCosine(turns: fromOneToTwo(second))
          let place = unsafe UnsafeMutableRawPointer(values + start)
          unsafe place.storeBytes(of: radius * cosine, as: Lanes.self)
          unsafe (place + 32).storeBytes(of: radius * sine, as: Lanes.self)
        }
      }
    }
  }
}

/// The upper 23 bits as a number in [1, 2).
@inline(__always)
private func fromOneToTwo(_ words: SIMD8<UInt32>) -> Lanes {
  unsafe unsafeBitCast((words &>> 9) | 0x3F80_0000, to: Lanes.self)
}

extension MutableSpan where Element == Float {
  /// Replaces each element of `range` by what `body` makes of it and of a normal number of its own,
  /// eight elements at a time.
  @inline(__always)
  mutating func mapLanes(
    _ range: Range<Int>, withNormals stream: RandomStream,
    _ body: (_ lanes: Lanes, _ normals: Lanes) -> Lanes
  ) {
    var normals = Normals(stream)
    var start = range.lowerBound
    while start < range.upperBound {
      let end = Swift.min(start + 512, range.upperBound)
      normals.refill()
      unsafe normals.values.span.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return }
        mapLanes(start..<end) { offset, lanes in
          body(
            lanes, unsafe UnsafeRawPointer(base + offset).loadUnaligned(as: Lanes.self))
        }
      }
      start = end
    }
  }
}
