/// What is wrong with the way ranks were started; every rank comes to the same answer.
struct LaunchCheck {
  /// The situation of each rank.
  let ranks: [RankSituation]

  /// The first thing that keeps the run from starting; nil where it may start.
  var problem: String? {
    unlikeEngines ?? unlikeEnvironments ?? crowding.first { !$0.isPermitted }?.text
  }

  /// What is permitted and yet slow.
  var warnings: [String] { crowding.filter(\.isPermitted).map(\.fact) }

  /// The hosts in the order of their lowest ranks, with their ranks.
  var hosts: [(name: String, ranks: [Int])] {
    var hosts: [(name: String, ranks: [Int])] = []
    var places: [String: Int] = [:]
    for (rank, situation) in ranks.enumerated() {
      if let place = places[situation.host] {
        hosts[place].ranks.append(rank)
      } else {
        places[situation.host] = hosts.count
        hosts.append((situation.host, [rank]))
      }
    }
    return hosts
  }

  private func place(_ rank: Int) -> String { "rank \(rank) on host \(ranks[rank].host)" }

  private var unlikeEngines: String? {
    let first = ranks[0]
    if let rank = ranks.firstIndex(where: { $0.engine != first.engine }) {
      return
        "\(place(rank)) computes with \(ranks[rank].engine), \(place(0)) with \(first.engine), "
        + "so that their results differ: install the same version of the library on both"
    }
    if let rank = ranks.firstIndex(where: { $0.instructionSet != first.instructionSet }) {
      return "\(place(rank)) computes with the instruction set \(ranks[rank].instructionSet), "
        + "\(place(0)) with \(first.instructionSet), so that their results differ: set compute.isa to "
        + "the lesser of the two"
    }
    return nil
  }

  private var unlikeEnvironments: String? {
    let first = ranks[0].environment
    for (rank, situation) in ranks.enumerated() where situation.environment != first {
      let names = Set(first.keys).union(situation.environment.keys).sorted { $0.precedes($1) }
      guard let name = names.first(where: { first[$0] != situation.environment[$0] }) else {
        continue
      }
      func value(_ value: String?) -> String { value.map { "'\($0)'" } ?? "not set" }
      return "the variable \(name) is \(value(situation.environment[name])) for \(place(rank)) and "
        + "\(value(first[name])) for \(place(0)), so that their results may differ: set it alike "
        + "everywhere (mpirun -x \(name)), or nowhere"
    }
    return nil
  }

  /// A set of cores that has more threads than cores.
  private struct Crowd {
    var fact: String
    var remedy: String
    var text: String { "\(fact): \(remedy)" }
    var isPermitted: Bool
  }

  /// For every set of cores that some rank is confined to: the ranks that are confined to it or to
  /// part of it must find a core for each thread there.
  private var crowding: [Crowd] {
    hosts.flatMap { host -> [Crowd] in
      let sets = Dictionary(grouping: host.ranks) { Set(ranks[$0].cores) }
      let union = sets.keys.reduce(into: Set<Int>()) { $0.formUnion($1) }
      // Smaller sets first: they name the narrowest cause.
      let asked = Set(sets.keys).union([union])
        .sorted { ($0.count, $0.min() ?? 0) < ($1.count, $1.min() ?? 0) }
      let crowd = asked.lazy.compactMap { cores -> Crowd? in
        let inside = host.ranks.filter { cores.isSuperset(of: ranks[$0].cores) }
        let threads = inside.reduce(0) { $0 + ranks[$1].threads }
        guard threads > cores.count else { return nil }
        return makeCrowd(host.name, inside, threads: threads, cores: cores)
      }.first
      return crowd.map { [$0] } ?? []
    }
  }

  private func makeCrowd(_ host: String, _ inside: [Int], threads: Int, cores: Set<Int>) -> Crowd {
    let room = "\(count(cores.count, "core")) (\(HostResources.list(Array(cores))))"
    let permission = "or permit it with mpirun --oversubscribe (srun --overcommit)"
    let isPermitted = inside.allSatisfy { ranks[$0].mayOversubscribe }
    if inside.count == 1 {
      return Crowd(
        fact:
          "rank \(inside[0]) on host \(host) has \(count(threads, "thread")) for \(room), which "
          + "slows every step",
        remedy: "give each rank its cores with mpirun --map-by slot:PE=\(threads), lower "
          + "compute.threads, \(permission)", isPermitted: isPermitted)
    }
    return Crowd(
      fact: "\(inside.count) ranks on host \(host) have \(count(threads, "thread")) for \(room), "
        + "which slows every step",
      remedy: "start fewer ranks there, give each its own cores with mpirun --bind-to core, lower "
        + "compute.threads, \(permission)", isPermitted: isPermitted)
  }
}

/// A number with a noun, in the singular where it is one.
func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
