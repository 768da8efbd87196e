internal import CMPI
internal import Synchronization

/// A group of ranks that are processes under an MPI launcher.
///
/// ``MPIEnvironment`` makes the first one. A deinitializer frees nothing, since freeing is collective:
/// ``free()`` does, or finalization.
final class MPICommunicator: Communicator {
  let name: String
  let rank: Int
  let size: Int
  var library: String? { MPICall.libraryVersion }
  let flight: FlightRecorder.Lane
  /// No other group of this process ever has it.
  let number: Int
  private let openHandle: MPIHandle
  private let isFreed = Atomic<Bool>(false)
  // The groups made of this one, which are freed with it.
  private let groups = Mutex<[MPICommunicator]>([])
  private static let count = Atomic<Int>(0)
  /// The longest count that one call is given; smaller in tests of the division.
  let chunkLimit: Int

  init(
    _ handle: MPIHandle, name: String, chunkLimit: Int, flight: FlightRecorder.Lane
  ) throws {
    var rank: Int32 = 0
    var size: Int32 = 0
    try MPICall.check(
      unsafe MPI_Comm_rank(handle.communicator, &rank), "MPI_Comm_rank", on: name)
    try MPICall.check(
      unsafe MPI_Comm_size(handle.communicator, &size), "MPI_Comm_size", on: name)
    // The name is for the library's own messages; ours use the property.
    let label = String(name.unicodeScalars.prefix(Int(MPI_MAX_OBJECT_NAME) / 4 - 1))
    try MPICall.check(
      unsafe label.withCString { unsafe MPI_Comm_set_name(handle.communicator, $0) },
      "MPI_Comm_set_name", on: name)
    openHandle = handle
    number = Self.count.add(1, ordering: .relaxed).newValue
    self.flight = flight
    self.name = name
    self.rank = Int(rank)
    self.size = Int(size)
    self.chunkLimit = chunkLimit
  }

  /// The library's handle, as long as there is one.
  var handle: MPIHandle {
    precondition(!isFreed.load(ordering: .relaxed), "the group '\(name)' was freed")
    return openHandle
  }

  func split(color: Int?, key: Int, name: String) throws -> (any Communicator)? {
    precondition(color ?? 0 >= 0, "a color is not negative")
    let color32 = color.map { Int32($0) } ?? MPI_UNDEFINED
    var group = unsafe cmpi_comm_null()
    try flight.record(.split) {
      try check(
        unsafe MPI_Comm_split(handle.communicator, color32, Int32(key), &group), "MPI_Comm_split")
    }
    guard color != nil, let group = unsafe group else { return nil }
    return try unsafe owned(MPIHandle(group), name: name)
  }

  func group(of ranks: [Int], name: String) throws -> any Communicator {
    try check(members: ranks, operation: "MPI_Comm_create_group")
    var made = unsafe cmpi_comm_null()
    try flight.record(.group) {
      var all = unsafe cmpi_group_null()
      try check(unsafe MPI_Comm_group(handle.communicator, &all), "MPI_Comm_group")
      defer { _ = unsafe MPI_Group_free(&all) }
      var listed = unsafe cmpi_group_null()
      let members = ranks.map { Int32($0) }
      try check(
        unsafe MPI_Group_incl(all, Int32(members.count), members, &listed), "MPI_Group_incl")
      defer { _ = unsafe MPI_Group_free(&listed) }
      // The tag is not one of messages. All calls may share it: two ranks make groups in one order.
      try check(
        unsafe MPI_Comm_create_group(handle.communicator, listed, 0, &made),
        "MPI_Comm_create_group")
    }
    guard let made = unsafe made else {
      throw failure(.environment, "the library made no group of \(ranks)", "MPI_Comm_create_group")
    }
    return try unsafe owned(MPIHandle(made), name: name)
  }

  private func owned(_ handle: MPIHandle, name: String) throws -> MPICommunicator {
    let made = try MPICommunicator(
      handle, name: name, chunkLimit: chunkLimit, flight: flight.lane(of: name))
    groups.withLock { groups in
      groups.removeAll { $0.isFreed.load(ordering: .relaxed) }
      groups.append(made)
    }
    return made
  }

  func free() throws {
    var group: MPI_Comm? = unsafe handle.communicator
    precondition(unsafe group != cmpi_comm_world(), "the first group of all cannot be freed")
    // In the order of their making, which is the same on all ranks of each.
    for group in groups.withLock({ $0 }) where !group.isFreed.load(ordering: .relaxed) {
      try group.free()
    }
    try flight.record(.free) {
      try freeWindows()
      try check(unsafe MPI_Comm_free(&group), "MPI_Comm_free")
    }
    isFreed.store(true, ordering: .relaxed)
  }

  func barrier() throws {
    try flight.record(.barrier) {
      try check(unsafe MPI_Barrier(handle.communicator), "MPI_Barrier")
    }
  }

