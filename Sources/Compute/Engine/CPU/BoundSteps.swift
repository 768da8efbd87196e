internal import CDNNL

/// Steps whose buffers have addresses: what a running plan walks through.
@safe final class BoundSteps {
  @safe private enum Work {
    case primitive(dnnl_primitive_t, UnsafeMutablePointer<dnnl_exec_arg_t>, Int32, label: String)
    case loop((RunKey) -> Void)
  }

  private let work: [Work]
  private let runtime: Runtime
  private var memories: [Int: dnnl_memory_t] = unsafe [:]

  init(
    _ steps: [Lowering.Step], buffers: [MemoryPlanner.Buffer],
    addresses: [UnsafeMutableRawPointer], runtime: Runtime
  ) throws {
    self.runtime = runtime
    var bound: [Work] = []
    var made: [Int: dnnl_memory_t] = unsafe [:]
    for step in steps {
      switch step.work {
      case .loop(let operands, let body):
        let pointers = unsafe operands.map { unsafe addresses[$0] }
        bound.append(.loop { key in unsafe body(pointers, key) })
      case .primitive(let descriptor, let arguments):
        var primitive: dnnl_primitive_t?
        try check("primitive_create") {
          unsafe dnnl_primitive_create(&primitive, descriptor.raw)
        }
        guard let primitive = unsafe primitive else {
          throw EngineError("oneDNN returned no primitive for \(step.label)")
        }
        let list = UnsafeMutablePointer<dnnl_exec_arg_t>.allocate(capacity: arguments.count)
        for (index, argument) in arguments.enumerated() {
          if unsafe made[argument.buffer] == nil {
            var memory: dnnl_memory_t?
            try check("memory_create") {
              unsafe dnnl_memory_create(
                &memory, buffers[argument.buffer].descriptor.raw, runtime.engine,
                addresses[argument.buffer])
            }
            unsafe made[argument.buffer] = memory
          }
          unsafe (list + index).initialize(
            to: dnnl_exec_arg_t(arg: argument.argument, memory: made[argument.buffer]))
        }
        bound.append(unsafe .primitive(primitive, list, Int32(arguments.count), label: step.label))
      }
    }
    work = bound
    unsafe memories = made
  }

  deinit {
    for item in work {
      if case .primitive(let primitive, let list, _, _) = item {
        unsafe dnnl_primitive_destroy(primitive)
        unsafe list.deallocate()
      }
    }
    unsafe memories.values.forEach { unsafe dnnl_memory_destroy($0) }
  }

  /// Runs the steps in order.
  func run(_ key: RunKey) { run(key) { _ in } }

  /// Runs the steps in order and calls `after` after each, with its place.
  ///
  /// The CPU's streams run a primitive within the call that executes it.
  func run(_ key: RunKey, after: (Int) throws -> Void) rethrows {
    let stream = unsafe runtime.stream
    for (place, item) in work.enumerated() {
      switch item {
      case .primitive(let primitive, let arguments, let count, let label):
        let status = unsafe dnnl_primitive_execute(primitive, stream, count, arguments)
        precondition(
          status == dnnl_success, "oneDNN refused to run \(label): status \(status.rawValue)")
      case .loop(let body): body(key)
      }
      try after(place)
    }
    unsafe dnnl_stream_wait(stream)
  }
}
