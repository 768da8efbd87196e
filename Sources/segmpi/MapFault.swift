#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Prepared volumes are read where they lie in their files. Where somebody cuts such a file short
/// meanwhile, or its disk fails, the system has no error to return but a signal: SIGBUS.
enum MapFault {
  /// Has that signal end the program as any fault in data does: with a sentence and status 1.
  static func report() {
    _ = signal(SIGBUS) { _ in
      // Nothing that allocates or locks is allowed here.
      let text: StaticString = """
        segmpi: A prepared volume could not be read from its file, which was cut short or lies on \
        a failing disk: remove the files in data.cache and start again.

        """
      _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
      _exit(1)
    }
  }
}
