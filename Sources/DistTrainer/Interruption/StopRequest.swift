internal import Synchronization

/// The wish that a run stops at the next opportunity, with everything saved.
///
/// Whoever makes it may be a signal's handler, another thread or a test: making it is one atomic
/// store. Training asks for it between steps, validation between tiles.
public final class StopRequest: Sendable {
  private let flag = Atomic<Bool>(false)

  /// No wish yet.
  public init() {}

  /// Makes the wish; there is no taking it back.
  public func make() { flag.store(true, ordering: .relaxed) }

  /// Whether somebody has made it.
  public var isMade: Bool { flag.load(ordering: .relaxed) }
}
