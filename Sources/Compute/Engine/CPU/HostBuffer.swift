#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Zeroed memory at a fixed address, aligned to a page's cache line (64 bytes).
@safe final class HostBuffer {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    unsafe base = UnsafeMutableRawPointer.allocate(
      byteCount: Swift.max(byteCount, 64), alignment: 64)
    unsafe memset(base, 0, Swift.max(byteCount, 64))
  }

  deinit { unsafe base.deallocate() }
}

/// Parameters and gradients in the memory of this process.
final class HostParameterStore: ParameterStore {
  let table: ParameterTable
  let values: HostBuffer
  let gradients: HostBuffer
  /// Grows with every ``update(_:)``; plans compare it with what they last prepared.
  private(set) var version = 1

  init(table: ParameterTable) {
    self.table = table
    values = HostBuffer(byteCount: table.elementCount * MemoryLayout<Float>.stride)
    gradients = HostBuffer(byteCount: table.elementCount * MemoryLayout<Float>.stride)
  }

  func withGradients<R>(_ body: (inout MutableSpan<Float>) throws -> R) rethrows -> R {
    var span = unsafe MutableSpan(_unsafeElements: elements(of: gradients))
    return try body(&span)
  }

  func withValues<R>(_ body: (Span<Float>) throws -> R) rethrows -> R {
    try unsafe body(Span(_unsafeElements: UnsafeBufferPointer(elements(of: values))))
  }

  func update<R>(
    _ body: (_ values: inout MutableSpan<Float>, _ gradients: inout MutableSpan<Float>) throws -> R
  ) rethrows -> R {
    version += 1
    var valueSpan = unsafe MutableSpan(_unsafeElements: elements(of: values))
    var gradientSpan = unsafe MutableSpan(_unsafeElements: elements(of: gradients))
    return try body(&valueSpan, &gradientSpan)
  }

  private func elements(of buffer: HostBuffer) -> UnsafeMutableBufferPointer<Float> {
    unsafe UnsafeMutableBufferPointer(
      start: buffer.base.assumingMemoryBound(to: Float.self), count: table.elementCount)
  }
}
