// Loops over floats in memory that never moves: the arithmetic of the ordered all-reduce.
//
// Lengths are checked once before each loop, so that it has no check within and becomes vector code.

extension WireStorage {
  /// The number of floats that fit.
  var floatCount: Int { byteCount / MemoryLayout<Float>.stride }

  /// Memory for `count` floats; what they are is left open.
  convenience init(floatCount count: Int) {
    self.init(byteCount: count * MemoryLayout<Float>.stride)
  }

  private var pointer: UnsafeMutablePointer<Float> {
    // Safe: the floats of a reduction are the only type that its memory ever holds.
    guard let start = unsafe bytes.baseAddress else { preconditionFailure("no memory") }
    return unsafe start.assumingMemoryBound(to: Float.self)
  }

  private func check(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= floatCount, "floats beyond the end")
  }

  /// `self[range] = values`.
  func store(_ values: Span<Float>, at start: Int = 0) {
    let count = values.count
    check(start..<(start + count))
    guard count > 0 else { return }
    unsafe values.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      unsafe (pointer + start).update(from: source, count: count)
    }
  }

  /// `self[0..<count] += values`.
  func add(_ values: Span<Float>) {
    let count = values.count
    check(0..<count)
    guard count > 0 else { return }
    let target = unsafe pointer
    unsafe values.withUnsafeBufferPointer { source in
      for index in 0..<count { unsafe target[index] += source[index] }
    }
  }

  /// `self[start...] = other[range]`.
  func store(_ other: WireStorage, _ range: Range<Int>, at start: Int) {
    other.check(range)
    check(start..<(start + range.count))
    guard !range.isEmpty else { return }
    unsafe (pointer + start).update(from: other.pointer + range.lowerBound, count: range.count)
  }

  /// Appends all floats to an array.
  func append(to array: inout [Float]) {
    let count = floatCount
    guard count > 0 else { return }
    unsafe array.append(contentsOf: UnsafeBufferPointer(start: pointer, count: count))
  }

  /// `self[start...] += other[range]`.
  func add(_ other: WireStorage, _ range: Range<Int>, at start: Int) {
    other.check(range)
    check(start..<(start + range.count))
    guard !range.isEmpty else { return }
    let (target, source) = unsafe (pointer + start, other.pointer + range.lowerBound)
    for index in 0..<range.count { unsafe target[index] += source[index] }
  }

  /// `self[start...] = left[range] + right[range]`.
  func store(
    sumOf left: WireStorage, _ right: WireStorage, _ range: Range<Int>, rightAt other: Int,
    at start: Int
  ) {
    left.check(range)
    right.check(other..<(other + range.count))
    check(start..<(start + range.count))
    guard !range.isEmpty else { return }
    let target = unsafe pointer + start
    let (a, b) = unsafe (left.pointer + range.lowerBound, right.pointer + other)
    for index in 0..<range.count { unsafe target[index] = a[index] + b[index] }
  }

  /// `target[start...] = self`.
  func copy(to target: inout MutableSpan<Float>, at start: Int) {
    let count = floatCount
    precondition(start >= 0 && start + count <= target.count, "floats beyond the end")
    guard count > 0 else { return }
    let source = unsafe pointer
    unsafe target.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      unsafe (target + start).update(from: source, count: count)
    }
  }
}
