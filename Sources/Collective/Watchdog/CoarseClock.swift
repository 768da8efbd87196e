internal import Foundation

/// A clock that is cheap to read and exact to some milliseconds.
enum CoarseClock {
  /// Nanoseconds of the host's monotonic time.
  static var now: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
