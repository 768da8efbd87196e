package import Collective

/// A law that does not hold.
package struct LawFailure: Error, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// What every communicator must do, checked by each rank for itself.
///
/// Expected values are closed forms of ranks and indices, never the result of another collective.
package enum Laws {
  /// Checks every law.
  /// - Returns: A digest of all ordered sums, which no number of ranks may change.
  package static func checkAll(on world: any Communicator) throws -> String {
    try checkCollectives(on: world)
    try checkMessages(on: world)
    try checkRequests(on: world)
    try checkGroups(on: world)
    try checkRegrouping(on: world)
    try checkErrors(on: world)
    try checkAgreement(on: world)
    return try checkOrderedSums(on: world)
  }

  static func expect(
    _ condition: Bool, _ law: @autoclosure () -> String, line: Int = #line
  ) throws {
    guard condition else { throw LawFailure("\(law()) (line \(line))") }
  }

  /// An element that says whom it comes from, whom it is for, and where it stands.
  static func mark<Element: Wire & BinaryInteger>(
    _ source: Int, _ destination: Int, _ index: Int
  ) -> Element {
    Element(truncatingIfNeeded: (source * 31 + destination * 7 + index) % 101)
  }

  static func mark<Element: Wire & BinaryFloatingPoint>(
    _ source: Int, _ destination: Int, _ index: Int
  ) -> Element {
    Element((source * 31 + destination * 7 + index) % 101) + 0.25
  }
}

// MARK: - Point to point

extension Laws {
  static func checkMessages(on world: any Communicator) throws {
    let right = (world.rank + 1) % world.size
    let left = (world.rank + world.size - 1) % world.size
    for count in [0, 1, 3000] {
      let outgoing: [Double] = (0..<count).map { mark(world.rank, right, $0) }
      var incoming = [Double](repeating: -1, count: count)
      var span = incoming.mutableSpan
      try world.sendReceive(outgoing.span, to: right, into: &span, from: left, tag: 5)
      let expected: [Double] = (0..<count).map { mark(left, world.rank, $0) }
      try expect(incoming == expected, "sendReceive around the ring, \(count)")
    }

    // Tags keep messages apart, whatever the order of receiving.
    try world.send([world.rank, 1].span, to: right, tag: 1)
    try world.send([world.rank, 2].span, to: right, tag: 2)
    for tag in [2, 1] {
      var pair = [0, 0]
      var span = pair.mutableSpan
      try world.receive(into: &span, from: left, tag: tag)
      try expect(pair == [left, tag], "message with tag \(tag)")
    }

    // Messages with one tag keep their order.
    for number in 0..<4 { try world.send([number].span, to: right, tag: 3) }
    for number in 0..<4 {
      var one = [-1]
      var span = one.mutableSpan
      try world.receive(into: &span, from: left, tag: 3)
      try expect(one == [number], "order of messages")
    }

    // Arrays of unknown length from whoever comes first.
    try world.sendArray([Float](repeating: Float(world.rank), count: world.rank * 700), to: 0)
    if world.rank == 0 {
      var seen = Set<Int>()
      for _ in 0..<world.size {
        let source = try world.probe(tag: 0)
        let array = try world.receiveArray(of: Float.self, from: source)
        try expect(
          array == [Float](repeating: Float(source), count: source * 700), "array of \(source)")
        seen.insert(source)
      }
      try expect(seen.count == world.size, "an array from every rank")
    }
    try world.barrier()
  }

  static func checkRequests(on world: any Communicator) throws {
    let right = (world.rank + 1) % world.size
    let left = (world.rank + world.size - 1) % world.size
    for count in [0, 1, 2500] {
      let outgoing: [Int32] = (0..<count).map { mark(world.rank, right, $0) }
      let receive = try world.startReceive(into: WireBuffer<Int32>(count: count), from: left)
      let send = try world.startSend(WireBuffer(copying: outgoing.span), to: right)
      try expect(try receive.wait().array == (0..<count).map { mark(left, world.rank, $0) }, "ring")
      try expect(try send.wait().array == outgoing, "a sent buffer comes back as it was")

      let sum = try world.startAllReduce(
        WireBuffer(copying: [Int](repeating: world.rank + 1, count: count).span))
      var polls = 0
      while try !sum.test() { polls += 1 }
      let total = world.size * (world.size + 1) / 2
      try expect(try sum.wait().array == [Int](repeating: total, count: count), "all-reduce")

      let root = count % world.size
      let own = [UInt8](repeating: UInt8(world.rank), count: count)
      let copy = try world.startBroadcast(WireBuffer(copying: own.span), root: root)
      try expect(
        try copy.wait().array == [UInt8](repeating: UInt8(root), count: count), "broadcast")
      _ = try world.startBarrier().wait()
    }
    // A request that is dropped is waited for: the message does not disturb the next one.
    if world.rank == 0 {
      _ = try world.startSend(WireBuffer(copying: [7, 7].span), to: world.size - 1, tag: 9)
    }
    if world.rank == world.size - 1 {
      _ = try world.startReceive(into: WireBuffer<Int>(count: 2), from: 0, tag: 9)
    }
    try world.barrier()
  }
}

