internal import CDNNL

/// Turns a graph into steps over buffers: which primitive runs on which bytes, in which order.
///
/// Each operation's file in `Kernels/` extends it through ``CPULowerable``. Nothing is allocated
/// here; ``CPUPlan`` binds the result to memory.
final class Lowering {
  /// One step of a plan, before its buffers have addresses.
  struct Step {
    @safe enum Work {
      /// A oneDNN primitive with its arguments.
      case primitive(PrimitiveDescriptor, [(argument: Int32, buffer: Int)])
      /// Our own loop over the addresses of buffers.
      case loop([Int], (_ pointers: [UnsafeMutableRawPointer], _ key: RunKey) -> Void)
    }
    let work: Work
    /// The operation's name and path, for profiles.
    let label: String
  }

  let runtime: Runtime
  let graph: Graph
  let fusion: Fusion
  /// The element type of activations.
  let activationType: dnnl_data_type_t
  private(set) var planner = MemoryPlanner()
  /// Steps that prepare parameters: they run when the store has changed.
  private(set) var prologue: [Step] = []
  /// Steps of every run.
  private(set) var steps: [Step] = []

  private(set) var nodeIndex = 0
  private var location: [Int: Int] = [:]
  private var conversions: [Int: [(MemoryDescriptor, Int)]] = [:]
  private var views: [Int: [(view: MemoryDescriptor, wanted: MemoryDescriptor, buffer: Int)]] = [:]
  /// Storages of conversions: later readers of the same symbol find them again.
  private var shared: Set<Int> = []
  private var lastReader: [Int]
  private var residents: [Int: [(symbol: Int, bytes: Range<Int>)]] = [:]
  private var concatenations: Concatenations
  private var opened: [Int: (storage: Int, block: Int, type: dnnl_data_type_t)] = [:]
  private var forwardDescriptors: [Int: PrimitiveDescriptor] = [:]
  private var writesGradients: Bool { graph.gradients.contains { $0 != nil } }

  init(_ graph: Graph, precision: Precision, runtime: Runtime) throws {
    self.runtime = runtime
    self.graph = graph
    fusion = Fusion(graph)
    activationType = precision == .bfloat16 ? dnnl_bf16 : dnnl_f32
    concatenations = Concatenations(graph)
    lastReader = Array(repeating: -1, count: graph.symbolCount)
    for (index, node) in graph.nodes.enumerated() where !fusion.skipped.contains(index) {
      for input in node.inputs { lastReader[fusion.resolve(input).id] = index }
    }
    for symbol in graph.outputs.values { lastReader[symbol.id] = Int.max }
    for symbol in graph.gradients.compactMap({ $0 }) {
      lastReader[symbol.id] = max(lastReader[symbol.id], graph.nodes.count)
    }
    try placeParametersAndInputs()
    for (index, node) in graph.nodes.enumerated() where !fusion.skipped.contains(index) {
      nodeIndex = index
      do {
        guard let operation = node.operation as? any CPULowerable else {
          throw EngineError("the CPU engine cannot run \(node.operation.name)")
        }
        try operation.lower(node, in: self)
      } catch let error as EngineError {
        throw EngineError(
          "\(node.path.isEmpty ? "graph" : node.path) (\(node.operation.name)): \(error.description)"
        )
      }
      try storeGradients(of: node)
    }
    for (index, symbol) in graph.gradients.enumerated() where symbol == nil && writesGradients {
      try emitZero(gradientBuffer(index))
    }
    for symbol in graph.outputs.values {
      planner.touch(try buffer(symbol), at: steps.count)
    }
  }

  /// Lays out the arena; call once, after lowering.
  func planMemory() -> MemoryEstimate { planner.assignOffsets() }

  // MARK: - Where symbols are

  /// The buffer that holds a symbol, in whatever layout its producer chose.
  func buffer(_ symbol: Symbol) throws -> Int {
    guard let buffer = location[fusion.resolve(symbol).id] else {
      throw EngineError("reads a value that was never computed")
    }
    return buffer
  }

  /// The layout and type in which a symbol is kept.
  func descriptor(_ symbol: Symbol) throws -> MemoryDescriptor {
    planner.buffers[try buffer(symbol)].descriptor
  }

