internal import CMPI

// The collectives whose parts may differ in length.
//
// The library's own calls take byte offsets as C ints. All ranks know all lengths, so all see alike
// when the offsets would not fit, and exchange messages instead.
extension MPICommunicator {
  func gather(
    bytes: RawSpan, into result: inout MutableRawSpan, blocks: Blocks, root: Int
  ) throws {
    try check(root: root, operation: "MPI_Gatherv")
    try unsafe bytes.withUnsafeBytes { input in
      try unsafe result.withUnsafeMutableBytes { output in
        try flight.record(.gather, byteCount: input.count) {
          guard blocks.total(ranks: size) <= chunkLimit else {
            try unsafe exchange(
              input, to: root..<(root + 1), at: { _ in 0..<input.count },
              output, from: rank == root ? 0..<size : 0..<0, at: blocks.range(of:))
            return
          }
          try unsafe withLayout(of: blocks) { counts, offsets in
            try check(
              unsafe MPI_Gatherv(
                input.baseAddress, Int32(input.count), cmpi_byte(), output.baseAddress, counts,
                offsets, cmpi_byte(), Int32(root), handle.communicator), "MPI_Gatherv")
          }
        }
      }
    }
  }

  func allGather(bytes: inout MutableRawSpan, blocks: Blocks) throws {
    try unsafe bytes.withUnsafeMutableBytes { buffer in
      try flight.record(.allGather, byteCount: buffer.count) {
        guard blocks.total(ranks: size) <= chunkLimit else {
          // The part sent is in place already and overlaps none that is received.
          let own = blocks.range(of: rank)
          try unsafe exchange(
            UnsafeRawBufferPointer(buffer), to: 0..<size, at: { _ in own },
            buffer, from: 0..<size, at: blocks.range(of:))
          return
        }
        try unsafe withLayout(of: blocks) { counts, offsets in
          try check(
            unsafe MPI_Allgatherv(
              cmpi_in_place(), 0, cmpi_byte(), buffer.baseAddress, counts, offsets, cmpi_byte(),
              handle.communicator), "MPI_Allgatherv")
        }
      }
    }
  }

  func scatter(
    bytes: RawSpan, into result: inout MutableRawSpan, blocks: Blocks, root: Int
  ) throws {
    try check(root: root, operation: "MPI_Scatterv")
    try unsafe bytes.withUnsafeBytes { input in
      try unsafe result.withUnsafeMutableBytes { output in
        try flight.record(.scatter, byteCount: output.count) {
          guard blocks.total(ranks: size) <= chunkLimit else {
            try unsafe exchange(
              input, to: rank == root ? 0..<size : 0..<0, at: blocks.range(of:),
              output, from: root..<(root + 1), at: { _ in 0..<output.count })
            return
          }
          try unsafe withLayout(of: blocks) { counts, offsets in
            try check(
              unsafe MPI_Scatterv(
                input.baseAddress, counts, offsets, cmpi_byte(), output.baseAddress,
                Int32(output.count), cmpi_byte(), Int32(root), handle.communicator), "MPI_Scatterv")
          }
        }
      }
    }
  }

  /// Always by messages: here a rank knows its own lengths only, so ranks could disagree about
  /// which way to take. The library's own algorithm for few ranks does the same.
  func allToAll(
    bytes: RawSpan, blocks: Blocks, into result: inout MutableRawSpan, received: Blocks
  ) throws {
    try unsafe bytes.withUnsafeBytes { input in
      try unsafe result.withUnsafeMutableBytes { output in
        try flight.record(.allToAll, byteCount: input.count) {
          try unsafe exchange(
            input, to: 0..<size, at: blocks.range(of:), output, from: 0..<size,
            at: received.range(of:))
        }
      }
    }
  }

  func sendReceive(
    bytes: RawSpan, to destination: Int, into result: inout MutableRawSpan, from source: Int,
    tag: Int
  ) throws {
    try check(peer: destination, tag: tag, operation: "MPI_Isend")
    try check(peer: source, tag: tag, operation: "MPI_Irecv")
    guard destination != rank || source != rank else {
      // Open MPI 4.1 cuts a message to oneself short without a word if the receive comes first.
      try check(
        received: bytes.byteCount, expected: result.byteCount, from: rank, operation: "MPI_Irecv")
      result.copy(bytes)
      return
    }
    try unsafe bytes.withUnsafeBytes { input in
      try unsafe result.withUnsafeMutableBytes { output in
        try flight.record(.sendReceive, byteCount: input.count) {
          let incoming = try unsafe receiving(output, from: source, tag: tag)
          let outgoing = try unsafe sending(input, to: destination, tag: tag)
          try MPIPendingOperation.wait(for: [incoming, outgoing])
        }
      }
    }
  }

  /// Sends parts of one buffer and receives parts of another, all at once; a rank's part for
  /// itself is copied, and empty parts are not sent.
  private func exchange(
    _ input: UnsafeRawBufferPointer, to destinations: Range<Int>, at outgoing: (Int) -> Range<Int>,
    _ output: UnsafeMutableRawBufferPointer, from sources: Range<Int>,
    at incoming: (Int) -> Range<Int>
  ) throws {
    var pending: [MPIPendingOperation] = []
    for source in sources where source != rank {
      let part = incoming(source)
      guard !part.isEmpty else { continue }
      pending.append(
        try unsafe receiving(
          UnsafeMutableRawBufferPointer(rebasing: output[part]), from: source, tag: Tags.exchange))
    }
    for destination in destinations where destination != rank {
      let part = outgoing(destination)
      guard !part.isEmpty else { continue }
      pending.append(
        try unsafe sending(
          UnsafeRawBufferPointer(rebasing: input[part]), to: destination, tag: Tags.exchange))
    }
    if destinations.contains(rank) && sources.contains(rank) {
      let source = unsafe UnsafeRawBufferPointer(rebasing: input[outgoing(rank)])
      let target = unsafe UnsafeMutableRawBufferPointer(rebasing: output[incoming(rank)])
      if unsafe !source.isEmpty && source.baseAddress != UnsafeRawPointer(target.baseAddress) {
        unsafe target.copyMemory(from: source)
      }
    }
    try MPIPendingOperation.wait(for: pending)
  }

  /// Runs `body` with each rank's count and offset in bytes, as C ints on the stack.
  private func withLayout(
    of blocks: Blocks,
    _ body: (UnsafePointer<Int32>?, UnsafePointer<Int32>?) throws -> Void
  ) throws {
    try unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * size) { layout in
      var offset: Int32 = 0
      for peer in 0..<size {
        let count = Int32(blocks.length(of: peer))
        unsafe layout[peer] = count
        unsafe layout[size + peer] = offset
        offset += count
      }
      try unsafe body(
        UnsafePointer(layout.baseAddress),
        UnsafePointer(layout.baseAddress.map { unsafe $0 + size }))
    }
  }
}
