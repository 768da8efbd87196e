import Compute

#if canImport(Glibc)
  import Glibc
#endif

extension ReferenceEvaluator {
  /// log softmax over the channel axis: x_c - max - log Σ exp(x_c' - max).
  private static func logSoftmax(_ x: ReferenceTensor) -> ReferenceTensor {
    var y = x
    ReferenceTensor.forEachIndex(of: x.shape) { index in
      guard index[1] == 0 else { return }
      let column = (0..<x.shape.channels).map { [index[0], $0] + index.dropFirst(2) }
      let largest = column.reduce(-Double.infinity) { max($0, x[$1]) }
      let logSum = largest + log(column.reduce(0) { $0 + exp(x[$1] - largest) })
      for place in column { y[place] -= logSum }
    }
    return y
  }

  /// exp(x_c) / Σ exp(x_c') over the channel axis.
  static func softmax(_ x: ReferenceTensor) -> ReferenceTensor { logSoftmax(x).map { exp($0) } }

  /// -Σ w(y_i) (1 - p_i(y_i))^γ log p_i(y_i) / Z over samples and space.
  static func crossEntropy(
    _ op: CrossEntropy, logits: ReferenceTensor, labels: ReferenceTensor
  ) -> ReferenceTensor {
    let logarithms = logSoftmax(logits)
    let voxels = Double(labels.shape.count / labels.shape.batch)
    var counts = [[Int]: Double]()
    ReferenceTensor.forEachIndex(of: labels.shape) { index in
      counts[[index[0], Int(labels[index])], default: 0] += 1
    }
    var (numerator, denominator) = (0.0, 0.0)
    ReferenceTensor.forEachIndex(of: labels.shape) { index in
      let label = Int(labels[index])
      var weight = op.classWeights.isEmpty ? 1 : Double(op.classWeights[label])
      if op.balancesSamples { weight *= 1 - (counts[[index[0], label]] ?? 0) / voxels }
      let logarithm = logarithms[[index[0], label] + index.dropFirst()]
      numerator -= weight * pow(1 - exp(logarithm), Double(op.focus)) * logarithm
      denominator += op.divisor == .weights ? weight : 1
    }
    return ReferenceTensor([1], [numerator / denominator])
  }

  /// The mean of -log σ(x) where the voxel is of the class, -log(1 - σ(x)) elsewhere.
  static func binaryCrossEntropy(
    logits: ReferenceTensor, labels: ReferenceTensor
  ) -> ReferenceTensor {
    var sum = 0.0
    ReferenceTensor.forEachIndex(of: logits.shape) { index in
      let isMember = Int(labels[[index[0]] + index.dropFirst(2)]) == index[1]
      sum += log(1 + exp(isMember ? -logits[index] : logits[index]))
    }
    return ReferenceTensor([1], [sum / Double(logits.shape.count)])
  }

  /// x^exponent.
  static func power(_ x: Double, _ exponent: Double) -> Double { pow(x, exponent) }

  /// Σ p [y = c], Σ p, Σ p², Σ [y = c] for each sample and class.
  static func overlapSums(
    probabilities p: ReferenceTensor, labels: ReferenceTensor
  ) -> [ReferenceTensor] {
    let table: Shape = [p.shape.batch, p.shape.channels]
    var sums = Array(repeating: ReferenceTensor(table, repeating: 0), count: 4)
    ReferenceTensor.forEachIndex(of: p.shape) { index in
      let value = p[index]
      let hit = Int(labels[[index[0]] + index.dropFirst(2)]) == index[1] ? 1.0 : 0
      let place = [index[0], index[1]]
      sums[0][place] += value * hit
      sums[1][place] += value
      sums[2][place] += value * value
      sums[3][place] += hit
    }
    return sums
  }
}
