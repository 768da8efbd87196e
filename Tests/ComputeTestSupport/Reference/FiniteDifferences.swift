public import Compute
import CounterRandom

/// Gradients of a scalar output by central differences of the reference evaluator.
///
/// (L(θ + h d) - L(θ - h d)) / 2h in double precision, along directions d. A direction is one
/// element of one parameter, or random signs for all elements of a parameter: the first says where
/// a gradient is wrong, the second that no element of it is, for the price of two runs.
public struct FiniteDifferences {
  /// One directional derivative.
  public struct Sample: Sendable {
    /// The parameter's place in the table.
    public let parameter: Int
    /// What was moved, for messages: `x[17]` or `x, random signs`.
    public let name: String
    /// The direction's non-zero elements: index within the parameter, and component.
    public let direction: [(index: Int, component: Double)]
    /// The derivative of the loss along the direction.
    public let derivative: Double

    /// The Euclidean norm of the direction.
    public var norm: Double {
      direction.reduce(0) { $0 + $1.component * $1.component }.squareRoot()
    }

    /// The magnitude of a typical element of the gradient, as far as this sample tells.
    public var scale: Double { abs(derivative) / norm }

    /// The derivative along this direction according to a gradient of the parameter.
    public func derivative(accordingTo gradient: [Float]) -> Double {
      direction.reduce(0) { $0 + $1.component * Double(gradient[$1.index]) }
    }
  }

  /// The step h. The error is about h² of a third derivative plus 1e-16 / h.
  private static let step = 1e-6

  /// The loss as a function of the parameters.
  private let loss: ([[Double]]) throws -> Double
  private let table: ParameterTable

  /// The derivatives of `loss`, a function of each parameter's values in the table's order.
  public init(of table: ParameterTable, loss: @escaping ([[Double]]) throws -> Double) {
    self.table = table
    self.loss = loss
  }

  /// Derivatives at `parameters` along two random directions for each trainable parameter, and
  /// along single elements: all of them, or as many as `evaluations` runs allow, evenly spread.
  public func samples(at parameters: [[Double]], evaluations: Int) throws -> [Sample] {
    let trainable = (0..<table.count).filter { table[$0].role.isTrainable }
    let elements = trainable.reduce(0) { $0 + table[$1].shape.count }
    let interval = max(1, (2 * elements + evaluations - 1) / max(1, evaluations))
    var samples: [Sample] = []
    for parameter in trainable {
      let entry = table[parameter]
      var stream = RandomStream(seed: 0, "directions:" + entry.name)
      for _ in 0..<2 {
        let signs = (0..<entry.shape.count).map { index in
          (index: index, component: stream.next32() & 1 == 0 ? 1.0 : -1)
        }
        samples.append(
          try sample(parameter, "\(entry.name), random signs", signs, at: parameters))
      }
      let first = stream.integer(below: min(interval, entry.shape.count))
      for index in Swift.stride(from: first, to: entry.shape.count, by: interval) {
        samples.append(
          try sample(parameter, "\(entry.name)[\(index)]", [(index, 1)], at: parameters))
      }
    }
    return samples
  }

  private func sample(
    _ parameter: Int, _ name: String, _ direction: [(index: Int, component: Double)],
    at parameters: [[Double]]
  ) throws -> Sample {
    func loss(moved distance: Double) throws -> Double {
      var moved = parameters
      for (index, component) in direction { moved[parameter][index] += distance * component }
      return try self.loss(moved)
    }
    let difference = try loss(moved: Self.step) - loss(moved: -Self.step)
    return Sample(
      parameter: parameter, name: name, direction: direction,
      derivative: difference / (2 * Self.step))
  }
}
