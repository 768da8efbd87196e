internal import CDNNL

/// oneDNN's engine and stream on this process's processors, and the one OpenMP team they share.
///
/// Not for use by two threads at once: one compute thread a rank calls oneDNN.
@safe final class Runtime {
  let engine: dnnl_engine_t
  let stream: dnnl_stream_t
  /// The size of the OpenMP team.
  let threads: Int

  init(threads: Int) throws {
    var engine: dnnl_engine_t?
    try check("engine_create") { unsafe dnnl_engine_create(&engine, dnnl_cpu, 0) }
    guard let madeEngine = unsafe engine else { throw EngineError("oneDNN returned no engine") }
    var stream: dnnl_stream_t?
    try check("stream_create") {
      unsafe dnnl_stream_create(&stream, madeEngine, UInt32(dnnl_stream_default_flags.rawValue))
    }
    guard let madeStream = unsafe stream else { throw EngineError("oneDNN returned no stream") }
    unsafe self.engine = madeEngine
    unsafe self.stream = madeStream
    self.threads = threads
  }

  deinit {
    unsafe dnnl_stream_destroy(stream)
    unsafe dnnl_engine_destroy(engine)
  }

  /// Makes the calling thread's team ours: the size is a property of the calling thread, and
  /// primitives must run with the size they were made for.
  func claimTeam() { omp_set_num_threads(Int32(threads)) }

  /// Calls `body(block)` for every block in `0..<count`, spread over the team.
  ///
  /// Which thread runs a block changes nothing that `body` may compute.
  func parallel(blocks count: Int, _ body: (Int) -> Void) {
    Self.parallel(blocks: count, threads: threads, body)
  }

  /// As above, with the first `threads` threads of the calling thread's team.
  static func parallel(blocks count: Int, threads: Int, _ body: (Int) -> Void) {
    if count <= 1 || threads == 1 {
      for block in 0..<count { body(block) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var region = ParallelRegion(count: count, body: body)
      unsafe withUnsafeMutablePointer(to: &region) { region in
        unsafe GOMP_parallel(
          { context in
            guard let region = unsafe context?.assumingMemoryBound(to: ParallelRegion.self) else {
              return
            }
            let (thread, team) = (Int(omp_get_thread_num()), Int(omp_get_num_threads()))
            let count = unsafe region.pointee.count
            for block in (thread * count / team)..<((thread + 1) * count / team) {
              unsafe region.pointee.body(block)
            }
          }, region, UInt32(threads), 0)
      }
    }
  }
}

/// What the threads of one parallel region share.
private struct ParallelRegion {
  let count: Int
  let body: (Int) -> Void
}
