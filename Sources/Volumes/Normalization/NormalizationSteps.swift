/// Rules applied one after the other, such as `[{kind: clip}, {kind: zscore}]`; a single one may be
/// written without the list.
public struct NormalizationSteps: Codable, Sendable, Equatable {
  /// The rules in order.
  public var steps: [AnyNormalization]

  /// Rules in order.
  public init(_ steps: [any Normalization]) { self.steps = steps.map(AnyNormalization.init) }

  /// Tells a list from a mapping.
  private struct List: Decodable {
    init(from decoder: any Decoder) throws { _ = try decoder.unkeyedContainer() }
  }

  /// Reads a rule, or a list of rules.
  public init(from decoder: any Decoder) throws {
    if (try? decoder.singleValueContainer().decode(List.self)) != nil {
      var container = try decoder.unkeyedContainer()
      steps = []
      while !container.isAtEnd { steps.append(try container.decode(AnyNormalization.self)) }
    } else {
      steps = [try AnyNormalization(from: decoder)]
    }
  }

  /// Writes a single rule without a list.
  public func encode(to encoder: any Encoder) throws {
    if steps.count == 1 {
      try steps[0].encode(to: encoder)
    } else {
      var container = encoder.unkeyedContainer()
      for step in steps { try container.encode(step) }
    }
  }

  /// Refuses settings that make no sense.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    for step in steps { try step.value.validate() }
    guard steps.filter({ $0.value is any LearnedNormalization }).count <= 1 else {
      throw VolumeError(
        .setting, "preparation.normalization", "learns from images twice; keep one such rule")
    }
  }

  /// The rule that must be learned before any can be applied; nil where there is none, or it has
  /// been.
  var unlearned: (place: Int, rule: any LearnedNormalization)? {
    for (place, step) in steps.enumerated() {
      if let rule = step.value as? any LearnedNormalization, !rule.isLearned {
        return (place, rule)
      }
    }
    return nil
  }
}
