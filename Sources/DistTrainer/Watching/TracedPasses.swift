internal import Collective

/// Divides a shard's computation into forward and backward in a trace: by the first gradient that
/// becomes known, which is as near to the boundary as a plan tells.
struct TracedPasses {
  private let trace: TraceLog
  private let shard: Int
  private let start: Int64?
  private var boundary: Int64?

  /// Begins, where the trace is on.
  init(_ trace: TraceLog, shard: Int) {
    self.trace = trace
    self.shard = shard
    start = trace.begin(.forward)
  }

  /// Takes note of gradients that have become known.
  mutating func note(_ known: Range<Int>) {
    if start != nil, boundary == nil, !known.isEmpty { boundary = trace.now }
  }

  /// Records both passes.
  func end() {
    guard let start, let boundary else { return }
    trace.add(.forward, from: start, to: boundary, number: shard)
    trace.add(.backward, from: boundary, to: trace.now, number: shard)
  }
}
