import Compute

extension OpCase {
  /// What follows a normalization.
  private enum Continuation: String, CaseIterable {
    case nothing = ""
    case relu = ", then ReLU"
    case leakyReLU = ", then leaky ReLU"
    case reused = ", then ReLU, the normalization used again"
    case readOut = ", then ReLU, the normalization read out"

    func callAsFunction(_ y: Symbol, in graph: inout GraphBuilder) throws -> Symbol {
      switch self {
      case .nothing: return y
      case .relu: return try graph.activate(y, .relu)
      case .leakyReLU: return try graph.activate(y, .leakyReLU(slope: 0.1))
      case .reused: return try graph.add(graph.activate(y, .relu), y)
      case .readOut:
        try graph.output("before", y)
        return try graph.activate(y, .relu)
      }
    }
  }

  /// The parameters of a batch normalization, and the normalization.
  static func batchNormalization(
    _ x: Symbol, in tracer: inout CaseTracer, prefix: String = "", hasScale: Bool = true
  ) throws -> Symbol {
    let channels: Shape = [x.shape.channels]
    return try tracer.graph.batchNormalization(
      x,
      scale: hasScale
        ? tracer.parameter(prefix + "weight", channels, in: 0.5..<1.5, role: .scale) : nil,
      shift: tracer.parameter(prefix + "bias", channels, role: .bias),
      runningMean: tracer.parameter(
        prefix + "running_mean", channels, role: .statistic(momentum: 0.1)),
      runningVariance: tracer.parameter(
        prefix + "running_var", channels, in: 0.5..<2, role: .statistic(momentum: 0.1)),
      epsilon: 1e-5)
  }

  /// The same, divided by the standard deviation + 0.1.
  static func deviationNormalization(
    _ x: Symbol, in tracer: inout CaseTracer
  ) throws -> Symbol {
    let channels: Shape = [x.shape.channels]
    return try tracer.graph.batchNormalization(
      x, scale: tracer.parameter("weight", channels, in: 0.5..<1.5, role: .scale),
      shift: tracer.parameter("bias", channels, role: .bias),
      runningMean: tracer.parameter("running_mean", channels, role: .statistic(momentum: 0.5)),
      runningDeviation: tracer.parameter(
        "running_std", channels, in: 0.5..<2, role: .statistic(momentum: 0.5)),
      epsilon: 0.1)
  }

  /// The parameters of an instance normalization, and the normalization.
  static func instanceNormalization(
    _ x: Symbol, in tracer: inout CaseTracer, prefix: String = ""
  ) throws -> Symbol {
    let channels: Shape = [x.shape.channels]
    return try tracer.graph.instanceNormalization(
      x, scale: tracer.parameter(prefix + "weight", channels, in: 0.5..<1.5, role: .scale),
      shift: tracer.parameter(prefix + "bias", channels, role: .bias), epsilon: 1e-5)
  }

  /// Normalizations over batch, instances and with running statistics; alone and with rectifiers.
  static let normalizations: [OpCase] =
    Continuation.allCases.flatMap { then in
      func batch(
        _ name: String, _ channels: Int, _ spatial: [Int], batch: Int = 2,
        mode: GraphBuilder.Mode = .training
      ) -> OpCase {
        OpCase(
          "batch normalization: \(name)\(then.rawValue)", batch: batch, mode: mode,
          samplesAreIndependent: mode == .inference, isDifferentiable: mode == .training
        ) { tracer in
          let x = try tracer.data(channels: channels, spatial, in: -1..<2)
          return try then(batchNormalization(x, in: &tracer), in: &tracer.graph)
        }
      }
      func instance(_ name: String, _ channels: Int, _ spatial: [Int], batch: Int = 2) -> OpCase {
        OpCase("instance normalization: \(name)\(then.rawValue)", batch: batch) { tracer in
          let x = try tracer.data(channels: channels, spatial, in: -1..<2)
          return try then(instanceNormalization(x, in: &tracer), in: &tracer.graph)
        }
      }
      func deviation(
        _ name: String, _ channels: Int, _ spatial: [Int], batch: Int = 2,
        mode: GraphBuilder.Mode = .training
      ) -> OpCase {
        OpCase(
          "normalization by deviation: \(name)\(then.rawValue)", batch: batch, mode: mode,
          samplesAreIndependent: mode == .inference, isDifferentiable: mode == .training
        ) { tracer in
          let x = try tracer.data(channels: channels, spatial, in: -1..<2)
          return try then(deviationNormalization(x, in: &tracer), in: &tracer.graph)
        }
      }
      return [
        deviation("3D, 16 maps", 16, [3, 2, 3]),
        deviation("2D, 17 maps, batch 1", 17, [3, 5], batch: 1),
        deviation("3D, 8 maps, inference", 8, [3, 2, 3], mode: .inference),
        batch("3D, 16 maps", 16, [3, 2, 3]),
        batch("3D, 5 maps, batch 1", 5, [3, 4, 3], batch: 1),
        batch("2D, 17 maps", 17, [3, 5]),
        batch("3D, 16 maps, inference", 16, [3, 2, 3], mode: .inference),
        batch("2D, 3 maps, inference", 3, [5, 4], mode: .inference),
        instance("3D, 16 maps", 16, [3, 2, 3]),
        instance("3D, 5 maps", 5, [3, 4, 3]),
        instance("2D, 17 maps, batch 1", 17, [5, 3], batch: 1),
        instance("2D, 32 maps", 32, [3, 3]),
      ]
    } + [
      OpCase("batch normalization: without a scale, 16 maps", samplesAreIndependent: false) {
        tracer in
        let x = try tracer.data(channels: 16, [3, 2, 3], in: -1..<2)
        let y = try batchNormalization(x, in: &tracer, hasScale: false)
        return try tracer.graph.activate(y, .relu)
      },
      OpCase(
        "batch normalization: without a scale, 5 maps, inference", mode: .inference,
        isDifferentiable: false
      ) { tracer in
        try batchNormalization(
          tracer.data(channels: 5, [3, 4], in: -1..<2), in: &tracer, hasScale: false)
      },
      OpCase("batch normalization: applied three times", samplesAreIndependent: false) { tracer in
        var x = try tracer.data(channels: 16, [3, 4], in: -1..<2)
        for _ in 0..<3 {
          x = try tracer.graph.activate(batchNormalization(x, in: &tracer), .tanh)
        }
        return x
      },
    ]
}
