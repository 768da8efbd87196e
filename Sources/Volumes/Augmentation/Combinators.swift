public import CounterRandom

/// `{kind: oneOf, choices: […]}`: applies one of several changes, drawn for each patch.
///
/// A choice has its own `probability` beside; `{kind: sometimes, choices: []}` is the change that
/// leaves a patch as it is.
public struct OneOf: AugmentationCombinator {
  /// "oneOf".
  public static let kind = "oneOf"

  /// The probability that any of them is applied (1).
  public var probability: Float
  /// The changes (none).
  public var choices: [AnyAugmentation]
  /// How likely each is, relative to the others; empty: all alike (empty).
  public var weights: [Float]

  /// One of `choices`.
  public init(
    _ choices: [any Augmentation], weights: [Float] = [], probability: Float = 1
  ) {
    self.choices = choices.map { AnyAugmentation($0) }
    self.weights = weights
    self.probability = probability
  }

  /// A choice among nothing.
  public init() { self.init([]) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = OneOf()
    probability = try container.decode(.probability, or: defaults.probability)
    choices = try container.decode(.choices, or: defaults.choices)
    weights = try container.decode(.weights, or: defaults.weights)
  }

  /// Sound choices, and as many weights or none.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "oneOf.probability")
    let areSound =
      weights.count == choices.count && weights.allSatisfy { $0 >= 0 && $0.isFinite }
      && weights.contains { $0 > 0 }
    guard weights.isEmpty || areSound else {
      throw VolumeError(
        .setting, "oneOf.weights",
        "is \(weights), but must be a number from 0 for each of the \(choices.count) choices, "
          + "one of them above 0, or empty")
    }
    for choice in choices { try choice.value.validate() }
  }

  /// All changes within.
  public var steps: [AnyAugmentation] { choices }

  /// One place, or none.
  public func chosen(_ stream: inout RandomStream) -> [Int] {
    let happens = stream.uniform() < probability
    let draw = stream.uniform()
    guard happens, !choices.isEmpty else { return [] }
    guard !weights.isEmpty else {
      return [min(Int(draw * Float(choices.count)), choices.count - 1)]
    }
    var left = draw * weights.reduce(0, +)
    for place in weights.indices where weights[place] > 0 {
      if left < weights[place] { return [place] }
      left -= weights[place]
    }
    return [weights.lastIndex { $0 > 0 } ?? 0]
  }
}

/// `{kind: sometimes, choices: […]}`: applies all of several changes, or none of them.
public struct Sometimes: AugmentationCombinator {
  /// "sometimes".
  public static let kind = "sometimes"

  /// The probability that they are applied (0.5).
  public var probability: Float
  /// The changes, in the order in which they apply (none).
  public var choices: [AnyAugmentation]

  /// All of `choices` or none.
  public init(_ choices: [any Augmentation], probability: Float = 0.5) {
    self.choices = choices.map { AnyAugmentation($0) }
    self.probability = probability
  }

  /// No change.
  public init() { self.init([]) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Sometimes()
    probability = try container.decode(.probability, or: defaults.probability)
    choices = try container.decode(.choices, or: defaults.choices)
  }

  /// Sound changes.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "sometimes.probability")
    for choice in choices { try choice.value.validate() }
  }

  /// All changes within.
  public var steps: [AnyAugmentation] { choices }

  /// All places, or none.
  public func chosen(_ stream: inout RandomStream) -> [Int] {
    stream.uniform() < probability ? Array(choices.indices) : []
  }
}
