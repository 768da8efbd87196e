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

  /// Frees the windows of this group that no rank refers to any more; collective.
  func freeWindows() throws {
    let own = MPIWindow.all(ofGroup: number)
    // One answer for all: a window that one rank still refers to stays open everywhere.
    var unused = own.map { $0.isInUse ? 0 : 1 } as [UInt8]
    var span = unused.mutableSpan
    try allReduce(inPlace: &span, by: .minimum)
    for (window, unused) in zip(own, unused) where unused == 1 {
      try MPIWindow.free(window, on: name)
    }
  }
}

/// Memory that the ranks of a host share, from its making until its group is freed or MPI ends:
/// freeing it is collective, which a deinitializer cannot be.
@safe final class MPIWindow: @unchecked Sendable {
  // Sendable: the handle never changes.
  private let window: MPI_Win?

  /// A window that has not been freed.
  @safe struct Open: @unchecked Sendable {
    // Sendable: as above.
    fileprivate let window: MPI_Win?
    fileprivate let group: Int
    // What the memory's users refer to.
    fileprivate weak var user: MPIWindow?

    var isInUse: Bool { user != nil }
  }

  // In the order of their making, which is the same on all ranks of each.
  private static let open = Mutex<[Open]>([])

  /// Collective.
  fileprivate init(byteCount: Int, on communicator: MPICommunicator) throws {
    var base: UnsafeMutableRawPointer?
    var window: MPI_Win?
    try communicator.check(
      unsafe MPI_Win_allocate_shared(
        MPI_Aint(byteCount), 1, cmpi_info_null(), communicator.handle.communicator, &base, &window),
      "MPI_Win_allocate_shared")
    unsafe self.window = window
    Self.open.withLock {
      unsafe $0.append(Open(window: window, group: communicator.number, user: self))
    }
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

  /// The windows of the group with this number.
  fileprivate static func all(ofGroup number: Int) -> [Open] {
    open.withLock { $0.filter { $0.group == number } }
  }

  /// Collective.
  fileprivate static func free(_ one: Open, on communicator: String) throws {
    open.withLock { $0.removeAll { unsafe $0.window == one.window } }
    var window = unsafe one.window
    try MPICall.check(unsafe MPI_Win_free(&window), "MPI_Win_free", on: communicator)
  }

  /// Frees every window; collective.
  static func freeAll() throws {
    for one in open.withLock({ $0 }) { try free(one, on: "world") }
  }
}
