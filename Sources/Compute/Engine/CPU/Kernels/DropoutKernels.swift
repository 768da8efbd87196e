internal import CounterRandom

extension DropoutMask: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (count, rate) = (shape.count, rate)
    let purpose = "dropout:\(node.path):\(node.outputs[0].id)"
    let result = try plan.makeResult(node.outputs[0], .dense(shape))
    unsafe plan.emit(over: [result]) { pointers, key in
      let mask = unsafe pointers[0].assumingMemoryBound(to: Float.self)
      var stream = RandomStream(
        seed: key.seed, purpose: purpose, coordinates: key.coordinates)
      let kept = 1 / (1 - rate)
      for index in 0..<count { unsafe mask[index] = stream.uniform() < rate ? 0 : kept }
    }
  }
}
