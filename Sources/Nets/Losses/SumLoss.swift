public import Compute

/// A weighted sum of losses: `{kind: sum, terms: [{weight: 0.5, loss: {kind: dice}}, …]}`.
public struct SumLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "sum"

  /// One summand.
  public struct Term: Codable, Sendable, Equatable {
    /// The factor.
    public var weight: Float
    /// The loss.
    public var loss: LossChoice

    /// A summand.
    public init(weight: Float = 1, loss: any LossConfiguration) {
      self.weight = weight
      self.loss = LossChoice(loss)
    }

    /// Reads the loss, and the weight where it is present.
    public init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      weight = try keys.value(.weight, default: 1)
      loss = try keys.decode(LossChoice.self, forKey: .loss)
    }
  }

  /// The summands.
  public var terms: [Term] = []

  /// A sum of these.
  public init(terms: [Term]) { self.terms = terms }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    terms = try keys.value(.terms, default: terms)
  }

  /// Requires a term, and factors that are not negative.
  public func problems() -> [ConfigurationProblem] {
    termProblems { $0.problems() }
  }

  /// Also what the terms require of the classes.
  public func problems(classes: Int) -> [ConfigurationProblem] {
    termProblems { $0.value.problems(classes: classes) }
  }

  /// That of the terms, which have one in common.
  public var activation: OutputActivation { terms.first?.loss.value.activation ?? .softmax }

  /// Whether a term needs them.
  public var needsClassCounts: Bool { terms.contains { $0.loss.value.needsClassCounts } }

  /// The sum with what its terms learn written out.
  public func weighted(byClassCounts counts: [Int]) -> any LossConfiguration {
    SumLoss(
      terms: terms.map {
        Term(weight: $0.weight, loss: $0.loss.value.weighted(byClassCounts: counts))
      })
  }

  private func termProblems(
    _ problems: (LossChoice) -> [ConfigurationProblem]
  ) -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(!terms.isEmpty, "terms", "is empty; list at least one {weight, loss}")
    list.require(
      terms.allSatisfy { $0.loss.value.activation == activation }, "terms",
      "mixes losses of one sigmoid a class with losses of a softmax; use crossEntropy in the place "
        + "of binaryCrossEntropy")
    for (index, term) in terms.enumerated() {
      list.require(
        term.weight >= 0 && term.weight.isFinite, "terms.\(index).weight",
        "is \(term.weight); it must not be negative")
      list.include(problems(term.loss), under: "terms.\(index).loss")
    }
    return list.problems
  }

  /// Records the losses and their sum, in the order of the terms.
  public func trace(logits: Symbol, labels: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let logits = try g.dense(logits)
    var sum: Symbol?
    for term in terms {
      let loss = try g.scaleShift(
        term.loss.value.trace(logits: logits, labels: labels, in: &g), scale: term.weight)
      sum = try sum.map { try g.add($0, loss) } ?? loss
    }
    guard let sum else {
      throw GraphError(path: g.currentPath, message: "is a sum of no losses; list its terms")
    }
    return sum
  }
}
