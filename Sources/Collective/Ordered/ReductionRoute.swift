/// How the elements of an ordered all-reduce travel between ranks.
public enum ReductionRoute: Sendable, Equatable {
  /// As messages, in buckets of this many elements.
  case messages(bucketLength: Int)
  /// Through memory that the ranks of one host share, in buckets of this many elements.
  case sharedMemory(bucketLength: Int)

  /// A fair choice where nothing was measured: messages of 1 MiB.
  public static let standard = ReductionRoute.messages(bucketLength: 1 << 18)

  /// The number of elements that travel together.
  public var bucketLength: Int {
    switch self {
    case .messages(let length), .sharedMemory(let length): length
    }
  }
}
