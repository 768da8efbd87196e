/// A group of ranks that exchange messages.
///
/// The requirements move plain bytes; code is written against the typed methods in the extensions
/// (`broadcast`, `allReduce`, `gather`, …), which are the same for every conforming type:
/// ``SerialCommunicator``, ``InProcessCommunicator`` and the one that ``MPIEnvironment`` hands out.
///
/// Collective methods are called by every rank of the communicator in the same order. One
/// communicator serves one thread at a time. Buffers that are read and buffers that are written
/// never overlap: Swift's exclusivity rule forbids to name one array as both.
///
/// Every throwing method throws ``MPIError``.
public protocol Communicator: AnyObject, Sendable {
  /// What the group is called in messages, for example `fold 2`.
  var name: String { get }
  /// This rank, in `0..<size`.
  var rank: Int { get }
  /// The number of ranks.
  var size: Int { get }
  /// The library that carries messages between processes, with its version, for example
  /// `Open MPI v4.1.4`; `nil` where all ranks are in one process.
  var library: String? { get }
  /// Where the group's operations are recorded; one recorder serves all groups of a rank.
  var flight: FlightRecorder.Lane { get }

  /// Divides the group: ranks that name the same color form a new group, ordered by key, then rank.
  ///
  /// A group lives until the program ends or ``free()``.
  /// - Parameters:
  ///   - color: At least 0 and, like the key, no longer than 32 bits; `nil` leaves the calling rank out of every group.
  ///   - key: Orders the ranks of the new group.
  ///   - name: What the new group is called; the same on all its ranks.
  /// - Returns: The new group, or `nil` for a rank without a color.
  /// - Throws: ``MPIError``.
  func split(color: Int?, key: Int, name: String) throws -> (any Communicator)?

  /// A new group of the ranks listed, in the order listed.
  ///
  /// Collective over the listed ranks alone: they give the same list and the same name, and two ranks
  /// that make several groups together make them in the same order. The other ranks take no part and
  /// may be doing anything else.
  /// - Parameters:
  ///   - ranks: Ranks of this group, none twice, the caller among them.
  ///   - name: What the new group is called.
  /// - Returns: The new group.
  /// - Throws: ``MPIError``, of kind `rank` for a list that is not as said.
  func group(of ranks: [Int], name: String) throws -> any Communicator

  /// Gives back what the library holds for a group made by ``split(color:key:name:)`` or
  /// ``group(of:name:)``, and for all groups made of it: their handles, and shared memory of theirs
  /// that no rank refers to any more.
  ///
  /// Collective over the group, once every operation on it is over and what was made of it (reducers,
  /// requests) has been dropped. Neither the group nor those made of it can be used afterwards.
  /// Calling it is a courtesy that long runs owe: the end of MPI frees what is left, so a rank that
  /// meets an error must not call it, but throw. The first group of all cannot be freed.
  /// - Throws: ``MPIError``.
  func free() throws

  /// Returns when every rank has called it.
  func barrier() throws

  /// Copies `bytes` of the root over `bytes` of every other rank; equal lengths everywhere.
  func broadcast(bytes: inout MutableRawSpan, root: Int) throws

  /// Combines the contributions of all ranks element by element; the root's `result` receives it.
  ///
  /// The order of summation is the implementation's: see ``OrderedReducer`` for one that no rank
  /// count can change. `result` is untouched on other ranks and may be empty there.
  func reduce(
    bytes: RawSpan, into result: inout MutableRawSpan, of type: WireType, by reduction: Reduction,
    root: Int) throws

  /// Combines the contributions of all ranks element by element, in place, on every rank.
  func allReduce(
    bytes: inout MutableRawSpan, of type: WireType, by reduction: Reduction) throws

  /// Concatenates the ranks' bytes on the root; `result` may be empty on other ranks.
  ///
  /// `blocks` has the length of each rank's part, and is the same on every rank.
  func gather(
    bytes: RawSpan, into result: inout MutableRawSpan, blocks: Blocks, root: Int) throws

