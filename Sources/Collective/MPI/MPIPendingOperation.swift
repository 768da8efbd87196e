internal import CMPI

/// The requests of one operation under way, one a chunk.
final class MPIPendingOperation: PendingOperation {
  private var requests: [Part] = []
  private let communicator: MPICommunicator
  private let operation: String
  // Keeps the memory alive that the library reads and writes; `nil` for memory that the caller
  // holds until the wait.
  private let storage: WireStorage?

  @safe private struct Part {
    var request: MPI_Request?
    // What a receive must bring; `nil` for operations that bring no message.
    var expected: (bytes: Int, source: Int)?
  }

  fileprivate init(
    _ communicator: MPICommunicator, _ operation: String, keeping storage: WireStorage?,
    chunksOf count: Int, from source: Int? = nil,
    _ begin: (Range<Int>, inout MPI_Request?) -> Int32
  ) throws {
    self.communicator = communicator
    self.operation = operation
    self.storage = storage
    for chunk in communicator.chunks(of: count) {
      var request: MPI_Request?
      try communicator.check(unsafe begin(chunk, &request), operation)
      unsafe requests.append(Part(request: request, expected: source.map { (chunk.count, $0) }))
    }
  }

  func test() throws -> Bool {
    while var part = requests.popLast() {
      var isOver: Int32 = 0
      var status = MPI_Status()
      try communicator.check(unsafe MPI_Test(&part.request, &isOver, &status), operation)
      guard isOver != 0 else {
        requests.append(part)
        return false
      }
      try finish(part, &status)
    }
    return true
  }

  func wait() throws {
    guard !requests.isEmpty else { return }
    try communicator.flight.record(.wait, byteCount: storage?.byteCount ?? 0) {
      while var part = requests.popLast() {
        var status = MPI_Status()
        try communicator.check(unsafe MPI_Wait(&part.request, &status), operation)
        try finish(part, &status)
      }
    }
  }

  /// Waits for all, even after one has failed: the library still uses their memory.
  static func wait(for operations: [MPIPendingOperation]) throws {
    var first: (any Error)?
    for operation in operations {
      do { try operation.wait() } catch { first = first ?? error }
    }
    if let first { throw first }
  }

  private func finish(_ part: Part, _ status: inout MPI_Status) throws {
    guard let expected = part.expected else { return }
    try unsafe communicator.check(
      &status, expected: expected.bytes, from: expected.source, operation)
  }
}

extension MPICommunicator {
  /// Begins to send memory that outlives the operation.
  func sending(
    _ buffer: UnsafeRawBufferPointer, to destination: Int, tag: Int,
    keeping storage: WireStorage? = nil
  ) throws -> MPIPendingOperation {
    try unsafe MPIPendingOperation(
      self, "MPI_Isend", keeping: storage, chunksOf: buffer.count
    ) { chunk, request in
      unsafe MPI_Isend(
        buffer.at(chunk.lowerBound), Int32(chunk.count), cmpi_byte(), Int32(destination),
        Int32(tag), handle.communicator, &request)
    }
  }

  /// Begins to receive into memory that outlives the operation.
  func receiving(
    _ buffer: UnsafeMutableRawBufferPointer, from source: Int, tag: Int,
    keeping storage: WireStorage? = nil
  ) throws -> MPIPendingOperation {
    try unsafe MPIPendingOperation(
      self, "MPI_Irecv", keeping: storage, chunksOf: buffer.count, from: source
    ) { chunk, request in
      unsafe MPI_Irecv(
        buffer.at(chunk.lowerBound), Int32(chunk.count), cmpi_byte(), Int32(source), Int32(tag),
        handle.communicator, &request)
    }
  }

  func start(
    _ operation: NonblockingOperation, on storage: WireStorage
  ) throws -> any PendingOperation {
    let buffer = unsafe storage.bytes
    switch operation {
    case .send(let destination, let tag):
      try check(peer: destination, tag: tag, operation: "MPI_Isend")
      return try unsafe sending(
        UnsafeRawBufferPointer(buffer), to: destination, tag: tag, keeping: storage)
    case .receive(let source, let tag):
      try check(peer: source, tag: tag, operation: "MPI_Irecv")
      return try unsafe receiving(buffer, from: source, tag: tag, keeping: storage)
    case .broadcast(let root):
      try check(root: root, operation: "MPI_Ibcast")
      return try unsafe MPIPendingOperation(
        self, "MPI_Ibcast", keeping: storage, chunksOf: buffer.count
      ) { chunk, request in
        unsafe MPI_Ibcast(
          buffer.at(chunk.lowerBound), Int32(chunk.count), cmpi_byte(), Int32(root),
          handle.communicator, &request)
      }
    case .allReduce(let type, let reduction):
      return try unsafe MPIPendingOperation(
        self, "MPI_Iallreduce", keeping: storage, chunksOf: buffer.count / type.byteCount
      ) { chunk, request in
        unsafe MPI_Iallreduce(
          cmpi_in_place(), buffer.at(chunk.lowerBound * type.byteCount), Int32(chunk.count),
          type.datatype, reduction.operation, handle.communicator, &request)
      }
    case .barrier:
      return try unsafe MPIPendingOperation(
        self, "MPI_Ibarrier", keeping: storage, chunksOf: 0
      ) { _, request in
        unsafe MPI_Ibarrier(handle.communicator, &request)
      }
    }
  }
}
