internal import Collective
internal import Compute
internal import Foundation

/// What a rank finds where the launcher has put it, as far as the others must know.
struct RankSituation: Codable, Equatable {
  /// The host's name.
  var host: String
  /// The processors that the rank may run on.
  var cores: [Int]
  /// The threads that it computes with.
  var threads: Int
  /// The engine, with its library's version.
  var engine: String
  /// The instructions that the engine uses.
  var instructionSet: String
  /// Variables of the environment on which a result may depend.
  var environment: [String: String]
  /// Whether whoever started the ranks permitted more threads than cores.
  var mayOversubscribe: Bool
  /// The bytes that the job may still take on the host; nil where nobody says.
  var availableMemory: Int?

  /// Variables that oneDNN and OpenMP change their arithmetic or their threads by; those that only
  /// make them talk are left out.
  static func relevant(in environment: [String: String]) -> [String: String] {
    let silent = ["VERBOSE", "JIT_DUMP", "JIT_PROFILE", "ITT_TASK", "PRIMITIVE_CACHE"]
    return environment.filter { name, _ in
      if ["OMP_DYNAMIC", "OMP_THREAD_LIMIT"].contains(name) { return true }
      return (name.hasPrefix("DNNL_") || name.hasPrefix("ONEDNN_"))
        && !silent.contains { name.contains($0) }
    }
  }

  /// Whether the launcher was told to start more than there is room for: `mpirun --oversubscribe`,
  /// `--map-by …:OVERSUBSCRIBE`, `--bind-to …:overload-allowed`, `srun --overcommit`; each leaves a
  /// variable.
  static func permitsOversubscription(in environment: [String: String]) -> Bool {
    let parameters = [
      "OMPI_MCA_rmaps_base_oversubscribe", "OMPI_MCA_rmaps_base_mapping_policy",
      "OMPI_MCA_hwloc_base_binding_policy", "PRTE_MCA_rmaps_default_mapping_policy",
      "PRTE_MCA_hwloc_default_binding_policy", "SLURM_OVERCOMMIT",
    ]
    return parameters.contains { name in
      let value = environment[name]?.lowercased() ?? ""
      if value.contains("nooversubscribe") { return false }
      return ["1", "true", "yes"].contains(value)
        || ["oversubscribe", "overload-allowed"].contains { value.contains($0) }
    }
  }

  /// What this process finds.
  init(threads: Int, engine: any Engine, world: any Communicator) {
    let environment = ProcessInfo.processInfo.environment
    let resources = HostResources()
    host = ProcessInfo.processInfo.hostName
    cores = resources.cores
    self.threads = threads
    self.engine = engine.name
    instructionSet = engine.instructionSet
    self.environment = Self.relevant(in: environment)
    // Threads of a process, and a run alone, are for tests and for a second look at a big run.
    mayOversubscribe =
      world.library == nil || Self.permitsOversubscription(in: environment)
    availableMemory = resources.availableMemory
  }

  /// A situation put together from its parts.
  init(
    host: String, cores: [Int], threads: Int = 1, engine: String = "engine",
    instructionSet: String = "instructions", environment: [String: String] = [:],
    mayOversubscribe: Bool = false, availableMemory: Int? = nil
  ) {
    self.host = host
    self.cores = cores
    self.threads = threads
    self.engine = engine
    self.instructionSet = instructionSet
    self.environment = environment
    self.mayOversubscribe = mayOversubscribe
    self.availableMemory = availableMemory
  }

  /// The situations of all ranks in rank order, on every rank; collective over `world`.
  func ofAll(_ world: any Communicator) throws -> [RankSituation] {
    let own = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    let texts = try world.gatherTexts(own) ?? []
    return try world.broadcast(texts.joined(separator: "\n"), root: 0).split(separator: "\n")
      .map { try JSONDecoder().decode(RankSituation.self, from: Data($0.utf8)) }
  }
}
