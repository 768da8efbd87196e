import Compute

#if canImport(Glibc)
  import Glibc
#endif

extension ReferenceEvaluator {
  /// One element of an ``Activation``.
  static func activation(_ function: Activation.Function, _ x: Double) -> Double {
    switch function {
    case .relu: max(x, 0)
    case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
    case .elu(let alpha): x > 0 ? x : Double(alpha) * (exp(x) - 1)
    case .sigmoid: 1 / (1 + exp(-x))
    case .tanh: tanh(x)
    }
  }

  /// The natural logarithm.
  static func logarithm(_ x: Double) -> Double { log(x) }

  /// x where positive, else slope times x, with one slope for each channel or one for all.
  static func prelu(_ x: ReferenceTensor, slope: ReferenceTensor) -> ReferenceTensor {
    ReferenceTensor(x.shape) { index in
      let value = x[index]
      return value > 0 ? value : slope.values[slope.shape.count == 1 ? 0 : index[1]] * value
    }
  }

  /// a plus b, where b's extents of 1 are repeated.
  static func add(_ a: ReferenceTensor, _ b: ReferenceTensor) -> ReferenceTensor {
    ReferenceTensor(a.shape) { index in a[index] + b[clamped(index, to: b.shape)] }
  }

  /// a times b, where b's extents of 1 are repeated.
  static func multiply(_ a: ReferenceTensor, _ b: ReferenceTensor) -> ReferenceTensor {
    ReferenceTensor(a.shape) { index in a[index] * b[clamped(index, to: b.shape)] }
  }

  /// `index` with 0 along the axes where `shape` has an extent of 1.
  static func clamped(_ index: [Int], to shape: Shape) -> [Int] {
    index.indices.map { shape[$0] == 1 ? 0 : index[$0] }
  }

  /// y = (x - mean) / sqrt(variance + epsilon) scale + shift, then mean and variance where they
  /// are computed; or the same with deviation + epsilon and the deviation. The variance is divided
  /// by the count, not the count less one.
  static func normalization(
    _ op: Normalization, _ operands: [ReferenceTensor]
  ) -> [ReferenceTensor] {
    let (x, scale, shift) = (operands[0], operands[1], operands[2])
    let channels = x.shape.channels
    let perSample = op.statistics == .instance
    let moments: Shape = [perSample ? x.shape.batch : 1, channels]
    var mean = ReferenceTensor(moments, repeating: 0)
    var spread = mean
    if op.statistics == .given {
      (mean.values, spread.values) = (operands[3].values, operands[4].values)
    } else {
      let points = x.shape.spatial.reduce(1, *)
      let count = Double(x.shape.count / moments.count)
      func group(_ i: Int) -> Int {
        (perSample ? i / points / channels * channels : 0) + i / points % channels
      }
      for i in x.values.indices { mean.values[group(i)] += x.values[i] / count }
      for i in x.values.indices {
        let distance = x.values[i] - mean.values[group(i)]
        spread.values[group(i)] += distance * distance / count
      }
      if op.spread == .deviation { spread = spread.map { $0.squareRoot() } }
    }
    let epsilon = Double(op.epsilon)
    let divisor = spread.map {
      op.spread == .deviation ? $0 + epsilon : ($0 + epsilon).squareRoot()
    }
    let y = ReferenceTensor(x.shape) { index in
      let group = [perSample ? index[0] : 0, index[1]]
      let normal = (x[index] - mean[group]) / divisor[group]
      return normal * scale.values[index[1]] + shift.values[index[1]]
    }
    return op.statistics == .given ? [y] : [y, mean, spread]
  }
}
