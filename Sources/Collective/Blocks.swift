/// The lengths of the parts of a buffer, one part a rank, in rank order without gaps.
///
/// Lengths are counted in elements and scaled to bytes, so that a caller's array of counts is
/// passed on as it is.
public struct Blocks: Sendable {
  private enum Counts {
    case equal(Int)
    case each([Int])
  }

  private let counts: Counts
  private let elementBytes: Int

  /// Parts of one length.
  public init(equal count: Int, elementBytes: Int = 1) {
    precondition(count >= 0, "a part has a negative length")
    counts = .equal(count)
    self.elementBytes = elementBytes
  }

  /// Parts of their own lengths, one a rank.
  public init(_ counts: [Int], elementBytes: Int = 1) {
    for count in counts { precondition(count >= 0, "a part has a negative length") }
    self.counts = .each(counts)
    self.elementBytes = elementBytes
  }

  /// The length of the part of one rank, in bytes.
  public func length(of rank: Int) -> Int {
    switch counts {
    case .equal(let count): count * elementBytes
    case .each(let counts): counts[rank] * elementBytes
    }
  }

  /// The place of the part of one rank, in bytes. O(rank) where lengths differ.
  public func range(of rank: Int) -> Range<Int> {
    let start =
      switch counts {
      case .equal(let count): count * elementBytes * rank
      case .each(let counts): counts[..<rank].reduce(0, +) * elementBytes
      }
    return start..<(start + length(of: rank))
  }

  /// The length of all parts, in bytes.
  public func total(ranks: Int) -> Int {
    if case .each(let counts) = counts {
      precondition(counts.count == ranks, "\(counts.count) counts for \(ranks) ranks")
    }
    return ranks == 0 ? 0 : range(of: ranks - 1).upperBound
  }
}
