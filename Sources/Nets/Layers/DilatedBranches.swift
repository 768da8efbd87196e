public import Compute

/// The same block at several dilations side by side, their maps concatenated (Deniz et al. 2018,
/// "CNN-dilated"): each branch sees another field of view at the same resolution.
///
/// - Shape: `[N, C, spatial…]` to `[N, Σ maps of the branches, spatial…]`. Where convolutions are
///   unpadded, branches shrink unequally and are cropped about the center to the smallest.
/// - Parameters: `branches.0.…`, `branches.1.…`, in the order of the branches; those of a single
///   branch have no such prefix, so that it is the plain block.
public struct DilatedBranches: Layer {
  /// The branches.
  public var branches: [ConvBlock]

  /// Blocks side by side.
  public init(_ branches: [ConvBlock]) { self.branches = branches }

  /// Records the branches and their concatenation.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    if branches.count == 1 { return try branches[0](x, in: &g) }
    let maps = try g.scope("branches") { g in
      try branches.enumerated().map { index, branch in try branch(x, "\(index)", in: &g) }
    }
    let smallest = maps[0].shape.spatial.indices.map { axis in
      maps.map { $0.shape.spatial[axis] }.reduce(Int.max, min)
    }
    return try g.concatenate(maps.map { try g.centerCrop($0, to: smallest) })
  }
}