  /// Completes a concatenation of which every rank has filled in its own part, in place.
  ///
  /// `blocks` has the length of each rank's part, and is the same on every rank.
  func allGather(bytes: inout MutableRawSpan, blocks: Blocks) throws

  /// Deals the root's bytes out; `bytes` may be empty on other ranks.
  ///
  /// `blocks` has the length of each rank's part, and is the same on every rank.
  func scatter(
    bytes: RawSpan, into result: inout MutableRawSpan, blocks: Blocks, root: Int) throws

  /// Sends part r of `bytes` to rank r and concatenates what comes from each rank.
  ///
  /// `blocks` has the length of the part for each rank, `received` of the part from each.
  func allToAll(
    bytes: RawSpan, blocks: Blocks, into result: inout MutableRawSpan, received: Blocks) throws

  /// Sends `bytes` to one rank; may return before they have arrived.
  ///
  /// The tag is one of ``Tags/valid``; messages with unlike tags pass each other by.
  func send(bytes: RawSpan, to destination: Int, tag: Int) throws

  /// Receives exactly `bytes.byteCount` bytes from one rank; any other length is an error.
  func receive(bytes: inout MutableRawSpan, from source: Int, tag: Int) throws

  /// Sends to one rank and receives from another (or the same) at once.
  func sendReceive(
    bytes: RawSpan, to destination: Int, into result: inout MutableRawSpan, from source: Int,
    tag: Int) throws

  /// Waits until a message with this tag can be received, and says from which rank.
  func probe(tag: Int) throws -> Int

  /// Memory that every rank of the group sees, a segment a rank.
  ///
  /// Collective.
  /// - Parameters:
  ///   - byteCount: The length of this rank's segment.
  ///   - signalCount: The number of signals a rank; the same on every rank.
  /// - Returns: `nil`, on all ranks, if they are not all on one host.
  /// - Throws: ``MPIError``.
  func shareMemory(byteCount: Int, signalCount: Int) throws -> SharedMemory?

  /// Begins an operation on memory that lives until the operation is over.
  func start(_ operation: NonblockingOperation, on storage: WireStorage) throws
    -> any PendingOperation
}

extension Communicator {
  /// What this rank has been doing.
  public var recorder: FlightRecorder { flight.recorder }

  /// Refuses a list of ranks that is not one of members of this group, each once, the caller among them.
  func check(members ranks: [Int], operation: String) throws {
    guard Set(ranks).count == ranks.count, ranks.contains(rank),
      ranks.allSatisfy((0..<size).contains)
    else {
      throw failure(
        .rank, "\(ranks) does not list rank \(rank) and ranks in 0..<\(size), each once", operation)
    }
  }

  /// The same ranks in the same order, whose messages cannot meet those of `self`.
  public func duplicate(name: String) throws -> any Communicator {
    guard let copy = try split(color: 0, key: rank, name: name) else {
      preconditionFailure("a rank with a color belongs to a group")
    }
    return copy
  }
}

/// The tags that messages may carry.
public enum Tags {
  /// Every MPI library allows these; the number above them is kept for the library's own use.
  public static let valid = 0..<32_767

  /// Marks the messages of collectives that are made of point-to-point messages.
  static let exchange = 32_767
}

/// The operations that have a nonblocking form.
public enum NonblockingOperation: Sendable {
  /// As ``Communicator/send(bytes:to:tag:)``.
  case send(to: Int, tag: Int)
  /// As ``Communicator/receive(bytes:from:tag:)``.
  case receive(from: Int, tag: Int)
  /// As ``Communicator/broadcast(bytes:root:)``.
  case broadcast(root: Int)
  /// As ``Communicator/allReduce(bytes:of:by:)``.
  case allReduce(of: WireType, by: Reduction)
  /// As ``Communicator/barrier()``.
  case barrier
}

/// An operation under way; it keeps its memory alive.
public protocol PendingOperation: AnyObject {
  /// Whether the operation is over; drives it forward where the library needs that.
  func test() throws -> Bool
  /// Returns when the operation is over.
  func wait() throws
}
