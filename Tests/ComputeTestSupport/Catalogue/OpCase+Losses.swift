import Compute

extension OpCase {
  /// Softmax, cross-entropies and losses made of overlap sums.
  static let losses: [OpCase] =
    [2, 5, 17].flatMap { classes in
      [
        OpCase("softmax: \(classes) classes") { tracer in
          try tracer.graph.softmax(tracer.data(channels: classes, [3, 2, 2], in: -3..<3))
        },
        loss("cross-entropy: \(classes) classes", classes) { graph, logits, labels in
          try graph.crossEntropy(logits, labels: labels)
        },
        loss("weighted cross-entropy: \(classes) classes", classes) { graph, logits, labels in
          let weights = (0..<classes).map { 0.5 + Float($0) }
          return try graph.crossEntropy(logits, labels: labels, classWeights: weights)
        },
      ]
    } + [
      OpCase("softmax: logits to 80") { tracer in
        try tracer.graph.softmax(tracer.data(channels: 3, [5, 4], in: -80..<80))
      },
      loss("cross-entropy: logits to 80", 3, in: -80..<80) { graph, logits, labels in
        try graph.crossEntropy(logits, labels: labels)
      },
      loss("cross-entropy: a class of weight 0", 3) { graph, logits, labels in
        try graph.crossEntropy(logits, labels: labels, classWeights: [0, 1, 2])
      },
      loss("cross-entropy: weighted, mean over voxels", 3) { graph, logits, labels in
        try graph.crossEntropy(
          logits, labels: labels,
          CrossEntropy(classWeights: [0.25, 1, 3], divisor: .voxels))
      },
      loss("cross-entropy: classes balanced in each sample", 3) { graph, logits, labels in
        try graph.crossEntropy(
          logits, labels: labels,
          CrossEntropy(classWeights: [1, 2, 3], balancesSamples: true, divisor: .voxels))
      },
      loss("cross-entropy: balanced, mean by weights", 4) { graph, logits, labels in
        try graph.crossEntropy(
          logits, labels: labels, CrossEntropy(balancesSamples: true))
      },
      loss("focal loss of 2", 3) { graph, logits, labels in
        try graph.crossEntropy(logits, labels: labels, CrossEntropy(focus: 2, divisor: .voxels))
      },
      loss("focal loss of one half, logits to 12", 2, in: -12..<12) { graph, logits, labels in
        try graph.crossEntropy(
          logits, labels: labels,
          CrossEntropy(classWeights: [0.25, 0.75], focus: 0.5, divisor: .voxels))
      },
      loss("binary cross-entropy", 5) { graph, logits, labels in
        try graph.binaryCrossEntropy(logits, labels: labels)
      },
      loss("binary cross-entropy: logits to 80", 3, in: -80..<80) { graph, logits, labels in
        try graph.binaryCrossEntropy(logits, labels: labels)
      },
      loss("a power of a Dice quotient", 3) { graph, logits, labels in
        let sums = try graph.overlapSums(graph.softmax(logits), labels: labels)
        let whole = try graph.add(sums.predicted, sums.reference)
        return try graph.mean(graph.power(graph.divide(sums.intersection, whole), 0.75))
      },
      loss("overlap sums: all four", 3) { graph, logits, labels in
        let sums = try graph.overlapSums(graph.softmax(logits), labels: labels)
        let total = try graph.add(sums.intersection, sums.predicted)
        return try graph.add(graph.add(total, sums.squared), sums.reference)
      },
      loss("soft Dice", 3) { graph, logits, labels in
        let sums = try graph.overlapSums(graph.softmax(logits), labels: labels)
        let numerator = try graph.scaleShift(sums.intersection, scale: 2, shift: 1e-3)
        let denominator = try graph.scaleShift(
          graph.add(sums.predicted, sums.reference), scale: 1, shift: 1e-3)
        let dice = try graph.mean(graph.divide(numerator, denominator))
        return try graph.scaleShift(dice, scale: -1, shift: 1)
      },
      loss("soft Dice of squares, over the batch, and cross-entropy", 4) { graph, logits, labels in
        let sums = try graph.overlapSums(graph.softmax(logits), labels: labels)
        let numerator = try graph.sum(sums.intersection, axes: [0])
        let squares = try graph.add(sums.squared, sums.reference)
        let denominator = try graph.sum(squares, axes: [0])
        let dice = try graph.mean(graph.divide(numerator, denominator))
        let entropy = try graph.crossEntropy(logits, labels: labels)
        return try graph.add(entropy, graph.scaleShift(dice, scale: -2, shift: 1))
      },
      loss("logarithm of a Dice quotient", 2) { graph, logits, labels in
        let sums = try graph.overlapSums(graph.softmax(logits), labels: labels)
        let whole = try graph.add(sums.predicted, sums.reference)
        return try graph.mean(graph.logarithm(graph.divide(sums.intersection, whole)))
      },
    ]

  private static func loss(
    _ name: String, _ classes: Int, in range: Range<Float> = -2..<2,
    _ body: @escaping @Sendable (inout GraphBuilder, Symbol, Symbol) throws -> Symbol
  ) -> OpCase {
    OpCase("loss: \(name)", samplesAreIndependent: false, classes: UInt8(classes)) { tracer in
      let logits = try tracer.data("logits", channels: classes, [3, 2, 3], in: range)
      return try body(&tracer.graph, logits, tracer.labels([3, 2, 3]))
    }
  }
}
