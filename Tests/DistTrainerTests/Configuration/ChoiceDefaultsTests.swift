import DistTrainer
import Nets
import Testing

@Suite struct ChoiceDefaultsTests {
  private func load(_ optimizer: String) throws -> ExperimentConfiguration {
    try ExperimentConfiguration.load(
      yaml: """
        schema: 1
        data: {dataset: d}
        optimizer: \(optimizer)
        """)
  }

  @Test("a choice of another kind than the usual takes that kind's defaults, not the usual one's")
  func otherKind() throws {
    // The usual optimizer is SGD, with a learning rate of 0.01 and a weight decay of 0.
    #expect(try load("{kind: adam}").optimizer == OptimizerChoice(AdamOptimizer()))
    #expect(try load("{kind: adamw}").optimizer == OptimizerChoice(AdamWOptimizer()))
    #expect(AdamOptimizer().learningRate != SGDOptimizer().learningRate)
    var adam = AdamOptimizer()
    adam.beta1 = 0.8
    #expect(try load("{kind: adam, beta1: 0.8}").optimizer == OptimizerChoice(adam))
  }

  @Test("a choice of the usual kind, or without a kind, is laid over the usual one")
  func sameKind() throws {
    var sgd = SGDOptimizer()
    sgd.momentum = 0.5
    #expect(try load("{kind: sgd, momentum: 0.5}").optimizer == OptimizerChoice(sgd))
    #expect(try load("{kind: 'sgd', momentum: 0.5}").optimizer == OptimizerChoice(sgd))
  }
}
