/// Records a network as it is traced with symbolic tensors.
///
/// Layers call the methods that the files in `Ops/` add (`convolution`, `concatenate`, …); each
/// infers the shape of its result at once, so that a mistake is reported with the path of the layer
/// that made it.
public struct GraphBuilder {
  /// What the graph is for: decides dropout and which statistics normalization uses.
  public enum Mode: Sendable {
    case training
    case inference
  }

  /// What the graph is for.
  public let mode: Mode
  private var path: [String] = []
  private var nodes: [Node] = []
  private var symbolCount = 0
  private var inputs: [String: Symbol] = [:]
  private var outputs: [String: Symbol] = [:]
  private var table = ParameterTable()
  private var parameterSymbols: [Symbol] = []
  private var gradients: [Symbol?] = []
  /// The momentum that each observed buffer was declared with.
  private var momenta: [Int: Float] = [:]
  private var dependsOnParameter: Set<Int> = []

  /// An empty graph.
  public init(mode: Mode) { self.mode = mode }

  /// The path of the scope being traced.
  public var currentPath: String { path.joined(separator: ".") }

  /// Traces `body` one level down: parameters made there are called `name.…`.
  public mutating func scope<R>(
    _ name: String, _ body: (inout GraphBuilder) throws -> R
  ) rethrows -> R {
    path.append(name)
    defer { path.removeLast() }
    return try body(&self)
  }

  /// Declares a tensor that the caller fills before each run.
  public mutating func input(_ name: String, _ shape: Shape, _ kind: Symbol.Kind) -> Symbol {
    precondition(inputs[name] == nil, "two inputs are called \(name)")
    let symbol = makeSymbol(shape, kind)
    inputs[name] = symbol
    return symbol
  }

  /// Lets the caller read `symbol` after each run, as dense float32.
  public mutating func output(_ name: String, _ symbol: Symbol) throws {
    precondition(outputs[name] == nil, "two outputs are called \(name)")
    outputs[name] = try dense(symbol)
  }

  /// Declares a parameter of the current scope, or returns it where it is already declared.
  ///
  /// - Throws: ``GraphError`` where the same name was declared with another shape.
  public mutating func parameter(
    _ name: String, _ shape: Shape, _ role: ParameterTable.Role,
    initializer: any ParameterInitializer
  ) throws -> Symbol {
    let fullName = (path + [name]).joined(separator: ".")
    if let index = table.index(of: fullName) {
      guard table[index].shape == shape else {
        throw GraphError(
          path: fullName,
          message: "is shared with shapes \(table[index].shape) and \(shape); they must agree")
      }
      return parameterSymbols[index]
    }
    let symbol = makeSymbol(shape, .dense)
    table.append(
      .init(name: fullName, shape: shape, role: role, initializer: initializer))
    parameterSymbols.append(symbol)
    gradients.append(nil)
    if role.isTrainable { dependsOnParameter.insert(symbol.id) }
    return symbol
  }

  /// Applies an operation and returns its results.
  ///
  /// - Throws: ``GraphError`` with the current path where the inputs do not fit the operation.
  public mutating func apply(_ operation: any Operation, _ operands: [Symbol]) throws -> [Symbol] {
    let results: [OutputDescription]
    do {
      results = try operation.outputs(for: operands)
    } catch let error as OperationError {
      throw GraphError(path: currentPath, message: error.description)
    }
    let symbols = results.map { makeSymbol($0.shape, $0.kind) }
    nodes.append(
      Node(operation: operation, inputs: operands, outputs: symbols, path: currentPath))
    if operands.contains(where: { dependsOnParameter.contains($0.id) }) {
      dependsOnParameter.formUnion(symbols.map(\.id))
    }
    return symbols
  }

  /// Whether the loss may depend on trainable parameters through `symbol`.
  public func needsGradient(_ symbol: Symbol) -> Bool { dependsOnParameter.contains(symbol.id) }

  /// Makes `observation` what a run reports for the statistic that `buffer` stands for.
  ///
  /// A statistic that is observed several times, by layers that share it, moves toward each
  /// observation in turn. That is one move: with momentum m, the step toward a after the step
  /// toward b leaves (1 - M) value + M ((1 - m) m b + m a) / M, where M = 1 - (1 - m)². So a run
  /// reports the weighted mean, and the parameter's momentum becomes M.
  ///
  /// - Throws: ``GraphError`` where the observation does not have the buffer's shape.
  public mutating func observe(_ observation: Symbol, for buffer: Symbol) throws {
    guard let index = parameterSymbols.firstIndex(of: buffer),
      case .statistic(let current) = table[index].role
    else { preconditionFailure("only a statistic can be observed") }
    guard observation.shape == buffer.shape else {
      throw GraphError(
        path: table[index].name,
        message: "holds \(buffer.shape) and cannot be observed as \(observation.shape)")
    }
    guard let earlier = gradients[index], let momentum = momenta[index] else {
      momenta[index] = current
      gradients[index] = observation
      return
    }
    let whole = 1 - (1 - momentum) * (1 - current)
    gradients[index] = try add(
      scaleShift(earlier, scale: (1 - momentum) * current / whole),
      scaleShift(observation, scale: momentum / whole))
    table.setMomentum(whole, at: index)
  }

  /// The graph of what was traced, without gradients.
  public func finish() -> Graph {
    Graph(
      nodes: nodes, inputs: inputs, outputs: outputs, parameters: table,
      parameterSymbols: parameterSymbols, gradients: gradients, symbolCount: symbolCount)
  }

  /// The graph of what was traced followed by the backward pass from `loss`, a dense scalar.
  ///
  /// Reverse-mode differentiation: nodes are visited from last to first; where a symbol is used
  /// more than once its gradients are added in the order in which they arrive, last use first.
  ///
  /// - Throws: ``GraphError`` where a node on the way has no gradient.
  public consuming func finish(differentiating loss: Symbol) throws -> Graph {
    precondition(loss.shape.count == 1 && loss.kind == .dense, "the loss must be a dense scalar")
    // An argument that itself traces does so after the builder was consumed: trace it before.
    precondition(loss.id < symbolCount, "the loss was traced by another builder")
    let forward = nodes
    var flowing: [Int: Symbol] = [:]
    flowing[loss.id] = try apply(Fill(shape: loss.shape, value: 1), [])[0]
    for node in forward.reversed() where node.outputs.contains(where: { needsGradient($0) }) {
      let arriving = node.outputs.map { flowing.removeValue(forKey: $0.id) }
      guard arriving.contains(where: { $0 != nil }) else { continue }
      path = node.path.isEmpty ? [] : [node.path]
      let leaving: [Symbol?]
      do {
        leaving = try node.operation.differentiate(node, gradients: arriving, in: &self)
      } catch let error as OperationError {
        throw GraphError(path: node.path, message: error.description)
      }
      for (operand, gradient) in zip(node.inputs, leaving) {
        guard let gradient, needsGradient(operand) else { continue }
        precondition(
          gradient.shape == operand.shape,
          "\(node.operation.name) gave a gradient of \(gradient.shape) to \(operand.shape)")
        if let earlier = flowing[operand.id] {
          flowing[operand.id] = try add(earlier, gradient)
        } else {
          flowing[operand.id] = gradient
        }
      }
    }
    for (index, symbol) in parameterSymbols.enumerated() where table[index].role.isTrainable {
      gradients[index] = flowing[symbol.id]
    }
    return finish()
  }

  private mutating func makeSymbol(_ shape: Shape, _ kind: Symbol.Kind) -> Symbol {
    defer { symbolCount += 1 }
    return Symbol(id: symbolCount, shape: shape, kind: kind)
  }
}
