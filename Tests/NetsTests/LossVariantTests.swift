import Compute
import Foundation
import Nets
import Testing

/// The loss of logits and its gradient, as the engine computes them.
private func evaluate(
  _ loss: any LossConfiguration, logits: [Float], _ shape: Shape, labels: [UInt8]
) throws -> (loss: Float, gradient: [Float]) {
  var g = GraphBuilder(mode: .training)
  let symbol = try g.parameter("logits", shape, .weight, initializer: ConstantInitializer(0))
  let target = g.input("labels", Shape([shape.batch] + shape.spatial), .labels)
  let traced = try loss.trace(logits: symbol, labels: target, in: &g)
  try g.output("loss", traced)
  let graph = try g.finish(differentiating: traced)
  let engine = try CPUEngine(threads: 2)
  let store = engine.makeParameterStore(for: graph.parameters)
  let plan = try engine.compile(graph, parameters: store, precision: .float32)
  store.update { span, _ in for i in logits.indices { span[i] = logits[i] } }
  plan.fill("labels", labels)
  plan.run(key: RunKey())
  return (
    plan.scalar("loss"), store.withGradients { span in logits.indices.map { span[$0] } }
  )
}

@Suite("The losses of the papers")
struct LossVariantTests {
  static let cases: [(String, any LossConfiguration)] = {
    func crossEntropy(_ change: (inout ClassWeightOptions) -> Void) -> CrossEntropyLoss {
      var loss = CrossEntropyLoss()
      loss.options.normalization = .voxels
      change(&loss.options)
      return loss
    }
    func dice(_ change: (inout OverlapOptions) -> Void) -> DiceLoss {
      var loss = DiceLoss()
      change(&loss.options)
      return loss
    }
    func tversky(_ change: (inout TverskyLoss) -> Void) -> TverskyLoss {
      var loss = TverskyLoss()
      change(&loss)
      return loss
    }
    var weightedFocal = FocalLoss(gamma: 3)
    weightedFocal.options.classWeights = [0.25, 1, 2, 3.5]
    var jaccard = JaccardLoss()
    (jaccard.options.reduction, jaccard.options.smooth) = (.sum, 1e-7)
    return [
      ("crossEntropyVoxels", crossEntropy { $0.classWeights = [0.25, 1, 2, 3.5] }),
      ("complementDataset", crossEntropy { $0.weighting = .complement }),
      (
        "complementSample",
        crossEntropy {
          $0.weighting = .complement
          $0.counts = .sample
        }
      ),
      ("medianFrequency", crossEntropy { $0.weighting = .medianFrequency }),
      ("binaryCrossEntropy", BinaryCrossEntropyLoss()), ("focal", FocalLoss()),
      ("focalWeighted", weightedFocal), ("tversky", TverskyLoss()),
      (
        "tverskyHalf",
        tversky {
          ($0.alpha, $0.beta) = (0.5, 0.5)
          $0.options.smooth = 1e-10
        }
      ),
      ("tverskyBatch", tversky { $0.options.batch = true }),
      ("focalTversky", tversky { $0.gamma = 0.75 }),
      (
        "diceBatch",
        dice {
          $0.batch = true
          $0.smooth = 1
        }
      ),
      (
        "diceBatchSquared",
        dice {
          $0.batch = true
          $0.squared = true
          $0.includeBackground = true
        }
      ),
      ("diceSmallSmooth", dice { $0.smooth = 1e-7 }), ("jaccardSumSmall", jaccard),
    ]
  }()

  @Test(
    "losses and their gradients are those of the papers' formulas in PyTorch within 1e-5",
    arguments: cases)
  func parity(name: String, loss: any LossConfiguration) throws {
    let fixture = try Fixture.load("protocol_losses")
    let counts = try #require(fixture.tensors["counts"]?.integers).map { Int($0) }
    let (found, gradient) = try evaluate(
      loss.weighted(byClassCounts: counts), logits: fixture.floats("logits"),
      fixture.shape("logits"), labels: fixture.bytes("labels"))
    #expect(try relativeError([found], fixture.floats("loss/\(name)")) < 1e-5)
    #expect(try relativeError(gradient, fixture.floats("gradient/\(name)")) < 1e-5)
  }

  @Test("two outputs and cross-entropy are one output and a sigmoid's binary cross-entropy")
  func oneOutput() throws {
    let fixture = try Fixture.load("protocol_losses")
    let (found, gradient) = try evaluate(
      CrossEntropyLoss(), logits: fixture.floats("pair/logits"), fixture.shape("pair/logits"),
      labels: fixture.bytes("pair/labels"))
    #expect(try relativeError([found], fixture.floats("pair/loss")) < 1e-5)
    #expect(try relativeError(gradient, fixture.floats("pair/gradient")) < 1e-5)
  }

