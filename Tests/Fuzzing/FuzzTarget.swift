// What libFuzzer calls, with the room Volumes compiled into the same module (scripts/fuzz.sh).

import Glibc

/// Bytes that the heap holds now, and the most since they were last set equal. Only the fuzzer's thread
/// reads files, so that no other changes them.
nonisolated(unsafe) private var held = 0
// As above.
nonisolated(unsafe) private var most = 0

@_silgen_name("__sanitizer_install_malloc_and_free_hooks")
private func installHooks(
  _ allocated: @convention(c) (UnsafeRawPointer?, Int) -> Void,
  _ freed: @convention(c) (UnsafeRawPointer?) -> Void
) -> Int32

@_silgen_name("__sanitizer_get_allocated_size")
private func allocatedSize(_ pointer: UnsafeRawPointer?) -> Int

/// The reader that the environment names.
private let reader: ReaderProbe = {
  let name = unsafe getenv("SEGMPI_READER").map { unsafe String(cString: $0) } ?? ""
  guard let reader = ReaderProbe(rawValue: name) else {
    let known = ReaderProbe.allCases.map(\.rawValue).joined(separator: ", ")
    fatalError("set SEGMPI_READER to one of \(known)")
  }
  let status = unsafe installHooks(
    { _, size in
      unsafe held += size
      unsafe most = max(most, held)
    },
    { pointer in unsafe held -= allocatedSize(pointer) })
  require(status != 0, "the sanitizer takes no hooks")
  return reader
}()

/// Tries one file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  _ = reader.run(input) { bound, body in
    let before = unsafe held
    unsafe most = held
    defer {
      let taken = unsafe most - before
      require(taken <= bound, "holds \(taken) bytes at a time, \(bound) are allowed")
    }
    return try body()
  }
  return 0
}
