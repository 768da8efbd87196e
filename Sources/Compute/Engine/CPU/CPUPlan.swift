internal import CDNNL

/// A lowered graph bound to memory.
@safe final class CPUPlan: Plan {
  let memory: MemoryEstimate
  private let runtime: Runtime
  private let store: HostParameterStore
  private let arena: HostBuffer
  private let weights: HostBuffer
  private let prologue: BoundSteps
  private let steps: BoundSteps
  private let inputs: [String: (address: UnsafeMutableRawPointer, count: Int)]
  private let schedule: GradientSchedule
  private let outputs: [String: (address: UnsafeMutableRawPointer, count: Int)]
  private var preparedVersion = 0

  init(_ lowering: Lowering, store: HostParameterStore) throws {
    memory = lowering.planMemory()
    runtime = lowering.runtime
    self.store = store
    let arena = HostBuffer(byteCount: memory.arena)
    let weights = HostBuffer(byteCount: memory.weights)
    self.arena = arena
    self.weights = weights
    let planner = lowering.planner
    schedule = GradientSchedule(store.table, storages: planner.storages)
    let addresses = unsafe planner.buffers.map { buffer in
      let storage = planner.storages[buffer.storage]
      let base =
        switch storage.region {
        case .arena: unsafe arena.base
        case .weights: unsafe weights.base
        case .values: unsafe store.values.base
        case .gradients: unsafe store.gradients.base
        }
      return unsafe base + storage.offset + buffer.offset
    }
    prologue = try unsafe BoundSteps(
      lowering.prologue, buffers: planner.buffers, addresses: addresses, runtime: runtime)
    steps = try unsafe BoundSteps(
      lowering.steps, buffers: planner.buffers, addresses: addresses, runtime: runtime)
    let locate = { (symbol: Symbol) in
      unsafe (addresses[try lowering.buffer(symbol)], symbol.shape.count)
    }
    unsafe inputs = try lowering.graph.inputs.mapValues(locate)
    unsafe outputs = try lowering.graph.outputs.mapValues(locate)
  }

  func write(_ values: Span<Float>, to input: String) {
    guard let (address, count) = unsafe inputs[input], count == values.count else {
      preconditionFailure("\(values.count) values do not fit the input \(input)")
    }
    unsafe values.withUnsafeBytes {
      unsafe UnsafeMutableRawBufferPointer(start: address, count: count * 4).copyMemory(from: $0)
    }
  }

  func write(_ labels: Span<UInt8>, to input: String) {
    guard let (address, count) = unsafe inputs[input], count == labels.count else {
      preconditionFailure("\(labels.count) labels do not fit the input \(input)")
    }
    unsafe labels.withUnsafeBytes {
      unsafe UnsafeMutableRawBufferPointer(start: address, count: count).copyMemory(from: $0)
    }
  }

  func run(key: RunKey) {
    prepare(key)
    steps.run(key)
  }

  func run(
    key: RunKey, during: (_ gradients: Span<Float>, _ known: Range<Int>) throws -> Void
  ) rethrows {
    prepare(key)
    try store.withGradients { gradients in
      let gradients = gradients.span
      try steps.run(key) { step in
        let known = schedule.known(after: step)
        if known.isEmpty { try during(gradients, 0..<0) }
        for range in known { try during(gradients, range) }
      }
    }
  }

  private func prepare(_ key: RunKey) {
    runtime.claimTeam()
    guard preparedVersion != store.version else { return }
    prologue.run(key)
    preparedVersion = store.version
  }

  func read(_ output: String, into values: inout MutableSpan<Float>) {
    guard let (address, count) = unsafe outputs[output], count == values.count else {
      preconditionFailure("\(values.count) values do not fit the output \(output)")
    }
    unsafe values.withUnsafeMutableBytes {
      unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: count * 4))
    }
  }
}
