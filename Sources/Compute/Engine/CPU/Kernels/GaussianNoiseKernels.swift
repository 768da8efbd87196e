internal import CounterRandom

extension GaussianNoise: CPULowerable {
  /// Elements that draw from one stream.
  private static let blockSize = 4096

  func lower(_ node: Node, in plan: Lowering) throws {
    let (count, deviation) = (shape.count, deviation)
    let purpose = "noise:\(node.path):\(node.outputs[0].id)"
    let result = try plan.makeResult(node.outputs[0], .dense(shape))
    let runtime = plan.runtime
    unsafe plan.emit(over: [result]) { pointers, key in
      let noise = unsafe pointers[0].assumingMemoryBound(to: Float.self)
      runtime.parallel(blocks: (count + Self.blockSize - 1) / Self.blockSize) { block in
        var stream = RandomStream(
          seed: key.seed, purpose: purpose, coordinates: key.coordinates + [block])
        let start = block * Self.blockSize
        for index in start..<min(count, start + Self.blockSize) {
          unsafe noise[index] = deviation * stream.normal()
        }
      }
    }
  }
}
