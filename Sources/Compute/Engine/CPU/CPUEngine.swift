internal import CDNNL
internal import Synchronization

/// Runs graphs on this process's processors with oneDNN.
///
/// One compute thread a process may use it: oneDNN's OpenMP team belongs to the calling thread.
public final class CPUEngine: Engine {
  /// The size of the OpenMP team.
  public let threads: Int

  /// An engine with a team of `threads`.
  ///
  /// - Parameters:
  ///   - threads: the size of the OpenMP team, at least 1.
  ///   - instructionSet: pins oneDNN to at most this instruction set, so that unlike hosts agree;
  ///     must be chosen before the first primitive of the process. nil leaves it to the processor.
  /// - Throws: ``EngineError`` where the library is too old or the instruction set is fixed already.
  public init(threads: Int, instructionSet: InstructionSet? = nil) throws {
    precondition(threads > 0, "an engine needs a thread")
    self.threads = threads
    let version = unsafe dnnl_version().pointee
    let found = unsafe (Int(version.major), Int(version.minor))
    guard found.0 == Int(DNNL_VERSION_MAJOR), found.1 >= Int(DNNL_VERSION_MINOR) else {
      throw EngineError(
        "the oneDNN loaded is \(found.0).\(found.1), but segmpi was built for "
          + "\(DNNL_VERSION_MAJOR).\(DNNL_VERSION_MINOR); install that version or build again")
    }
    if let instructionSet {
      try check("set_max_cpu_isa") { dnnl_set_max_cpu_isa(instructionSet.raw) }
    }
  }

  /// Library and version.
  public var name: String {
    let version = unsafe dnnl_version().pointee
    return unsafe "cpu-onednn-\(version.major).\(version.minor).\(version.patch)"
  }

  /// oneDNN's name for the largest instruction set it uses here.
  public var instructionSet: String { InstructionSet.effective }

  /// bfloat16 where the processor multiplies it natively.
  public var preferredPrecision: Precision {
    InstructionSet.multipliesBFloat16 ? .bfloat16 : .float32
  }

  /// Room in the memory of this process.
  public func makeParameterStore(for table: ParameterTable) -> any ParameterStore {
    HostParameterStore(table: table)
  }

  /// Lowers the graph and lays out its memory without allocating it.
  public func estimateMemory(of graph: Graph, precision: Precision) throws -> MemoryEstimate {
    try lower(graph, precision).planMemory()
  }

  /// Lowers the graph and binds it to memory.
  public func compile(
    _ graph: Graph, parameters: any ParameterStore, precision: Precision
  ) throws -> any Plan {
    guard let store = parameters as? HostParameterStore else {
      throw EngineError("the parameters belong to another engine")
    }
    guard store.table.elementCount == graph.parameters.elementCount,
      zip(store.table.entries, graph.parameters.entries).allSatisfy({
        $0.name == $1.name && $0.shape == $1.shape
      })
    else { throw EngineError("the parameters belong to another network") }
    return try CPUPlan(lower(graph, precision), store: store)
  }

  /// Spreads the calls over the OpenMP team: each thread takes the next index once it is free.
  public func perform(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let team = min(count, threads)
    let next = Atomic(0)
    Runtime.parallel(blocks: team, threads: team) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
  }

  private func lower(_ graph: Graph, _ precision: Precision) throws -> Lowering {
    let runtime = try Runtime(threads: threads)
    runtime.claimTeam()
    let resolved = precision == .automatic ? preferredPrecision : precision
    return try Lowering(graph, precision: resolved, runtime: runtime)
  }
}

/// An instruction set that oneDNN can be held to.
public enum InstructionSet: String, Codable, Sendable, CaseIterable {
  case sse41
  case avx2
  case avx512 = "avx512_core"
  case avx512BFloat16 = "avx512_core_bf16"

  var raw: dnnl_cpu_isa_t {
    switch self {
    case .sse41: dnnl_cpu_isa_sse41
    case .avx2: dnnl_cpu_isa_avx2
    case .avx512: dnnl_cpu_isa_avx512_core
    case .avx512BFloat16: dnnl_cpu_isa_avx512_core_bf16
    }
  }

  /// The name of what oneDNN uses on this processor.
  static var effective: String {
    switch dnnl_get_effective_cpu_isa() {
    case dnnl_cpu_isa_sse41: "sse41"
    case dnnl_cpu_isa_avx: "avx"
    case dnnl_cpu_isa_avx2: "avx2"
    case dnnl_cpu_isa_avx512_core: "avx512_core"
    case dnnl_cpu_isa_avx512_core_vnni: "avx512_core_vnni"
    case dnnl_cpu_isa_avx512_core_bf16: "avx512_core_bf16"
    case let other: "isa\(other.rawValue)"
    }
  }

  /// Whether oneDNN has bfloat16 dot products at hand.
  static var multipliesBFloat16: Bool {
    dnnl_get_effective_cpu_isa().rawValue & dnnl_cpu_isa_avx512_core_bf16.rawValue
      == dnnl_cpu_isa_avx512_core_bf16.rawValue
  }
}
