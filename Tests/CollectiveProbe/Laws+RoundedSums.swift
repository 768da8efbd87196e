package import Collective

extension Laws {
  /// Sums in bfloat16 against their definition, for several routes and buckets, with a change of
  /// reducers in the middle.
  /// - Returns: The bits of the last sums.
  static func checkRoundedSums(
    on world: any Communicator, shardCount: Int
  ) throws -> [UInt32] {
    var last: [UInt32] = []
    for elementCount in [0, 5, 120] {
      var routes = [ReductionRoute.messages(bucketLength: elementCount / 3 + 1)]
      if shardCount == 8 { routes += [.standard, .sharedMemory(bucketLength: 50)] }
      for route in routes {
        last = try checkRoundedSum(
          on: world, shardCount: shardCount, elementCount: elementCount, route: route)
      }
    }
    return last
  }

  /// Three steps; the residuals, gathered; three steps of another reducer that takes them up.
  package static func checkRoundedSum(
    on world: any Communicator, shardCount: Int, elementCount: Int, route: ReductionRoute
  ) throws -> [UInt32] {
    var expected = RoundedTree(shardCount: shardCount, elementCount: elementCount)
    var sum = [Float](repeating: .nan, count: elementCount)
    for half in 0..<2 {
      var reducer = try OrderedReducer(
        communicator: world, shardCount: shardCount, elementCount: elementCount, route: route,
        format: .bfloat16)
      try expect(reducer.residualNames.count == 2 * shardCount - 1, "a residual a node")
      if half > 0 {
        for (index, residual) in expected.residuals.joined().enumerated() {
          reducer.setResidual(index, to: residual.span)
        }
      }
      for step in (3 * half)..<(3 * half + 3) {
        for shard in reducer.ownShards {
          try reducer.add(shard: shard, gradient(step, shard, elementCount).span)
        }
        var span = sum.mutableSpan
        try reducer.finish(into: &span)
        let wanted = expected.sum { gradient(step, $0, elementCount) }
        try expect(
          sum.map(\.bitPattern) == wanted.map(\.bitPattern),
          "bfloat16 sum of \(shardCount) shards of \(elementCount) elements, step \(step), \(route)"
        )
      }
      let root = half % world.size
      for (index, residual) in expected.residuals.joined().enumerated() {
        let found = try reducer.gatherResidual(index, root: root)
        try expect(
          found?.map(\.bitPattern) == (world.rank == root ? residual.map(\.bitPattern) : nil),
          "\(reducer.residualNames[index]) of \(shardCount) shards, \(route)")
      }
    }
    return sum.map(\.bitPattern)
  }
}
