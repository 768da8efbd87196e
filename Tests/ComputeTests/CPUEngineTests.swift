import Compute
import ComputeTestSupport
import Testing

/// What holds for every row of the catalogue on the CPU engine.
///
/// Serialized, with all suites within: one thread at a time may call oneDNN.
@Suite("The CPU engine", .serialized)
struct CPUEngineTests {
  static let bfloat16IsNative = (try? CPUEngine(threads: 1))?.preferredPrecision == .bfloat16

  /// float32 sums of some hundred products of numbers near 1: 1e-5 of the largest result.
  @Test("computes what the reference computes, in float32", arguments: OpCase.catalogue)
  func forward(_ row: OpCase) throws {
    let graph = try row.graph()
    let values = row.values(for: graph)
    let reference = try values.runReference(graph)
    var graphs = [graph]
    if row.isDifferentiable { graphs.append(try row.graph(differentiated: true)) }
    for threads in [1, 2] {
      for graph in graphs {
        let run = try EngineRun(graph, values, on: CPUEngine(threads: threads)).run()
        for (name, expected) in reference.outputs {
          expectClose(
            run.output(name), expected.values, relative: 1e-5, "\(name), \(threads) threads")
        }
        for (index, expected) in reference.observations.enumerated() {
          guard let expected else { continue }
          expectClose(
            run.gradients[index], expected.values, relative: 1e-5,
            "\(graph.parameters[index].name), \(threads) threads")
        }
      }
    }
  }

  @Test(
    "leaves the gradient that the reference has by central differences, in float32",
    arguments: OpCase.catalogue.filter(\.isDifferentiable))
  func gradients(_ row: OpCase) throws {
    let graph = try row.graph()
    let values = row.values(for: graph)
    let samples = try values.differences(of: graph)
    let largest = samples.map(\.scale).max() ?? 0
    for threads in [1, 2] {
      let engine = try CPUEngine(threads: threads)
      let run = try EngineRun(row.graph(differentiated: true), values, on: engine).run()
      let gradients = run.gradients
      for parameter in Set(samples.map(\.parameter)) {
        let own = samples.filter { $0.parameter == parameter }
        // What cancels to nothing (a bias before a normalization) is as exact as its summands.
        let scale = max(own.map(\.scale).max() ?? 0, 1e-2 * largest)
        for sample in own {
          let found = sample.derivative(accordingTo: gradients[parameter])
          let tolerance = 1e-4 * scale * sample.norm
          #expect(
            abs(found - sample.derivative) <= tolerance,
            "\(sample.name), \(threads) threads: \(found), not \(sample.derivative)")
        }
      }
    }
  }

  /// bfloat16 keeps 8 bits: an error of 2^-9 each time a value is stored. A loss is a sum that may
  /// cancel, so it is compared where it is the case's own result only; and a rectifier or maximum
  /// near a tie sends a gradient elsewhere, so gradients are compared as a whole.
  @Test(
    "computes nearly the same in bfloat16", .enabled(if: bfloat16IsNative),
    arguments: OpCase.catalogue)
  func bfloat16(_ row: OpCase) throws {
    let graph = try row.graph(differentiated: row.isDifferentiable)
    let values = row.values(for: graph)
    for threads in [1, 2] {
      let engine = try CPUEngine(threads: threads)
      let exact = try EngineRun(graph, values, on: engine).run()
      let rounded = try EngineRun(graph, values, on: engine, precision: .bfloat16).run()
      for (name, expected) in exact.outputs where name != "loss" {
        expectClose(
          rounded.output(name), expected.map(Double.init), relative: 2e-2,
          "\(name), \(threads) threads")
      }
      let largest = exact.gradientArena.map(abs).max() ?? 0
      for (index, expected) in exact.gradients.enumerated() {
        let distance = norm(zip(expected, rounded.gradients[index]).map { $0 - $1 })
        let floor = 2e-2 * Double(largest) * Double(expected.count).squareRoot()
        #expect(
          distance <= 0.1 * max(norm(expected), floor),
          "\(graph.parameters[index].name), \(threads) threads: \(distance) of \(norm(expected))")
      }
    }
  }

  @Test(
    "leaves the same bits in every run, and in every plan", arguments: OpCase.catalogue,
    Precision.tested)
  func determinism(_ row: OpCase, _ precision: Precision) throws {
    let graph = try row.graph(differentiated: row.isDifferentiable)
    let values = row.values(for: graph)
    let engine = try CPUEngine(threads: 2)
    let run = try EngineRun(graph, values, on: engine, precision: precision).run()
    let (outputs, gradients) = (run.outputs, run.gradientArena)
    for _ in 0..<2 {
      run.run()
      #expect(bits(run.outputs) == bits(outputs))
      #expect(bits(run.gradientArena) == bits(gradients))
    }
    let again = try EngineRun(graph, values, on: engine, precision: precision).run()
    #expect(bits(again.outputs) == bits(outputs))
    #expect(bits(again.gradientArena) == bits(gradients))
    // Between the slices the arena stays zero: the optimizer and the norm read it.
    var padding = gradients
    for entry in graph.parameters.entries {
      for index in entry.range { padding[index] = 0 }
    }
    #expect(padding.allSatisfy { $0 == 0 })
  }

  @Test(
    "gives each sample what it gives a batch of one",
    arguments: OpCase.catalogue.filter { $0.samplesAreIndependent && $0.batch > 1 })
  func batches(_ row: OpCase) throws {
    let engine = try CPUEngine(threads: 2)
    let graph = try row.graph(differentiated: row.isDifferentiable)
    let values = row.values(for: graph)
    let whole = try EngineRun(graph, values, on: engine).run()
    let single = try row.graph(batch: 1, differentiated: row.isDifferentiable)
    var outputs: [Double] = []
    var sums = whole.gradients.map { $0.map { _ in 0.0 } }
    for index in 0..<row.batch {
      let sample = values.sample(index, of: row.batch, table: graph.parameters)
      let run = try EngineRun(single, sample, on: engine).run()
      outputs += run.output("y").map(Double.init)
      // The loss is a mean over the batch: each sample contributes its share.
      for (place, gradient) in run.gradients.enumerated() {
        let isData = gradient.count < sums[place].count
        let start = isData ? index * gradient.count : 0
        for (offset, element) in gradient.enumerated() {
          sums[place][start + offset] += Double(element) / Double(row.batch)
        }
      }
    }
    expectClose(whole.output("y"), outputs, relative: 1e-5, "y")
    for (place, expected) in sums.enumerated() where row.isDifferentiable {
      expectClose(
        whole.gradients[place], expected, relative: 1e-4, graph.parameters[place].name)
    }
  }
}

extension Precision {
  /// The precisions that this machine can be tested with.
  static let tested: [Precision] =
    CPUEngineTests.bfloat16IsNative ? [.float32, .bfloat16] : [.float32]
}