  @Test("a perfect prediction has a finite gradient, whatever the exponent")
  func perfect() throws {
    let shape: Shape = [1, 2, 3, 4]
    let labels = (0..<12).map { UInt8($0 % 2) }
    let logits = (0..<24).map { i -> Float in (i / 12 == Int(labels[i % 12])) ? 90 : -90 }
    var tversky = TverskyLoss()
    tversky.gamma = 0.75
    for loss in [tversky, FocalLoss(gamma: 0.5), FocalLoss(gamma: 2)] as [any LossConfiguration] {
      let (value, gradient) = try evaluate(loss, logits: logits, shape, labels: labels)
      #expect(abs(value) < 1e-4, "\(loss)")
      #expect(gradient.allSatisfy { abs($0) < 1e-4 }, "\(loss)")
    }
  }

  @Test("weights from counts are written out once, and only where they are asked for")
  func weightsFromCounts() throws {
    func loss(_ json: String) throws -> any LossConfiguration {
      try JSONDecoder().decode(LossChoice.self, from: Data(json.utf8)).value
    }
    let deniz = try loss(#"{"kind": "crossEntropy", "weighting": "complement"}"#)
    #expect(deniz.needsClassCounts)
    let known = deniz.weighted(byClassCounts: [900, 100])
    #expect(!known.needsClassCounts)
    #expect((known as? CrossEntropyLoss)?.classWeights == [0.1, 0.9])
    let desai = try loss(#"{"kind": "focal", "weighting": "medianFrequency"}"#)
    #expect(
      (desai.weighted(byClassCounts: [800, 50, 200]) as? FocalLoss)?.options.classWeights
        == [1, 16, 4])
    let sample = try loss(
      #"{"kind": "crossEntropy", "weighting": "complement", "counts": "sample"}"#)
    #expect(!sample.needsClassCounts)
    let nested = try loss(
      """
      {"kind": "sum", "terms": [{"loss": {"kind": "dice"}}, {"loss": {"kind": "diceCrossEntropy",
        "crossEntropy": {"weighting": "complement"}}}]}
      """)
    #expect(nested.needsClassCounts)
    let resolved = nested.weighted(byClassCounts: [300, 100]) as? SumLoss
    let inner = resolved?.terms[1].loss.value as? DiceCrossEntropyLoss
    #expect(inner?.crossEntropy.classWeights == [0.25, 0.75])
  }

  @Test("settings that contradict each other are found by their key")
  func problems() throws {
    func keys(_ json: String) throws -> [String] {
      try JSONDecoder().decode(LossChoice.self, from: Data(json.utf8)).value.problems(classes: 2)
        .map(\.key)
    }
    #expect(
      try keys(#"{"kind": "crossEntropy", "weighting": "complement", "classWeights": [1, 2]}"#)
        == ["classWeights"])
    #expect(
      try keys(#"{"kind": "focal", "counts": "sample", "gamma": -1}"#) == ["gamma", "counts"])
    #expect(
      try keys(#"{"kind": "tversky", "alpha": -1, "gamma": 0, "squared": true}"#)
        == ["alpha", "gamma", "squared"])
    #expect(
      try keys(
        """
        {"kind": "sum", "terms": [{"loss": {"kind": "binaryCrossEntropy"}},
          {"loss": {"kind": "dice"}}]}
        """) == ["terms"])
  }

  @Test("the sigmoids of a binary cross-entropy are what such a network predicts")
  func sigmoids() throws {
    let network = UNet()
    let shape: Shape = [1, 1, 16, 16, 16]
    var small = network
    (small.features, small.levels) = (2, 2)
    let engine = try CPUEngine(threads: 2)
    func predict(_ activation: OutputActivation) throws -> [Float] {
      let graph = try NetworkGraphs.inference(
        small, input: shape, classes: 3, activation: activation)
      let store = engine.makeParameterStore(for: graph.parameters)
      store.update { values, _ in graph.parameters.initialize(&values, seed: 4) }
      let plan = try engine.compile(graph, parameters: store, precision: .float32)
      plan.fill(NetworkGraphs.image, (0..<4096).map { Float($0 % 17) / 17 })
      plan.run(key: RunKey())
      return plan.floats(NetworkGraphs.probabilities, count: 3 * 4096)
    }
    let (soft, sigmoid) = (try predict(.softmax), try predict(.sigmoid))
    var largest = 0.0
    for voxel in 0..<4096 {
      // Odds of the sigmoids are the powers whose shares the softmax is.
      let odds = (0..<3).map { Double(sigmoid[$0 * 4096 + voxel]) }.map { $0 / (1 - $0) }
      for place in 0..<3 {
        let share = odds[place] / odds.reduce(0, +)
        largest = max(largest, abs(share - Double(soft[place * 4096 + voxel])))
      }
    }
    #expect(largest < 1e-5)
    #expect(BinaryCrossEntropyLoss().activation == .sigmoid)
    #expect(SumLoss(terms: [.init(loss: BinaryCrossEntropyLoss())]).activation == .sigmoid)
    #expect(DiceLoss().activation == .softmax)
  }
}
