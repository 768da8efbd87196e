/// What can be wrong with a mask.
public enum ComponentsError: Error, Equatable, CustomStringConvertible {
  /// The shape is not three sizes of at least zero whose product the machine can count.
  case badShape([Int])
  /// The mask does not have the shape's number of voxels.
  case lengthsDiffer(voxels: Int, shape: [Int])
  /// More voxels than 32-bit numbers reach.
  case tooLarge(voxels: Int)

  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .badShape(let shape):
      "The shape \(shape) is not one of a volume: give three sizes (D, H, W)."
    case .lengthsDiffer(let voxels, let shape):
      "The mask has \(voxels) voxels, which is not the product of its shape \(shape): give the "
        + "shape of the array at hand."
    case .tooLarge(let voxels):
      "The mask has \(voxels) voxels, more than \(Int32.max): crop it to the structure first."
    }
  }

  /// Throws unless `shape` is a volume's, with that many voxels.
  static func check(voxels: Int, shape: [Int]) throws(ComponentsError) {
    guard shape.count == 3, shape.allSatisfy({ $0 >= 0 }) else { throw .badShape(shape) }
    var product = 1
    for size in shape {
      let (value, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow else { throw .badShape(shape) }
      product = value
    }
    guard product == voxels else { throw .lengthsDiffer(voxels: voxels, shape: shape) }
    guard voxels <= Int(Int32.max) else { throw .tooLarge(voxels: voxels) }
  }
}
