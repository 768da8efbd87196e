import CollectiveProbe
import CounterRandom
import Testing

@testable import Collective

@Suite("Sums in bfloat16")
struct BFloat16SumTests {
  @Test("One result on 1 to 9 ranks, whatever the sizes and routes", arguments: 1...9)
  func oneResult(ranks: Int) throws {
    for shardCount in [1, 2, 4, 8, 16] {
      var random = RandomStream(seed: 1, "sizes of bfloat16 sums", ranks, shardCount)
      // Once more than what is added up at a time.
      let elementCount = (ranks, shardCount) == (3, 4) ? 14_000 : random.integer(below: 500)
      let route: ReductionRoute =
        ranks % 2 == 0
        ? .sharedMemory(bucketLength: 50 + random.integer(below: 500))
        : .messages(bucketLength: elementCount / 2 + 1)
      let serial = try Laws.checkRoundedSum(
        on: SerialCommunicator(), shardCount: shardCount, elementCount: elementCount,
        route: .standard)
      let results = try InProcessCommunicator.run(ranks: ranks) { world in
        try Laws.checkRoundedSum(
          on: world, shardCount: shardCount, elementCount: elementCount, route: route)
      }
      #expect(
        results == [[UInt32]](repeating: serial, count: ranks),
        "\(shardCount) shards of \(elementCount) elements")
    }
  }

  /// The sums of steps of one reducer, with residuals handed over after `change` steps to a group of
  /// another size.
  private func sums(ranks: [Int], stepsEach: Int, count: Int) throws -> [[Float]] {
    var residuals: [[Float]] = []
    var sums: [[Float]] = []
    for (part, size) in ranks.enumerated() {
      let (before, start) = (residuals, part * stepsEach)
      let results = try InProcessCommunicator.run(ranks: size) { world in
        var reducer = try OrderedReducer(
          communicator: world, shardCount: 4, elementCount: count,
          route: .messages(bucketLength: 40), format: .bfloat16)
        for (index, residual) in before.enumerated() {
          reducer.setResidual(index, to: residual.span)
        }
        var sums: [[Float]] = []
        for step in start..<(start + stepsEach) {
          for shard in reducer.ownShards {
            try reducer.add(shard: shard, Laws.gradient(step, shard, count).span)
          }
          var sum = [Float](repeating: 0, count: count)
          var span = sum.mutableSpan
          try reducer.finish(into: &span)
          sums.append(sum)
        }
        var gathered: [[Float]] = []
        for index in reducer.residualNames.indices {
          if let one = try reducer.gatherResidual(index) { gathered.append(one) }
        }
        return (sums, gathered)
      }
      sums += results[0].0
      residuals = results[0].1
    }
    return sums
  }

  @Test(
    "Residuals go along when other ranks take over",
    arguments: [[1, 4, 2], [4, 1, 3], [3, 5, 2], [2, 2, 2], [5, 3, 1]])
  func handover(ranks: [Int]) throws {
    let whole = try sums(ranks: [1], stepsEach: 6, count: 130)
    #expect(try sums(ranks: ranks, stepsEach: 2, count: 130) == whole)
  }

  @Test("What rounding takes away comes back: the mean of the sums approaches the exact one")
  func feedback() throws {
    let (count, shardCount) = (200, 8)
    let shards = (0..<shardCount).map { Laws.gradient(1, $0, count) }
    let exact = (0..<count).map { index in shards.reduce(0) { $0 + Double($1[index]) } }
    // Half a unit in the last of eight bits of every node's value bounds what the nodes keep; sums in
    // Float add their own rounding each step.
    let sizes = (0..<count).map { index in
      shards.reduce(0) { $0 + abs(Double($1[index])) } * 4 * 1.01
    }
    var reducer = try OrderedReducer(
      communicator: SerialCommunicator(), shardCount: shardCount, elementCount: count,
      format: .bfloat16)
    var total = [Double](repeating: 0, count: count)
    var first: [Double] = []
    for step in 1...1000 {
      for (shard, gradient) in shards.enumerated() {
        try reducer.add(shard: shard, gradient.span)
      }
      var sum = [Float](repeating: 0, count: count)
      var span = sum.mutableSpan
      try reducer.finish(into: &span)
      for index in 0..<count { total[index] += Double(sum[index]) }
      if step == 1 { first = total }
      guard [1, 10, 100, 1000].contains(step) else { continue }
      for index in 0..<count {
        let error = abs(total[index] / Double(step) - exact[index])
        #expect(
          error <= sizes[index] * (0x1p-8 / Double(step) + 0x1p-23),
          "element \(index) after \(step) steps")
      }
    }
    // Rounding alone is off by much more than that, for most elements.
    let rounded = (0..<count).count { abs(first[$0] - exact[$0]) > sizes[$0] * 0x1p-8 / 100 }
    #expect(rounded > count / 2)
  }

  @Test("A message has half the bytes", arguments: [2, 3, 4, 7])
  func halfTheBytes(ranks: Int) throws {
    func bytes(_ format: WireFormat) throws -> [Int] {
      try InProcessCommunicator.run(ranks: ranks) { world in
        try OrderedReducer(
          communicator: world, shardCount: 4, elementCount: 1001,
          route: .messages(bucketLength: 100), format: format
        ).messageBytes
      }
    }
    let whole = try bytes(.float32)
    #expect(try bytes(.bfloat16).map { $0 * 2 } == whole)
    // Where P divides V, a ring's traffic: every rank sends (P - 1) / P of the elements twice.
    if 4 % ranks == 0 {
      #expect(whole.reduce(0, +) == 2 * (ranks - 1) * 1001 * 4)
    }
  }

  @Test(
    "Rounding is to the nearest, ties to even; what is not a number stays so",
    arguments: [
      // torch.tensor(x).bfloat16().float(), torch 2.13.0
      (1.0, 1.0), (1.003_906_25, 1.0), (1.011_718_75, 1.015_625), (1.004, 1.007_812_5),
      (-3.141_592_7, -3.140_625), (65_504, 65_536), (3.4e38, .infinity), (0x1.8p-133, 0x1p-132),
      (-0.0, -0.0), (.infinity, .infinity), (-.infinity, -.infinity),
    ] as [(Float, Float)])
  func rounding(value: Float, rounded: Float) throws {
    var reducer = try OrderedReducer(
      communicator: SerialCommunicator(), shardCount: 1, elementCount: 2, format: .bfloat16)
    // The second element tells that a NaN of any payload survives.
    let gradient = [value, Float(bitPattern: 0x7FFF_FFFF)]
    try reducer.add(shard: 0, gradient.span)
    var sum: [Float] = [0, 0]
    var span = sum.mutableSpan
    try reducer.finish(into: &span)
    #expect(sum[0] == rounded && sum[1].isNaN)
  }
}