  /// The layout and type of a buffer.
  func descriptor(ofBuffer buffer: Int) -> MemoryDescriptor { planner.buffers[buffer].descriptor }

  /// A buffer that holds a symbol in the given layout and type; reorders it once where it differs.
  func buffer(_ symbol: Symbol, as wanted: MemoryDescriptor) throws -> Int {
    let symbol = fusion.resolve(symbol)
    let original = try buffer(symbol)
    let kept = planner.buffers[original]
    if kept.descriptor.matches(wanted) { return original }
    if let made = conversions[symbol.id]?.first(where: { $0.0.matches(wanted) }) { return made.1 }
    let prepared = try isParameter(symbol)
    let converted = makeBuffer(prepared ? .weights : .arena, wanted)
    try emitReorder(from: original, to: converted, inPrologue: prepared)
    conversions[symbol.id, default: []].append((wanted, converted))
    shared.insert(planner.buffers[converted].storage)
    return converted
  }

  /// A buffer that holds a weight in the given layout and type, whose shape may name the same
  /// elements differently (groups apart, axes swapped).
  ///
  /// - Parameters:
  ///   - weight: the parameter, or a reshaped one.
  ///   - wanted: the layout and type that a primitive asks for.
  ///   - view: the weight's dense elements under the wanted shape; row-major by default.
  /// - Returns: the buffer, filled before the first run where the weight is a parameter.
  /// - Throws: ``EngineError`` where oneDNN cannot describe or reorder it.
  func buffer(
    _ weight: Symbol, viewedAs wanted: MemoryDescriptor, through view: MemoryDescriptor? = nil
  ) throws -> Int {
    let view = try view ?? .dense(wanted.shape)
    // With as many inputs as outputs, one layout may be wanted of two views.
    if let made = views[weight.id]?.first(where: {
      $0.view.matches(view) && $0.wanted.matches(wanted)
    }) {
      return made.buffer
    }
    let source = makeView(of: try denseBuffer(weight), atByte: 0, view)
    if descriptor(ofBuffer: source).matches(wanted) { return source }
    let prepared = try isParameter(weight)
    let converted = makeBuffer(prepared ? .weights : .arena, wanted)
    try emitReorder(from: source, to: converted, inPrologue: prepared)
    views[weight.id, default: []].append((view, wanted, converted))
    return converted
  }

  /// Whether a symbol is a parameter, or one under another shape: prepared once for many runs.
  func isParameter(_ symbol: Symbol) throws -> Bool {
    planner.storages[planner.buffers[try buffer(symbol)].storage].region == .values
  }

  /// A buffer that holds a symbol as dense float32 (labels: bytes).
  func denseBuffer(_ symbol: Symbol) throws -> Int {
    try buffer(
      symbol, as: .dense(symbol.shape, symbol.kind == .labels ? dnnl_u8 : dnnl_f32))
  }

  /// The buffer that a node fills with its result.
  ///
  /// Where the result is part of a concatenation and its layout allows, the bytes are the
  /// concatenation's own.
  func makeResult(_ symbol: Symbol, _ descriptor: MemoryDescriptor) throws -> Int {
    let result: Int
    if let index = graph.gradients.firstIndex(of: symbol), try descriptor.isDense(),
      descriptor.type == dnnl_f32
    {
      result = gradientBuffer(index)
    } else if let place = try concatenatedPlace(of: symbol, descriptor) {
      result = place
    } else {
      result = makeBuffer(.arena, descriptor)
    }
    settle(symbol, in: result)
    return result
  }

  /// Makes `symbol` live in an existing buffer: a view, or a result written in place.
  func settle(_ symbol: Symbol, in buffer: Int) {
    location[symbol.id] = buffer
    let place = planner.buffers[buffer]
    residents[place.storage, default: []].append(
      (symbol.id, place.offset..<(place.offset + place.descriptor.byteCount)))
  }

