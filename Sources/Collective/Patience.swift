internal import Foundation

/// How a rank waits for something that only polling can tell: eagerly at first, then leaving the
/// core to others for ever longer.
struct Patience {
  private var rounds = 0

  /// Passes a moment, at most a tenth of a millisecond.
  mutating func pause() {
    rounds += 1
    // Where ranks outnumber cores, the peer that is waited for may need this one.
    if rounds < 500 {
      sched_yield()
    } else {
      usleep(UInt32(min(100, rounds / 100)))
    }
  }
}
