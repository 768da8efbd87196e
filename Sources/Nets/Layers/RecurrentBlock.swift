public import Compute

/// A unit that is applied to its input, and then again and again to the sum of its input and its
/// own result (Liang, Hu 2015; Alom et al. 2018): y₀ = f(x), yₖ = f(x + yₖ₋₁).
///
/// All applications share one convolution and one normalization, whose running statistics move once
/// for each of them.
///
/// - Shape: `[N, C, spatial…]`, unchanged; the unit keeps channels and extents.
/// - Parameters: those of the unit.
public struct RecurrentUnit: Layer {
  /// What is applied.
  public var unit: ConvUnit
  /// How often it is applied to the sum, after its first application.
  public var recurrences: Int

  /// A recurrent unit.
  public init(_ unit: ConvUnit, recurrences: Int) {
    self.unit = unit
    self.recurrences = recurrences
  }

  /// Records all applications.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var y = try unit(x, in: &g)
    for _ in 0..<recurrences { y = try unit(g.add(x, y), in: &g) }
    return y
  }
}

/// What a level of R2U-Net computes: x' = project(x), y = x' + unit2(unit1(x')) (Alom et al. 2018,
/// figure 4d).
///
/// - Shape: `[N, C, spatial…]` to `[N, features, spatial…]`.
/// - Parameters: `project` (kernel 1, with bias), and `conv` and `norm` of `unit1` and `unit2`.
public struct RecurrentBlock: Layer {
  /// The number of maps it makes.
  public var features: Int
  /// How often each unit is applied to the sum of its input and its result.
  public var recurrences: Int
  /// What its convolutions have in common.
  public var style: ConvStyle

  /// A block.
  public init(features: Int, recurrences: Int, style: ConvStyle) {
    self.features = features
    self.recurrences = recurrences
    self.style = style
  }

  /// Records the block.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let projected = try style.head(classes: features)(x, "project", in: &g)
    let unit = RecurrentUnit(style.unit(features), recurrences: recurrences)
    return try g.add(projected, unit(unit(projected, "unit1", in: &g), "unit2", in: &g))
  }
}