  /// Whether the node being lowered may overwrite the bytes of `symbol`: it is the last to read
  /// them, and nothing that lives on shares them.
  func mayOverwrite(_ symbol: Symbol) throws -> Bool {
    let symbol = fusion.resolve(symbol)
    let place = planner.buffers[try buffer(symbol)]
    guard planner.storages[place.storage].region == .arena, !shared.contains(place.storage),
      lastReader[symbol.id] == nodeIndex
    else { return false }
    let bytes = place.offset..<(place.offset + place.descriptor.byteCount)
    return residents[place.storage, default: []].allSatisfy { other in
      other.symbol == symbol.id || lastReader[other.symbol] < nodeIndex
        || !other.bytes.overlaps(bytes)
    }
  }

  /// A fresh buffer that no symbol owns.
  func makeBuffer(_ region: MemoryPlanner.Region, _ descriptor: MemoryDescriptor) -> Int {
    let storage = planner.makeStorage(region, byteCount: descriptor.byteCount)
    return planner.makeBuffer(in: storage, at: 0, descriptor)
  }

  /// A tensor at a byte offset within another buffer.
  func makeView(of buffer: Int, atByte offset: Int, _ descriptor: MemoryDescriptor) -> Int {
    let place = planner.buffers[buffer]
    return planner.makeBuffer(in: place.storage, at: place.offset + offset, descriptor)
  }

  // MARK: - Steps

  /// Appends a primitive; scratch memory is added to its arguments.
  func emit(
    _ primitive: PrimitiveDescriptor, _ arguments: [(argument: Int32, buffer: Int)],
    inPrologue: Bool = false
  ) throws {
    var arguments = arguments
    if let scratch = unsafe cdnnl_pd_md(primitive.raw, dnnl_query_scratchpad_md) {
      let descriptor = try unsafe MemoryDescriptor(copying: scratch, shape: [1])
      if descriptor.byteCount > 0 {
        arguments.append((Int32(DNNL_ARG_SCRATCHPAD), makeBuffer(.arena, descriptor)))
      }
    }
    append(.primitive(primitive, arguments), touching: arguments.map(\.buffer), inPrologue)
  }

  /// Appends a loop of our own over the addresses of `buffers`.
  func emit(
    over buffers: [Int], inPrologue: Bool = false,
    _ body: @escaping (_ pointers: [UnsafeMutableRawPointer], _ key: RunKey) -> Void
  ) {
    append(unsafe .loop(buffers, body), touching: buffers, inPrologue)
  }

  /// Appends a copy into another layout or type.
  func emitReorder(from source: Int, to destination: Int, inPrologue: Bool = false) throws {
    let (src, dst) = (descriptor(ofBuffer: source), descriptor(ofBuffer: destination))
    let engine = unsafe runtime.engine
    let reorder = try unsafe PrimitiveDescriptor("reorder") { made, attributes in
      unsafe dnnl_reorder_primitive_desc_create(
        made, src.raw, engine, dst.raw, engine, attributes)
    }
    try emit(
      reorder,
      [(Int32(DNNL_ARG_FROM), source), (Int32(DNNL_ARG_TO), destination)],
      inPrologue: inPrologue)
  }

