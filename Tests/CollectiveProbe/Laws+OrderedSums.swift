package import Collective

extension Laws {
  /// The ordered all-reduce against its definition, for several sizes and numbers of shards.
  static func checkOrderedSums(on world: any Communicator) throws -> String {
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for shardCount in [1, 2, 4, 8, 16] {
      for elementCount in [0, 1, 3, 5, 64, 9000] {
        let bits = try checkOrderedSum(
          on: world, shardCount: shardCount, elementCount: elementCount, steps: 2)
        for word in bits { digest = (digest ^ UInt64(word)) &* 0x100_0000_01b3 }
        // The same sums by other routes, or the check fails.
        guard elementCount < 100 || shardCount == 8 else { continue }
        let (small, large) = (elementCount / 5 + 1, elementCount / 2 + 1)
        var routes = [ReductionRoute.messages(bucketLength: small)]
        if [1, 5, 9000].contains(elementCount) {
          routes.append(.sharedMemory(bucketLength: large))
        }
        for route in routes {
          _ = try checkOrderedSum(
            on: world, shardCount: shardCount, elementCount: elementCount, steps: 2, route: route)
        }
      }
      try checkScalars(on: world, shardCount: shardCount)
      for word in try checkRoundedSums(on: world, shardCount: shardCount) {
        digest = (digest ^ UInt64(word)) &* 0x100_0000_01b3
      }
    }
    try checkRouteMeasurement(on: world)
    return String(digest, radix: 16)
  }

  /// Several steps with one reducer, each checked bit for bit.
  ///
  /// Every second step adds its gradients in three parts, from the end, polling in between.
  /// - Returns: The bits of the last step's sum.
  package static func checkOrderedSum(
    on world: any Communicator, shardCount: Int, elementCount: Int, steps: Int,
    route: ReductionRoute = .standard
  ) throws -> [UInt32] {
    var reducer = try OrderedReducer(
      communicator: world, shardCount: shardCount, elementCount: elementCount, route: route)
    var sum = [Float](repeating: .nan, count: elementCount)
    for step in 0..<steps {
      for shard in reducer.ownShards {
        let values = gradient(step, shard, elementCount)
        guard step % 2 == 1, elementCount > 0 else {
          try reducer.add(shard: shard, values.span)
          continue
        }
        // What is not known yet must not be read.
        var known = [Float](repeating: .nan, count: elementCount)
        for part in [2, 1, 0] {
          let range = (part * elementCount / 3)..<((part + 1) * elementCount / 3)
          guard !range.isEmpty else { continue }
          known.replaceSubrange(range, with: values[range])
          try reducer.add(shard: shard, elements: range, of: known.span)
          try reducer.poll()
        }
      }
      var span = sum.mutableSpan
      try reducer.finish(into: &span)
      let expected = treeSum(0..<shardCount) { gradient(step, $0, elementCount) }
      try expect(
        sum.map(\.bitPattern) == expected.map(\.bitPattern),
        "ordered sum of \(shardCount) shards of \(elementCount) elements, step \(step), \(route)")
    }
    return sum.map(\.bitPattern)
  }

  /// What is measured is plausible and the same on every rank.
  private static func checkRouteMeasurement(on world: any Communicator) throws {
    let found = try RouteMeasurement.take(over: world, shardCount: 8)
    try expect((found == nil) == (world.size == 1), "a group of one has no route")
    guard let found else { return }
    try expect(found.latency > 0 && found.bandwidth > 0, "a measured latency and bandwidth")
    let lines = try world.gatherTexts("\(found)") ?? []
    try expect(Set(lines).count <= 1, "one route for all ranks, not \(lines)")
    _ = try checkOrderedSum(
      on: world, shardCount: 8, elementCount: 1000, steps: 1, route: found.route)
  }

  private static func checkScalars(on world: any Communicator, shardCount: Int) throws {
    let own = OrderedReducer.shards(
      ofRank: world.rank, ranks: world.size, shardCount: shardCount)
    let width = 3
    func doubles(_ shard: Int) -> [Double] {
      gradient(7, shard, width).map { Double($0) * (1 / 3) }
    }
    let sums = try world.orderedSum(
      ofShards: own.flatMap(doubles), shardCount: shardCount, width: width)
    try expect(
      sums == treeSum(0..<shardCount, doubles), "ordered sum of scalars, \(shardCount) shards")

    // Flags travel along: those of all ranks arrive everywhere, and change nothing.
    for flag in [0, 1, 0x80, 0xFF] as [UInt8] {
      let culprit = world.size - 1
      let flagged = try world.orderedSum(
        ofShards: own.flatMap(doubles), shardCount: shardCount, width: width,
        flag: world.rank == culprit ? flag : 0)
      try expect(flagged.sum == sums, "a flag changes no bit of a sum")
      try expect(flagged.flags == flag, "a flag of rank \(culprit) is seen by all")
    }
    let bits = try world.orderedSum(
      ofShards: own.map { Float($0) }, shardCount: shardCount, flag: 1 << UInt8(world.rank % 8))
    let said = (0..<world.size).reduce(0 as UInt8) { $0 | 1 << UInt8($1 % 8) }
    try expect(bits.flags == said, "the flags of all ranks together")
    try expect(bits.sum == [Float(shardCount * (shardCount - 1) / 2)], "a sum beside flags")
  }

  /// The definition: a node is the sum of its left half and its right half.
  package static func treeSum<Element: FloatingPoint>(
    _ shards: Range<Int>, _ leaf: (Int) -> [Element]
  ) -> [Element] {
    if shards.count == 1 { return leaf(shards.lowerBound) }
    let middle = (shards.lowerBound + shards.upperBound) / 2
    let left = treeSum(shards.lowerBound..<middle, leaf)
    let right = treeSum(middle..<shards.upperBound, leaf)
    return zip(left, right).map { $0 + $1 }
  }

  /// Numbers of very unlike magnitudes, whose sum depends on the order in many bits.
  package static func gradient(_ step: Int, _ shard: Int, _ count: Int) -> [Float] {
    var state = UInt64(step) &* 1_000_003 &+ UInt64(shard) &* 7919 &+ 12_345
    return (0..<count).map { _ in
      // The MMIX generator (Knuth): good enough to scatter magnitudes over 2^-12 … 2^11.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let mantissa = Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
      let exponent = Int((state >> 24) % 24) - 12
      return Float(sign: .plus, exponent: exponent, significand: mantissa)
    }
  }
}