  func broadcast(bytes: inout MutableRawSpan, root: Int) throws {
    try check(root: root, operation: "MPI_Bcast")
    try unsafe bytes.withUnsafeMutableBytes { buffer in
      try flight.record(.broadcast, byteCount: buffer.count) {
        for chunk in chunks(of: buffer.count) {
          try check(
            unsafe MPI_Bcast(
              buffer.at(chunk.lowerBound), Int32(chunk.count), cmpi_byte(), Int32(root),
              handle.communicator), "MPI_Bcast")
        }
      }
    }
  }

  func reduce(
    bytes: RawSpan, into result: inout MutableRawSpan, of type: WireType, by reduction: Reduction,
    root: Int
  ) throws {
    try check(root: root, operation: "MPI_Reduce")
    try unsafe bytes.withUnsafeBytes { input in
      try unsafe result.withUnsafeMutableBytes { output in
        try flight.record(.reduce, byteCount: input.count) {
          for chunk in chunks(of: input.count / type.byteCount) {
            let start = chunk.lowerBound * type.byteCount
            try check(
              unsafe MPI_Reduce(
                input.at(start), rank == root ? output.at(start) : nil, Int32(chunk.count),
                type.datatype, reduction.operation, Int32(root), handle.communicator), "MPI_Reduce")
          }
        }
      }
    }
  }

  func allReduce(
    bytes: inout MutableRawSpan, of type: WireType, by reduction: Reduction
  ) throws {
    try unsafe bytes.withUnsafeMutableBytes { buffer in
      try flight.record(.allReduce, byteCount: buffer.count) {
        for chunk in chunks(of: buffer.count / type.byteCount) {
          try check(
            unsafe MPI_Allreduce(
              cmpi_in_place(), buffer.at(chunk.lowerBound * type.byteCount), Int32(chunk.count),
              type.datatype, reduction.operation, handle.communicator), "MPI_Allreduce")
        }
      }
    }
  }

  func send(bytes: RawSpan, to destination: Int, tag: Int) throws {
    try check(peer: destination, tag: tag, operation: "MPI_Send")
    try unsafe bytes.withUnsafeBytes { buffer in
      try flight.record(.send, byteCount: buffer.count) {
        for chunk in chunks(of: buffer.count) {
          try check(
            unsafe MPI_Send(
              buffer.at(chunk.lowerBound), Int32(chunk.count), cmpi_byte(), Int32(destination),
              Int32(tag), handle.communicator), "MPI_Send")
        }
      }
    }
  }

  func receive(bytes: inout MutableRawSpan, from source: Int, tag: Int) throws {
    try check(peer: source, tag: tag, operation: "MPI_Recv")
    try unsafe bytes.withUnsafeMutableBytes { buffer in
      try flight.record(.receive, byteCount: buffer.count) {
        for chunk in chunks(of: buffer.count) {
          var status = MPI_Status()
          try check(
            unsafe MPI_Recv(
              buffer.at(chunk.lowerBound), Int32(chunk.count), cmpi_byte(), Int32(source),
              Int32(tag), handle.communicator, &status), "MPI_Recv")
          try unsafe check(&status, expected: chunk.count, from: source, "MPI_Recv")
        }
      }
    }
  }

  func probe(tag: Int) throws -> Int {
    try check(peer: rank, tag: tag, operation: "MPI_Probe")
    var status = MPI_Status()
    try flight.record(.probe) {
      try check(
        unsafe MPI_Probe(MPI_ANY_SOURCE, Int32(tag), handle.communicator, &status), "MPI_Probe")
    }
    return Int(status.MPI_SOURCE)
  }

  /// Turns a call's result into an error.
  func check(_ result: Int32, _ operation: String) throws(MPIError) {
    try MPICall.check(result, operation, on: name)
  }

  /// Refuses a message shorter than its buffer; the library refuses longer ones.
  func check(
    _ status: UnsafePointer<MPI_Status>, expected: Int, from source: Int, _ operation: String
  ) throws {
    var count: Int32 = 0
    try check(unsafe MPI_Get_count(status, cmpi_byte(), &count), "MPI_Get_count")
    try check(received: Int(count), expected: expected, from: source, operation: operation)
  }

  /// A count, divided into what one call may be given.
  func chunks(of count: Int) -> ChunkedCount {
    ChunkedCount(count: count, limit: chunkLimit)
  }
}

/// A communicator handle, an opaque pointer to the library's own object.
@safe struct MPIHandle: @unchecked Sendable {
  // Sendable: the handle never changes, and a communicator serves one thread at a time, which is
  // what the thread level asked for allows.
  let communicator: MPI_Comm

  init(_ communicator: MPI_Comm) {
    unsafe self.communicator = communicator
  }
}

extension UnsafeRawBufferPointer {
  /// The address of a byte; `nil` in an empty buffer, where calls move nothing.
  func at(_ offset: Int) -> UnsafeRawPointer? { unsafe baseAddress.map { unsafe $0 + offset } }
}

extension UnsafeMutableRawBufferPointer {
  /// The address of a byte; `nil` in an empty buffer, where calls move nothing.
  func at(_ offset: Int) -> UnsafeMutableRawPointer? {
    unsafe baseAddress.map { unsafe $0 + offset }
  }
}
