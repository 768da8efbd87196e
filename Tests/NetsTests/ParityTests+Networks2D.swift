import Compute
import Foundation
import Nets
import Testing

/// The fixtures that `Tests/Fixtures/nets/make_2d_networks.py` makes.
let networks2D = [
  "attention_additive", "attention_imperial", "attention_grid", "attention_grid2d",
  "r2_nearest3", "r2_imperial", "r2_attention", "r2_attention_imperial",
  "multires2d", "multires3d", "dense2d", "dense_imperial", "dense3d", "unet2d_vanilla",
]

extension ParityTests {
  @Test(
    "attention, recurrent, multi-resolution and dense U-Nets are PyTorch's within 1e-4",
    arguments: networks2D)
  func network2D(name: String) throws {
    try compare(try Fixture.load(name))
  }

  /// Fixtures of `--full`: hundreds of megabytes that no repository holds.
  static let fullWidth: [URL] = {
    let folder = ProcessInfo.processInfo.environment["SEGMPI_NETWORK_FIXTURES"]
    let files = folder.map { URL(filePath: $0) }.flatMap {
      try? FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
    }
    return (files ?? []).filter { $0.pathExtension == "safetensors" }
  }()

  // Rounding turns rectifiers and maxima over, and there are many at full width: PyTorch's own
  // gradients in float32 are up to 5 percent from its float64 (attention U-Net, 128 x 128 noise).
  @Test(
    "networks of full width are PyTorch's, logits within 1e-3 and gradients within 0.1",
    .enabled(if: !fullWidth.isEmpty, "SEGMPI_NETWORK_FIXTURES names no folder of fixtures"),
    arguments: fullWidth)
  func fullWidth(file: URL) throws {
    let fixture = try Safetensors(reading: Array(try Data(contentsOf: file)))
    try compare(fixture, output: 1e-3, gradient: 0.1)
  }

  @Test("at inference, with running statistics, probabilities are PyTorch's", arguments: networks2D)
  func inference2D(name: String) throws {
    let fixture = try Fixture.load(name)
    let (step, shape) = (try Step(fixture), try fixture.shape("probabilities"))
    let graph = try NetworkGraphs.inference(
      fixtureNetwork(fixture), input: fixture.shape("image"), classes: shape.channels)
    let plan = try CPUEngine(threads: Self.threads)
      .compile(graph, parameters: step.store, precision: .float32)
    plan.fill(NetworkGraphs.image, try fixture.floats("image"))
    plan.run(key: RunKey())
    let probabilities = plan.floats(NetworkGraphs.probabilities, count: shape.count)
    #expect(try relativeError(probabilities, fixture.floats("probabilities")) < 1e-4)
  }

  @Test("in bfloat16 they are about as far from float64 as PyTorch is", arguments: networks2D)
  func lowPrecision(name: String) throws {
    let fixture = try Fixture.load(name)
    let step = try Step(fixture, precision: .bfloat16)
    try step.run(fixture)
    let logits = step.plan.floats(NetworkGraphs.logits, count: try fixture.shape("logits").count)
    let exact = try fixture.floats("logits")
    let error = relativeError(logits, exact)
    let allowed = 0.01 + 2 * relativeError(try fixture.floats("bfloat16"), exact)
    #expect(error < allowed, "\(error) of \(allowed)")
    #expect(step.gradients().allSatisfy { $0.isFinite })
  }

  /// One step's logits, loss, gradients, and what running statistics move to.
  func compare(
    _ fixture: Safetensors, output: Double = 1e-4, gradient: Double = 1e-4
  ) throws {
    let step = try Step(fixture)
    let table = step.graph.parameters
    let start = step.values()
    try step.run(fixture)
    let logits = step.plan.floats(NetworkGraphs.logits, count: try fixture.shape("logits").count)
    #expect(try relativeError(logits, fixture.floats("logits")) < output)
    let loss = [step.plan.scalar(NetworkGraphs.loss)]
    #expect(try relativeError(loss, fixture.floats("loss")) < output)

    let gradients = step.gradients()
    let whole = size(
      try table.entries.filter(\.role.isTrainable).flatMap {
        try fixture.floats("gradient/\($0.name)")
      })
    for entry in table.entries {
      let ours = gradients[entry.range]
      if case .statistic(let momentum) = entry.role {
        let moved = zip(start[entry.range], ours).map { $0 + momentum * ($1 - $0) }
        let error = try relativeError(moved, fixture.floats("after/\(entry.name)"))
        #expect(error < output, "\(entry.name): \(error)")
        continue
      }
      let theirs = try fixture.floats("gradient/\(entry.name)")
      if size(theirs) < 1e-9 * whole {
        // A normalization takes a bias before it away again: in exact arithmetic this is 0.
        #expect(size(ours) < 1e-5 * whole, "\(entry.name): \(size(ours)) of \(whole)")
        continue
      }
      let error = relativeError(ours, theirs)
      #expect(error < gradient, "\(entry.name): \(error)")
    }
  }

  /// The Euclidean norm.
  private func size(_ values: some Collection<Float>) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
