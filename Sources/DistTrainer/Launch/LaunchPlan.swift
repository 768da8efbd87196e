internal import Collective
internal import Compute
internal import Foundation

/// How a run was started, found fit to begin: which ranks are where, and with what.
struct LaunchPlan {
  private let check: LaunchCheck
  private let transport: String?

  /// Refuses what cannot work or would give unlike results; collective over `world`.
  ///
  /// The configuration needs no comparison: rank 0 read it and sent it to all.
  /// - Parameters:
  ///   - dataset: the data set as this rank sees it.
  ///   - situation: what this rank finds.
  ///   - world: all ranks.
  ///   - threads: how many this rank may read files with.
  /// - Throws: ``LaunchError`` within an `AgreedError`.
  init(
    _ dataset: Dataset, _ situation: RankSituation, world: any Communicator, threads: Int = 1
  ) throws {
    let check = LaunchCheck(ranks: try situation.ofAll(world))
    let isRoot = world.rank == 0
    try world.agree { if isRoot, let problem = check.problem { throw LaunchError(problem) } }
    let difference = try DatasetAgreement(check: check)
      .difference(of: dataset, world: world, threads: threads)
    try world.agree { if isRoot, let difference { throw LaunchError(difference) } }
    self.check = check
    transport = world.library
  }

  /// Refuses folds that do not fit into memory; collective over `world`.
  ///
  /// - Returns: on rank 0, what the run says of its start; nothing elsewhere.
  /// - Throws: ``LaunchError`` within an `AgreedError`; `GraphError` or `EngineError` where the network
  ///   cannot be compiled.
  func begin(
    _ study: Study, folds: [Int], engine: any Engine, world: any Communicator
  ) throws -> [String] {
    try world.agree {
      guard world.rank == 0 else { return [] }
      let sideBySide = min(folds.count, world.size)
      let need = try MemoryNeed(
        study, folds: folds, engine: engine, ranks: world.size / sideBySide)
      try requireMemory(need, folds: sideBySide)
      return lines(need, folds: sideBySide, precision: study.experiment.precision(on: engine))
    }
  }

  /// Refuses what does not fit into memory.
  ///
  /// - Parameters:
  ///   - need: the memory that the run takes.
  ///   - folds: how many folds are trained side by side.
  /// - Throws: ``LaunchError``, on every rank that is asked.
  func requireMemory(_ need: MemoryNeed, folds: Int) throws(LaunchError) {
    for host in check.hosts {
      let needed = need.host(ranks: host.ranks.count, folds: folds)
      guard let available = available(host.ranks), needed > available else { continue }
      throw LaunchError(
        "host \(host.name) has \(Self.amount(available)) of memory available where its "
          + "\(count(host.ranks.count, "rank")) would take \(Self.amount(needed)): start fewer ranks there, lower "
          + "training.patch or training.shardSize, or ask the scheduler for more")
    }
  }

  /// What a run says of its start.
  ///
  /// - Parameters:
  ///   - need: the memory that it takes.
  ///   - folds: how many folds are trained side by side.
  ///   - precision: the arithmetic.
  /// - Returns: lines for the operator.
  func lines(_ need: MemoryNeed, folds: Int, precision: Precision) -> [String] {
    let first = check.ranks[0]
    let groups = alikeHosts
    var lines = groups.map { group in
      let cores = count(group.cores, "core")
      return "\(Self.enumeration(group.names)): \(count(group.ranks, "rank")) on \(cores), "
        + "\(count(first.threads, "thread")) a rank"
    }
    if let transport {
      let ways =
        check.hosts.count == 1
        ? "all ranks share memory"
        : check.hosts.count == check.ranks.count
          ? "all ranks speak over the network"
          : "ranks of a host share memory, hosts speak over the network"
      lines.append("\(transport): \(ways)")
    }
    lines.append("\(precision.rawValue) on \(first.engine) with \(first.instructionSet)")
    lines.append("memory: \(description(of: need, folds: folds))")
    lines += check.warnings.map { "permitted, but slow: \($0)" }
    return lines.map { "start: \($0)" }
  }

  private func description(of need: MemoryNeed, folds: Int) -> String {
    var parts = [
      "\(Self.amount(need.training)) to train", "\(Self.amount(need.prediction)) to predict",
    ]
    if need.ownVolumes > 0 { parts.append("\(Self.amount(need.ownVolumes)) of volumes") }
    var text = "\(Self.amount(need.rank)) a rank (\(parts.joined(separator: ", ")))"
    text += ", \(Self.amount(need.checkpoint)) for a fold's checkpoint"
    if need.sharedVolumes > 0 {
      text += ", \(Self.amount(need.sharedVolumes)) of volumes that a host's ranks share"
    }
    // The host with the least to spare.
    let spare = check.hosts.compactMap { host -> (name: String, needed: Int, available: Int)? in
      available(host.ranks).map {
        (host.name, need.host(ranks: host.ranks.count, folds: folds), $0)
      }
    }.min { $0.available - $0.needed < $1.available - $1.needed }
    if let spare {
      text +=
        "; \(spare.name) needs \(Self.amount(spare.needed)) of \(Self.amount(spare.available)) "
        + "available"
    }
    return text
  }

  /// What the ranks of a host may take together: each is told the same unless limits are a rank's own,
  /// and then the least counts.
  private func available(_ ranks: [Int]) -> Int? {
    ranks.compactMap { check.ranks[$0].availableMemory }.min()
  }

  /// Hosts with as many ranks and cores, together.
  private var alikeHosts: [(names: [String], ranks: Int, cores: Int)] {
    var groups: [(names: [String], ranks: Int, cores: Int)] = []
    for host in check.hosts {
      let cores = host.ranks.reduce(into: Set<Int>()) { $0.formUnion(check.ranks[$1].cores) }.count
      if let place = groups.firstIndex(where: { $0.ranks == host.ranks.count && $0.cores == cores })
      {
        groups[place].names.append(host.name)
      } else {
        groups.append(([host.name], host.ranks.count, cores))
      }
    }
    return groups
  }

  private static func enumeration(_ names: [String]) -> String {
    guard names.count > 1 else { return names.joined() }
    let named = names.count > 4 ? Array(names.prefix(2)) : names
    let rest = names.count - named.count
    return named.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "") + ", each"
  }

  /// An amount of memory in GiB, or in MiB where it is less than one.
  static func amount(_ bytes: Int) -> String {
    if bytes < 1 << 30 { return TextTable.mebibytes(bytes) }
    return "\((Double(bytes) / 0x1p30 * 10).rounded() / 10) GiB"
  }
}
