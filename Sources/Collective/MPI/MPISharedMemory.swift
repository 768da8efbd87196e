internal import CMPI
internal import Synchronization

extension MPICommunicator {
  func shareMemory(byteCount: Int, signalCount: Int) throws -> SharedMemory? {
    try flight.record(.shareMemory, byteCount: byteCount) {
      try allocate(byteCount: byteCount, signalCount: signalCount)
    }
  }

  private func allocate(byteCount: Int, signalCount: Int) throws -> SharedMemory? {
    guard try isOnOneHost() else { return nil }
    let header = SharedMemory.header(signalCount: signalCount)
    let window = try MPIWindow(byteCount: header + (byteCount + 63) / 64 * 64, on: self)
    let addresses = try unsafe (0..<size).map { try unsafe window.segment(of: $0, on: self) }
    unsafe addresses[rank].prefix(header).initializeMemory(as: UInt8.self, repeating: 0)
    // Nobody looks at a signal before all signals are zero.
    try barrier()
    return unsafe SharedMemory(addresses, signalCount: signalCount, owner: window)
  }

  /// Whether all ranks of the group share memory; the same answer on all of them.
  private func isOnOneHost() throws -> Bool {
    var host = unsafe cmpi_comm_null()
    try check(
      unsafe MPI_Comm_split_type(
        handle.communicator, cmpi_comm_type_shared(), Int32(rank), cmpi_info_null(), &host),
      "MPI_Comm_split_type")
    var count: Int32 = 0
    try check(unsafe MPI_Comm_size(host, &count), "MPI_Comm_size")
    try check(unsafe MPI_Comm_free(&host), "MPI_Comm_free")
    return Int(count) == size
  }
}

/// Memory that the ranks of a host share, from its making to the end of MPI: freeing it is
/// collective, which a deinitializer cannot be.
@safe final class MPIWindow: @unchecked Sendable {
  // Sendable: the handle never changes.
  private let window: MPI_Win?

  private static let open = Mutex<[MPIWindow]>([])

  /// Collective.
  fileprivate init(byteCount: Int, on communicator: MPICommunicator) throws {
    var base: UnsafeMutableRawPointer?
    var window: MPI_Win?
    try communicator.check(
      unsafe MPI_Win_allocate_shared(
        MPI_Aint(byteCount), 1, cmpi_info_null(), communicator.handle.communicator, &base, &window),
      "MPI_Win_allocate_shared")
    unsafe self.window = window
    Self.open.withLock { $0.append(self) }
  }

  fileprivate func segment(
    of rank: Int, on communicator: MPICommunicator
  ) throws -> UnsafeMutableRawBufferPointer {
    var length: MPI_Aint = 0
    var unit: Int32 = 0
    var base: UnsafeMutableRawPointer?
    try communicator.check(
      unsafe MPI_Win_shared_query(window, Int32(rank), &length, &unit, &base),
      "MPI_Win_shared_query")
    return unsafe UnsafeMutableRawBufferPointer(start: base, count: Int(length))
  }

  /// Frees every window, in the order of their making, which is the same on all ranks of each.
  static func freeAll() throws {
    let windows = open.withLock { windows in
      defer { windows = [] }
      return windows
    }
    for one in windows {
      var window = unsafe one.window
      try MPICall.check(unsafe MPI_Win_free(&window), "MPI_Win_free", on: "world")
    }
  }
}
