/// The geometry of a sliding window: what convolution, transposed convolution and pooling share.
///
/// Each array has one element a spatial axis, in the order of the tensor's spatial axes.
public struct Window: Hashable, Sendable {
  /// The extent of the kernel.
  public var kernel: [Int]
  /// The step between windows.
  public var stride: [Int]
  /// The distance between the kernel's taps; 1 is dense.
  public var dilation: [Int]
  /// Zeros before the first element.
  public var paddingBefore: [Int]
  /// Zeros after the last element.
  public var paddingAfter: [Int]

  /// A window; strides and dilations default to 1, padding to none.
  public init(
    kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    paddingBefore: [Int]? = nil, paddingAfter: [Int]? = nil
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel.map { _ in 1 }
    self.dilation = dilation ?? kernel.map { _ in 1 }
    self.paddingBefore = paddingBefore ?? kernel.map { _ in 0 }
    self.paddingAfter = paddingAfter ?? self.paddingBefore
    precondition(
      [self.stride, self.dilation, self.paddingBefore, self.paddingAfter]
        .allSatisfy { $0.count == kernel.count }, "a window needs one number a spatial axis")
  }

  /// A dense window of odd extent, stride 1, padded so that extents are kept ("same").
  public static func same(kernel: [Int], dilation: [Int]? = nil) -> Window {
    let dilation = dilation ?? kernel.map { _ in 1 }
    let total = zip(kernel, dilation).map { ($0 - 1) * $1 }
    return Window(
      kernel: kernel, dilation: dilation, paddingBefore: total.map { $0 / 2 },
      paddingAfter: total.map { $0 - $0 / 2 })
  }

  /// The extent that the dilated kernel covers.
  public var span: [Int] { zip(kernel, dilation).map { ($0 - 1) * $1 + 1 } }

  /// floor((in + before + after - span) / stride) + 1 on each axis.
  ///
  /// - Throws: ``OperationError`` where the window does not fit.
  public func outputExtents(of input: [Int]) throws -> [Int] {
    guard input.count == kernel.count else {
      throw OperationError(
        "has a window of \(kernel.count) axes but its input has \(input.count) spatial axes")
    }
    return try input.indices.map { axis in
      let room = input[axis] + paddingBefore[axis] + paddingAfter[axis] - span[axis]
      guard room >= 0 else {
        throw OperationError(
          "has a window of \(span) that does not fit its input of \(input); "
            + "use a larger patch, fewer levels or padding")
      }
      return room / stride[axis] + 1
    }
  }
}