// MARK: - Groups

extension Laws {
  static func checkGroups(on world: any Communicator) throws {
    // Even and odd ranks, in reverse order; rank 2 stays out.
    let color: Int? = world.rank == 2 ? nil : world.rank % 2
    let group = try world.split(color: color, key: -world.rank, name: "parity")
    try expect((group == nil) == (world.rank == 2), "a rank without color has no group")
    if let group {
      let members = (0..<world.size).filter { $0 != 2 && $0 % 2 == color }.reversed() as [Int]
      try expect(group.size == members.count, "size of the group")
      try expect(members[group.rank] == world.rank, "order of the group")
      try expect(group.name == "parity", "name of the group")
      let numbers = try group.allGather([world.rank])
      try expect(numbers == members, "a collective of the group")
    }

    // Messages of a duplicate cannot meet those of the original.
    let copy = try world.duplicate(name: "copy")
    try expect(copy.rank == world.rank && copy.size == world.size, "a duplicate is the same group")
    let right = (world.rank + 1) % world.size
    let left = (world.rank + world.size - 1) % world.size
    try world.send([1].span, to: right)
    try copy.send([2].span, to: right)
    for (communicator, expected) in [(copy, 2), (world, 1)] {
      var one = [0]
      var span = one.mutableSpan
      try communicator.receive(into: &span, from: left)
      try expect(one == [expected], "message on \(communicator.name)")
    }
  }
}

// MARK: - Errors

extension Laws {
  static func checkErrors(on world: any Communicator) throws {
    try expect(kind { try world.send([1].span, to: world.size) } == .rank, "no such rank")
    try expect(kind { try world.send([1].span, to: 0, tag: -1) } == .tag, "no such tag")
    try expect(kind { _ = try world.broadcast(1, root: -1) } == .root, "no such root")

    // A message of another length than its buffer, to itself; then all is well again.
    for (sent, expected) in [(2, 1), (1, 2), (0, 3)] {
      try world.send([Int](repeating: 4, count: sent).span, to: world.rank, tag: 4)
      var buffer = [Int](repeating: 0, count: expected)
      var span = buffer.mutableSpan
      do {
        try world.receive(into: &span, from: world.rank, tag: 4)
        throw LawFailure("\(sent) elements were received as \(expected)")
      } catch let error as MPIError {
        try expect(error.kind == .length, "length error, not \(error)")
        try expect(error.communicator == world.name, "an error names the communicator")
        try expect(error.description.contains("'\(world.name)' failed: "), "a sentence: \(error)")
      }
    }
    // The same through both forms that wait for a message in flight.
    let right = (world.rank + 1) % world.size
    let left = (world.rank + world.size - 1) % world.size
    for (sent, expected) in [(2, 1), (1, 2)] {
      let outgoing = [Int](repeating: 4, count: sent)
      var buffer = [Int](repeating: 0, count: expected)
      var span = buffer.mutableSpan
      do {
        try world.sendReceive(outgoing.span, to: right, into: &span, from: left, tag: 6)
        throw LawFailure("sendReceive took \(sent) elements for \(expected)")
      } catch let error as MPIError {
        try expect(error.kind == .length, "length error of sendReceive, not \(error)")
      }
      try world.send(outgoing.span, to: world.rank, tag: 6)
      do {
        let buffer = WireBuffer<Int>(count: expected)
        _ = try world.startReceive(into: buffer, from: world.rank, tag: 6).wait()
        throw LawFailure("a request took \(sent) elements for \(expected)")
      } catch let error as MPIError {
        try expect(error.kind == .length, "length error of a request, not \(error)")
      }
    }
    try world.barrier()
  }

  private static func kind(_ body: () throws -> Void) -> MPIError.Kind? {
    do { try body() } catch { return (error as? MPIError)?.kind }
    return nil
  }

  static func checkAgreement(on world: any Communicator) throws {
    try expect(try world.agree { world.rank } == world.rank, "agreement on success")
    for culprit in 0..<world.size {
      do {
        try world.agree { if world.rank >= culprit { throw LawFailure("fault \(world.rank)") } }
        throw LawFailure("rank \(culprit) failed and no one heard")
      } catch let error as AgreedError {
        let expected = AgreedError(
          rank: culprit, failures: world.size - culprit, message: "fault \(culprit)",
          size: world.size)
        try expect(error == expected, "one error everywhere, not \(error)")
      }
    }
    // An error without words is an error too.
    do {
      try world.agree { if world.rank == 0 { throw LawFailure("") } }
      throw LawFailure("a wordless error was lost")
    } catch is AgreedError {}
  }
}
