import Compute

/// A network of padded convolutions whose levels halve all extents one after another.
///
/// Level 0 has the image's resolution; the last level is the center. Its logits have the extents
/// of the image, which must be multiples of 2^(levels - 1).
public protocol HalvingNetwork: NetworkConfiguration {
  /// The number of resolutions, the center's included.
  var levels: Int { get }
}

extension HalvingNetwork {
  /// 2^(levels - 1) on each axis; 1 where the configuration has faults.
  public var patchMultiple: [Int] {
    guard problems().isEmpty else { return Array(repeating: 1, count: dimensions == 2 ? 2 : 3) }
    return Array(repeating: 1 << (levels - 1), count: dimensions)
  }

  /// The extents of the patch, which the logits keep.
  ///
  /// - Throws: ``ConfigurationProblem`` for the first of the network's faults, or for the key
  ///   `patch`.
  public func outputExtents(of patch: [Int]) throws -> [Int] {
    try requireSound(patch, levels: levels)
    return patch
  }
}

extension HalvingNetwork {
  /// Records the way down: one result for each level, the center's last.
  ///
  /// `body` is given the level and, but for level 0, the next finer level's result, not yet halved.
  /// What it declares is called `encoder.i.…`, at the center `center.…`.
  func encode(
    _ image: Symbol, in g: inout GraphBuilder,
    _ body: (Int, Symbol, inout GraphBuilder) throws -> Symbol
  ) throws -> [Symbol] {
    var results: [Symbol] = []
    for level in 0..<levels {
      let name = level == levels - 1 ? "center" : "encoder.\(level)"
      results.append(
        try g.scope(name) { g in try body(level, results.last ?? image, &g) })
    }
    return results
  }

  /// Records the way up from the center: the result of level 0.
  ///
  /// `body` is given the level, the next coarser level's result, not yet raised, and the encoder's
  /// result of the level. What it declares is called `decoder.i.…`.
  func decode(
    _ results: [Symbol], in g: inout GraphBuilder,
    _ body: (Int, Symbol, Symbol, inout GraphBuilder) throws -> Symbol
  ) throws -> Symbol {
    var x = results[levels - 1]
    for level in (0..<(levels - 1)).reversed() {
      x = try g.scope("decoder.\(level)") { g in try body(level, x, results[level], &g) }
    }
    return x
  }

  /// The largest of each 2 by 2 (by 2) elements.
  func halved(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try PoolingLayer(.maximum, extent: everyAxis(2))(x, "down", in: &g)
  }

  /// Each element twice along each axis.
  func doubled(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try UpsamplingLayer(.nearest, factor: everyAxis(2))(x, in: &g)
  }

  /// One number for each axis.
  func everyAxis(_ number: Int) -> [Int] { Array(repeating: number, count: dimensions) }
}
