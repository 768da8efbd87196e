internal import Collective
internal import Compute

/// The errors of sums in bfloat16 that are still to be made good, as a checkpoint keeps them: by name,
/// as many numbers each as there are parameters. Empty where gradients travel in float32.
typealias WireResiduals = [(name: String, values: [Float])]

extension FoldTrainer {
  /// All residuals, on the fold's first rank; nothing on the others.
  ///
  /// Collective over the fold's ranks where gradients travel in bfloat16; else nobody waits.
  func residuals() throws -> WireResiduals {
    var all: WireResiduals = []
    for (index, name) in reducer.residualNames.enumerated() {
      if let values = try reducer.gatherResidual(index) { all.append((name, values)) }
    }
    return all
  }

  /// Calls `body` with each residual that a checkpoint holds, whole, and its place among them.
  ///
  /// - Throws: ``CheckpointError`` where one is missing or has another shape.
  func eachResidual(of checkpoint: Checkpoint, _ body: (Int, Span<Float>) -> Void) throws {
    guard !reducer.residualNames.isEmpty else { return }
    var values = [Float](repeating: 0, count: parameters.table.elementCount)
    for (index, name) in reducer.residualNames.enumerated() {
      var span = values.mutableSpan
      try checkpoint.naming {
        try parameters.table.load(checkpoint.file, prefix: name + "/", into: &span)
      }
      body(index, values.span)
    }
  }
}
