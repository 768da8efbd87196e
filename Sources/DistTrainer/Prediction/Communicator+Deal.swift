internal import Collective

extension Communicator {
  /// Deals pieces of work to the ranks in turn and brings what they make to rank 0, in order.
  ///
  /// Collective. A failure is one of its rank alone: whoever runs the ranks ends the others.
  /// - Parameters:
  ///   - count: how many pieces there are.
  ///   - make: makes a piece's result, on the rank that it is dealt to.
  ///   - take: takes the results on rank 0, in the order of the pieces.
  /// - Throws: what `make` and `take` throw; `MPIError`.
  func deal<Element: Wire>(
    _ count: Int, make: (Int) throws -> [Element], take: (Int, [Element]) throws -> Void
  ) throws {
    for index in 0..<count {
      let owner = index % size
      let result = owner == rank ? try make(index) : nil
      if rank == 0 {
        try take(index, result ?? receiveArray(from: owner, tag: index % 1024))
      } else if let result {
        try sendArray(result, to: 0, tag: index % 1024)
      }
    }
    try barrier()
  }
}
