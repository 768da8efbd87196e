public import Compute

/// A tensor of the reference evaluator: row-major, in double precision, whatever the kind.
public struct ReferenceTensor: Sendable, Equatable {
  /// The extents, outermost first.
  public let shape: Shape
  /// The elements, row-major; class indices are kept as numbers too.
  public var values: [Double]

  /// A tensor of these elements.
  public init(_ shape: Shape, _ values: [Double]) {
    precondition(shape.count == values.count, "\(values.count) elements do not fill \(shape)")
    self.shape = shape
    self.values = values
  }

  /// A tensor with one value everywhere.
  init(_ shape: Shape, repeating value: Double) {
    self.init(shape, Array(repeating: value, count: shape.count))
  }

  /// The tensor that has `element(index)` at each multi-dimensional index.
  init(_ shape: Shape, element: (_ index: [Int]) -> Double) {
    var values: [Double] = []
    values.reserveCapacity(shape.count)
    ReferenceTensor.forEachIndex(of: shape) { values.append(element($0)) }
    self.init(shape, values)
  }

  /// The element at a multi-dimensional index.
  subscript(index: [Int]) -> Double {
    get { values[offset(of: index)] }
    set { values[offset(of: index)] = newValue }
  }

  /// The place of a multi-dimensional index in row-major order.
  func offset(of index: [Int]) -> Int {
    var offset = 0
    for axis in index.indices { offset = offset * shape[axis] + index[axis] }
    return offset
  }

  /// Each element replaced by a function of it.
  func map(_ function: (Double) -> Double) -> ReferenceTensor {
    ReferenceTensor(shape, values.map(function))
  }

  /// Visits every index of `shape`, the last axis fastest.
  static func forEachIndex(of shape: Shape, _ body: ([Int]) -> Void) {
    guard shape.count > 0 else { return }
    var index = Array(repeating: 0, count: shape.rank)
    while true {
      body(index)
      var axis = shape.rank - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
