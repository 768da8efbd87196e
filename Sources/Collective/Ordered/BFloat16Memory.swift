// Loops over bfloat16 in memory that never moves: sums that round where they are made and keep what
// rounding took away.
//
// A bfloat16 is the upper half of a `Float`. Lengths are checked once before each loop, so that it
// has no check within and becomes vector code.

/// The nearest bfloat16, ties to even; NaN stays NaN.
@inline(__always)
private func nearest(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
  return UInt16(truncatingIfNeeded: value == value ? rounded : 0x7FC0)
}

@inline(__always)
private func wide(_ half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }

/// Rounds a sum, and leaves in `residual` what that takes away.
@inline(__always)
private func round(_ sum: Float, _ residual: inout Float) -> UInt16 {
  let half = nearest(sum)
  residual = sum - wide(half)
  return half
}

extension WireStorage {
  /// Memory for `count` floats, all of them zero.
  convenience init(zeros count: Int) {
    self.init(floatCount: count)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// `self = bf16(values + residual)`.
  func round(_ values: Span<Float>, residual: WireStorage) {
    let count = values.count
    let (target, residual) = unsafe (
      NodePlace(memory: self).halves(count), NodePlace(memory: residual).floats(count)
    )
    unsafe values.withUnsafeBufferPointer { values in
      for index in 0..<count {
        unsafe target[index] = Collective.round(values[index] + residual[index], &residual[index])
      }
    }
  }

  /// `self = bf16((self + bf16(values + residual)) + sumResidual)`.
  func addRounded(_ values: Span<Float>, residual: WireStorage, sumResidual: WireStorage) {
    let count = values.count
    let target = unsafe NodePlace(memory: self).halves(count)
    let (residual, sumResidual) = unsafe (
      NodePlace(memory: residual).floats(count), NodePlace(memory: sumResidual).floats(count)
    )
    unsafe values.withUnsafeBufferPointer { values in
      for index in 0..<count {
        let leaf = unsafe Collective.round(values[index] + residual[index], &residual[index])
        unsafe target[index] = Collective.round(
          (wide(target[index]) + wide(leaf)) + sumResidual[index], &sumResidual[index])
      }
    }
  }

  /// `sum[start...] = self`, exactly.
  func writeBFloat16(to sum: inout MutableSpan<Float>, at start: Int) {
    let count = WireFormat.bfloat16.count(of: self)
    precondition(start >= 0 && start + count <= sum.count, "elements beyond the end")
    let source = unsafe NodePlace(memory: self).halves(count)
    unsafe sum.withUnsafeMutableBufferPointer { sum in
      for index in 0..<count { unsafe sum[start + index] = wide(source[index]) }
    }
  }
}

extension NodePlace {
  /// `self = bf16((left + right) + residual)`; `self` overlaps neither.
  func round(sumOf left: NodePlace, _ right: NodePlace, _ count: Int, residual: NodePlace) {
    let (target, a, b) = unsafe (halves(count), left.halves(count), right.halves(count))
    let residual = unsafe residual.floats(count)
    for index in 0..<count {
      unsafe target[index] = Collective.round(
        (wide(a[index]) + wide(b[index])) + residual[index], &residual[index])
    }
  }

  /// `self = bf16((self + right) + residual)`.
  func addRounded(_ right: NodePlace, _ count: Int, residual: NodePlace) {
    let (target, b, residual) = unsafe (
      halves(count), right.halves(count), residual.floats(count)
    )
    for index in 0..<count {
      unsafe target[index] = Collective.round(
        (wide(target[index]) + wide(b[index])) + residual[index], &residual[index])
    }
  }

  /// `self = source`; they do not overlap.
  func copyBFloat16(_ source: NodePlace, _ count: Int) {
    guard count > 0, let target = unsafe halves(count).baseAddress,
      let source = unsafe source.halves(count).baseAddress
    else { return }
    unsafe target.update(from: source, count: count)
  }

  fileprivate func halves(_ count: Int) -> UnsafeMutableBufferPointer<UInt16> {
    // Safe: the memory of such a reduction's nodes holds nothing but bfloat16.
    unsafe elements(count, of: UInt16.self)
  }

  fileprivate func floats(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    // Safe: the memory of residuals holds nothing but floats.
    unsafe elements(count, of: Float.self)
  }

  private func elements<T: BitwiseCopyable>(
    _ count: Int, of type: T.Type
  ) -> UnsafeMutableBufferPointer<T> {
    let stride = MemoryLayout<T>.stride
    precondition(
      start >= 0 && count >= 0 && (start + count) * stride <= memory.byteCount,
      "elements beyond the end")
    let address = unsafe memory.bytes.baseAddress.map { unsafe $0 + start * stride }
    return unsafe UnsafeMutableBufferPointer(
      start: address?.assumingMemoryBound(to: type), count: count)
  }
}
