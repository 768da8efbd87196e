public import Compute

/// A piece of a network: hyper-parameters, no tensors.
///
/// Applying a layer records it in a graph under the builder's current path; its parameters take
/// their names from there. Layers are cheap to make, copy and compare, and may be applied more than
/// once: under one path they then share their parameters.
public protocol Layer: Sendable {
  /// Records the layer, applied to `x`, and returns its result.
  ///
  /// - Throws: `GraphError` with the path of the layer where `x` does not fit it.
  func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol
}

extension Layer {
  /// Records the layer one level down: its parameters are called `name.…`.
  public func callAsFunction(
    _ x: Symbol, _ name: String, in g: inout GraphBuilder
  ) throws -> Symbol {
    try g.scope(name) { g in try self(x, in: &g) }
  }
}
