import Collective

// Groups that come and go while others work: what folds that share their ranks need.
extension Laws {
  static func checkRegrouping(on world: any Communicator) throws {
    try checkDisjointGroups(on: world)
    try checkOverlappingGroups(on: world)
    try checkManyGroups(on: world)
    try checkRefusedGroups(on: world)
    try world.barrier()
  }

  /// Several groups at a time, in an order of their own; rank 2 takes no part, and sends messages.
  private static func checkDisjointGroups(on world: any Communicator) throws {
    let teams = (0..<world.size).filter { $0 != 2 }.reduce(into: [[], []] as [[Int]]) {
      $0[$1 % 2].insert($1, at: 0)
    }
    if world.rank == 2 {
      for peer in [0, 1] { try world.send([peer].span, to: peer, tag: 11) }
    } else {
      let team = teams[world.rank % 2]
      let group = try world.group(of: team, name: "team")
      try expect(group.size == team.count, "size of a listed group")
      try expect(team[group.rank] == world.rank, "order of a listed group")
      try expect(group.name == "team", "name of a listed group")
      for round in 0..<3 {
        let numbers = try group.allGather([world.rank, round])
        try expect(numbers == team.flatMap { [$0, round] }, "a collective of a listed group")
      }
      _ = try checkOrderedSum(on: group, shardCount: 8, elementCount: 70, steps: 2)
      // A group of a group counts ranks as the group does, and is freed with it or before it.
      let reversed = Array((0..<group.size).reversed())
      let part = try group.group(of: reversed, name: "part")
      try expect(try part.allGather([world.rank]) == team.reversed(), "a group of a group")
      let other = try group.group(of: reversed, name: "part")
      try expect(try other.allGather([world.rank]) == team.reversed(), "another of the same")
      try part.free()
      try group.free()
    }
    if world.size > 2, world.rank < 2 {
      var one = [0]
      var span = one.mutableSpan
      try world.receive(into: &span, from: 2, tag: 11)
      try expect(one == [world.rank], "a message of a rank outside the groups")
    }
  }

  /// Pairs of neighbors, made one after another while the rest goes on.
  private static func checkOverlappingGroups(on world: any Communicator) throws {
    for first in 0..<max(world.size - 1, 0) where [first, first + 1].contains(world.rank) {
      let pair = try world.group(of: [first + 1, first], name: "pair \(first)")
      try expect(try pair.broadcast(world.rank, root: 0) == first + 1, "the pair after \(first)")
      try pair.free()
    }
    let alone = try world.group(of: [world.rank], name: "alone")
    try expect(alone.size == 1 && alone.rank == 0, "a group of one")
    try expect(try alone.allReduce(world.rank) == world.rank, "a collective of one")
    try alone.barrier()
    try alone.free()
  }

  /// Many groupings of the same ranks, with memory shared in each, at the price of one.
  private static func checkManyGroups(on world: any Communicator) throws {
    let turned = (0..<world.size).map { ($0 + 1) % world.size }
    for round in 0..<200 {
      let ranks = round % 2 == 0 ? Array(0..<world.size) : turned
      let group = try world.group(of: ranks, name: "again")
      try expect(try group.allGather([world.rank]) == ranks, "grouping \(round)")
      if round % 20 == 0 {
        _ = try checkOrderedSum(
          on: group, shardCount: 4, elementCount: 9, steps: 2,
          route: .sharedMemory(bucketLength: 5))
      }
      try group.free()
    }
  }

  private static func checkRefusedGroups(on world: any Communicator) throws {
    let outside = [(world.rank + 1) % world.size].filter { $0 != world.rank }
    for list in [
      [], outside, [world.rank, world.rank], [world.rank, world.size], [-1, world.rank],
    ] {
      do {
        _ = try world.group(of: list, name: "impossible")
        throw LawFailure("a group of \(list)")
      } catch let error as MPIError {
        try expect(error.kind == .rank, "a list is refused for its ranks, not \(error)")
        try expect(error.description.contains("does not list rank \(world.rank)"), "\(error)")
      }
    }
  }
}
