import DistTrainer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The signals by which schedulers and operators ask a run to stop: SIGUSR1 and SIGUSR2, which
/// batch systems send ahead of a time limit or a preemption, SIGTERM, and SIGINT, which a terminal
/// sends for Ctrl-C.
enum StopSignals {
  private static let request = StopRequest()

  /// Has those signals make a wish, and do nothing else: training saves itself between two steps.
  /// A second Ctrl-C ends the process at once.
  ///
  /// - Returns: the wish.
  static func listen() -> StopRequest {
    // Made here: a handler must find it ready.
    let request = request
    var wishes = sigset_t()
    _ = unsafe sigemptyset(&wishes)
    for number in [SIGUSR1, SIGUSR2, SIGTERM, SIGINT] {
      _ = signal(number) { number in
        if number == SIGINT, StopSignals.request.isMade { _exit(128 + SIGINT) }
        StopSignals.request.make()
      }
      _ = unsafe sigaddset(&wishes, number)
    }
    // Whoever started this process may have left them blocked.
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &wishes, nil)
    return request
  }
}
