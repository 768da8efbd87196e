/// The voxels of an array, for as long as several threads read them or write to places of their own.
///
/// Exclusive access to a whole array is what keeps safe code from filling it by several threads; so
/// this is the room's one view by pointer. Every access is checked against the array's bounds; that
/// no two threads touch a place that one of them writes is the caller's part.
@safe
// Threads write to places of their own: what it is made for, and said above.
struct SharedVoxels<Voxel: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Voxel>?
  /// The number of voxels.
  let count: Int

  private init(base: UnsafeMutablePointer<Voxel>?, count: Int) {
    unsafe self.base = unsafe base
    self.count = count
  }

  /// Calls `body` with the voxels of `array`, to be written.
  static func with<Result>(
    _ array: inout [Voxel], _ body: (SharedVoxels) throws -> Result
  ) rethrows -> Result {
    try unsafe array.withUnsafeMutableBufferPointer { buffer in
      try body(unsafe SharedVoxels(base: buffer.baseAddress, count: buffer.count))
    }
  }

  /// Calls `body` with the voxels of `span`, to be read; writing them is a fault of the caller's.
  static func reading<Result>(
    _ span: Span<Voxel>, _ body: (SharedVoxels) throws -> Result
  ) rethrows -> Result {
    try unsafe span.withUnsafeBufferPointer { buffer in
      try body(
        unsafe SharedVoxels(
          base: UnsafeMutablePointer(mutating: buffer.baseAddress), count: buffer.count))
    }
  }

  /// The voxel at a place.
  @inline(__always) subscript(index: Int) -> Voxel {
    get {
      precondition(index >= 0 && index < count, "beyond the voxels")
      return unsafe base.unsafelyUnwrapped[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "beyond the voxels")
      unsafe base.unsafelyUnwrapped[index] = newValue
    }
  }

  /// The voxels of a range.
  func part(_ range: Range<Int>) -> SharedVoxels {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "beyond the voxels")
    return unsafe SharedVoxels(base: base.map { unsafe $0 + range.lowerBound }, count: range.count)
  }
}

extension SharedVoxels where Voxel == Float {
  /// Sixteen neighbors.
  typealias Lanes = SIMD16<Float>

  /// The sixteen voxels from a place on.
  @inline(__always) func lanes(at index: Int) -> Lanes {
    precondition(index >= 0 && index <= count - 16, "beyond the voxels")
    return unsafe UnsafeRawPointer(base.unsafelyUnwrapped + index)
      .loadUnaligned(as: Lanes.self)
  }

  /// Writes sixteen voxels from a place on.
  @inline(__always) func store(_ lanes: Lanes, at index: Int) {
    precondition(index >= 0 && index <= count - 16, "beyond the voxels")
    unsafe UnsafeMutableRawPointer(base.unsafelyUnwrapped + index)
      .storeBytes(of: lanes, as: Lanes.self)
  }
}
