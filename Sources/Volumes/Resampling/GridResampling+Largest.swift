extension GridResampling {
  /// Which of several candidates has the largest share at each voxel of the result, `[D, H, W]`;
  /// ties go to the lower.
  ///
  /// Shares exist one plane at a time, so that many classes on a large grid need no more memory
  /// than one byte a voxel.
  ///
  /// - Parameters:
  ///   - count: the number of candidates, 1 to 256.
  ///   - threads: how many to use.
  ///   - share: makes a candidate's plane of the result.
  /// - Returns: the winners' numbers.
  func largest(
    of count: Int, threads: Int,
    share:
      @Sendable (
        _ candidate: Int, _ d: Int, _ plane: SharedVoxels<Float>, _ scratch: inout Scratch
      ) -> Void
  ) -> [UInt8] {
    precondition((1...256).contains(count), "winners have 8 bits")
    var result = [UInt8](repeating: 0, count: targetCount)
    if count == 1 { return result }
    SharedVoxels.with(&result) { output in
      forEachSlab(threads: threads) { slab, scratch in
        var plane = [Float](repeating: 0, count: planeCount)
        var highest = plane
        for d in slab {
          let winners = output.part(d * planeCount..<(d + 1) * planeCount)
          for candidate in 0..<count {
            SharedVoxels.with(&plane) { share(candidate, d, $0, &scratch) }
            Self.compete(UInt8(candidate), plane.span, &highest, winners)
          }
        }
      }
    }
    return result
  }

  /// Enters a candidate's shares.
  private static func compete(
    _ candidate: UInt8, _ shares: Span<Float>, _ highest: inout [Float],
    _ winners: SharedVoxels<UInt8>
  ) {
    var best = highest.mutableSpan
    for index in shares.indices where candidate == 0 || shares[index] > best[index] {
      best[index] = shares[index]
      winners[index] = candidate
    }
  }
}
