public import Compute

/// What an optimizer remembers from step to step: arenas of the parameters' layout, with names.
public struct OptimizerState: Sendable, Equatable {
  /// The arenas' names, for example `adam.m` and `adam.v`.
  public let names: [String]
  /// The first arena; empty where there is none.
  public var first: [Float]
  /// The second arena; empty where there is none.
  public var second: [Float]

  /// The state before the first step: zeros.
  public init(for optimizer: any OptimizerConfiguration, table: ParameterTable) {
    names = optimizer.stateNames
    precondition(names.count <= 2, "an optimizer has at most two state arenas")
    let zeros = [Float](repeating: 0, count: table.elementCount)
    first = names.isEmpty ? [] : zeros
    second = names.count > 1 ? zeros : []
  }

  /// The arena with this place in ``names``.
  public subscript(index: Int) -> [Float] {
    get { index == 0 ? first : second }
    set { if index == 0 { first = newValue } else { second = newValue } }
  }
}
