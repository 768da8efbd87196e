/// A count divided into counts that fit the C `int` of an MPI-3 call.
///
/// The only place where counts are divided; it holds no memory, so a test can walk counts that no
/// machine could allocate.
struct ChunkedCount: Sequence {
  /// Well below `Int32.max`, and a power of two, so that chunks stay aligned.
  static let standardLimit = 1 << 30

  /// What is to be divided.
  var count: Int
  /// The longest chunk.
  var limit = standardLimit

  /// The chunks in order; a count of zero is one empty chunk, for every message is sent.
  func makeIterator() -> some IteratorProtocol<Range<Int>> {
    precondition(count >= 0 && (1...Int(Int32.max)).contains(limit), "no such count or limit")
    return sequence(state: (start: 0, isFirst: true)) { state -> Range<Int>? in
      guard state.isFirst || state.start < count else { return nil }
      let end = state.start + Swift.min(limit, count - state.start)
      defer { state = (end, false) }
      return state.start..<end
    }
  }
}