  /// Appends a step that zeroes a whole buffer, padding included.
  func emitZero(_ buffer: Int) throws {
    let byteCount = descriptor(ofBuffer: buffer).byteCount
    unsafe emit(over: [buffer]) { pointers, _ in
      unsafe UnsafeMutableRawBufferPointer(start: pointers[0], count: byteCount)
        .initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  /// Remembers the forward descriptor of the node being lowered: its backward needs it as a hint.
  func remember(_ descriptor: PrimitiveDescriptor, for symbol: Symbol) {
    forwardDescriptors[symbol.id] = descriptor
  }

  /// The forward descriptor that was remembered for a symbol.
  func forwardDescriptor(of symbol: Symbol) throws -> PrimitiveDescriptor {
    guard let descriptor = forwardDescriptors[symbol.id] else {
      throw EngineError("runs backward without its forward operation")
    }
    return descriptor
  }

  private func append(_ work: Step.Work, touching buffers: [Int], _ inPrologue: Bool) {
    let node = graph.nodes.isEmpty ? nil : graph.nodes[nodeIndex]
    let label = node.map { "\($0.path) \($0.operation.name)" } ?? ""
    for buffer in buffers {
      planner.touch(buffer, at: inPrologue ? MemoryPlanner.prologue : steps.count)
    }
    if inPrologue {
      prologue.append(Step(work: work, label: label))
    } else {
      steps.append(Step(work: work, label: label))
    }
  }

  // MARK: - Parameters, inputs, gradients

  private func placeParametersAndInputs() throws {
    for (symbol, entry) in zip(graph.parameterSymbols, graph.parameters.entries) {
      let storage = planner.makeStorage(
        .values, byteCount: entry.shape.count * 4, offset: entry.offset * 4)
      location[symbol.id] = planner.makeBuffer(in: storage, at: 0, try .dense(entry.shape))
    }
    for symbol in graph.inputs.values {
      let type = symbol.kind == .labels ? dnnl_u8 : dnnl_f32
      let buffer = makeBuffer(.arena, try .dense(symbol.shape, type))
      // Inputs are written before the first step and must survive the prologue.
      planner.touch(buffer, at: MemoryPlanner.prologue)
      lastReader[symbol.id] = Int.max
      settle(symbol, in: buffer)
    }
  }

  private func gradientBuffer(_ index: Int) -> Int {
    let entry = graph.parameters[index]
    let storage = planner.makeStorage(
      .gradients, byteCount: entry.shape.count * 4, offset: entry.offset * 4)
    // The shape was described when the parameters were placed.
    return planner.makeBuffer(
      in: storage, at: 0,
      planner.buffers[location[graph.parameterSymbols[index].id, default: 0]].descriptor)
  }

  private func storeGradients(of node: Node) throws {
    for output in node.outputs {
      // Several parameters may have one symbol as gradient: the terms of a sum.
      for index in graph.gradients.indices where graph.gradients[index] == output {
        let source = try buffer(output)
        let storage = planner.storages[planner.buffers[source].storage]
        let isStored =
          storage.region == .gradients && storage.offset == graph.parameters[index].offset * 4
        if !isStored { try emitReorder(from: source, to: gradientBuffer(index)) }
      }
    }
  }

  // MARK: - Concatenation in place

  /// The place of a result within the concatenation that reads it, where its layout allows:
  /// one sample, channels in whole blocks, outermost.
  private func concatenatedPlace(
    of symbol: Symbol, _ descriptor: MemoryDescriptor
  ) throws -> Int? {
    guard let part = concatenations.parts[symbol.id], symbol.shape.batch == 1,
      let block = try descriptor.channelBlock(), part.allOffsets.allSatisfy({ $0 % block == 0 })
    else { return nil }
    let whole = part.result
    if opened[whole.id] == nil {
      let wholeDescriptor = try MemoryDescriptor.channelBlocked(
        whole.shape, descriptor.type, block: block)
      opened[whole.id] = (
        planner.makeStorage(.arena, byteCount: wholeDescriptor.byteCount), block, descriptor.type
      )
    }
    guard let open = opened[whole.id], open.block == block, open.type == descriptor.type else {
      return nil
    }
    let voxels = symbol.shape.spatial.reduce(1, *)
    return planner.makeBuffer(
      in: open.storage, at: part.offset * voxels * descriptor.elementSize, descriptor)
  }

  /// The buffer of a concatenation's result: the one its parts were written into, or a fresh one.
  func concatenationResult(_ symbol: Symbol, type: dnnl_data_type_t, block: Int) throws -> Int {
    let descriptor: MemoryDescriptor
    let result: Int
    if let open = opened[symbol.id] {
      descriptor = try .channelBlocked(symbol.shape, open.type, block: open.block)
      result = planner.makeBuffer(in: open.storage, at: 0, descriptor)
    } else {
      descriptor = try .channelBlocked(symbol.shape, type, block: block)
      result = makeBuffer(.arena, descriptor)
    }
    settle(symbol, in: result)
    return result
  }

  /// Whether a symbol's bytes already are its part of `whole`.
  func isInPlace(_ symbol: Symbol, within whole: Symbol) throws -> Bool {
    guard let open = opened[whole.id], concatenations.parts[symbol.id]?.result == whole else {
      return false
    }
    return planner.buffers[try buffer(symbol)].storage == open.storage
  }
}

/// An operation that the CPU engine can run.
protocol CPULowerable: Operation {
  /// Emits the steps of one application.
  func lower(_ node: Node, in plan: Lowering) throws
}
