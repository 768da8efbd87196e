import Evaluation
import Testing

@Suite struct ConfusionCountsTests {
  /// Two label volumes of 1000 voxels with labels 0...3, easy to make anywhere.
  static let prediction = (0..<1000).map { UInt8(($0 * 7919 % 101) % 4) }
  static let reference = (0..<1000).map { UInt8(($0 * 104_729 % 97) % 4) }

  /// One label's expected counts and values.
  struct Expected: Sendable {
    var label: UInt8
    var counts: ConfusionCounts
    var values: [String: Double]
  }

  // Made by NumPy 2.4.6 and SciPy 1.17.1 (dice, jaccard: 1 - scipy.spatial.distance.dice / jaccard;
  // voe: scipy.spatial.distance.jaccard):
  //   i = np.arange(1000); p = (i*7919 % 101) % 4; r = (i*104729 % 97) % 4
  //   for l in range(4): a = p == l; b = r == l; tp = (a & b).sum(); …
  static let expected: [Expected] = [
    Expected(
      label: 0,
      counts: ConfusionCounts(
        truePositives: 65, falsePositives: 192, falseNegatives: 195, trueNegatives: 548),
      values: [
        "dice": 0.2514506769825918, "jaccard": 0.14380530973451322, "voe": 0.8561946902654868,
        "precision": 0.2529182879377432, "recall": 0.25,
        "specificity": 0.7405405405405405, "volumeError": -0.011538461538461539,
      ]),
    Expected(
      label: 1,
      counts: ConfusionCounts(
        truePositives: 60, falsePositives: 189, falseNegatives: 182, trueNegatives: 569),
      values: [
        "dice": 0.24439918533604887, "jaccard": 0.13921113689095133, "voe": 0.8607888631090487,
        "precision": 0.24096385542168675, "recall": 0.24793388429752067,
        "specificity": 0.7506596306068601, "volumeError": 0.028925619834710745,
      ]),
    Expected(
      label: 2,
      counts: ConfusionCounts(
        truePositives: 61, falsePositives: 187, falseNegatives: 187, trueNegatives: 565),
      values: [
        "dice": 0.24596774193548387, "jaccard": 0.14022988505747125, "voe": 0.8597701149425288,
        "precision": 0.24596774193548387, "recall": 0.24596774193548387,
        "specificity": 0.7513297872340425, "volumeError": 0.0,
      ]),
    Expected(
      label: 3,
      counts: ConfusionCounts(
        truePositives: 62, falsePositives: 184, falseNegatives: 188, trueNegatives: 566),
      values: [
        "dice": 0.25, "jaccard": 0.1428571428571429, "voe": 0.8571428571428571,
        "precision": 0.25203252032520324, "recall": 0.248,
        "specificity": 0.7546666666666667, "volumeError": -0.016,
      ]),
  ]

  @Test("counts and metrics agree with NumPy and SciPy", arguments: expected)
  func oracle(_ expected: Expected) throws {
    var counts = LabelCounts()
    try counts.add(prediction: Self.prediction.span, reference: Self.reference.span)
    #expect(counts[expected.label] == expected.counts)
    #expect(Set(expected.values.keys) == Set(OverlapMetrics.catalogue.map { $0.name }))
    for (name, value) in expected.values {
      let metric = try #require(OverlapMetrics.named(name))
      let ours = try #require(metric.value(of: counts[expected.label]).number)
      #expect(abs(ours - value) < 1e-12, "\(name)")
    }
  }

  @Test("adding slabs, or merging what ranks counted, equals adding all", arguments: [1, 7, 500])
  func mergeLaw(slab: Int) throws {
    var whole = LabelCounts()
    try whole.add(prediction: Self.prediction.span, reference: Self.reference.span)
    var added = LabelCounts()
    var merged = LabelCounts()
    for start in stride(from: 0, to: 1000, by: slab) {
      let range = start..<min(start + slab, 1000)
      let prediction = Self.prediction.span.extracting(range)
      let reference = Self.reference.span.extracting(range)
      try added.add(prediction: prediction, reference: reference)
      var part = LabelCounts()
      try part.add(prediction: prediction, reference: reference)
      merged.merge(part)
    }
    #expect(added == whole)
    #expect(merged == whole)
    var sum = ConfusionCounts()
    sum.merge(whole[1])
    sum.merge(whole[1])
    #expect(sum.truePositives == 2 * whole[1].truePositives && sum.voxels == 2000)
  }

  @Test("the counts of every label add up to the voxels")
  func partition() throws {
    var counts = LabelCounts()
    try counts.add(prediction: Self.prediction.span, reference: Self.reference.span)
    for label in UInt8(0)...4 { #expect(counts[label].voxels == 1000) }
    #expect((0..<4).map { counts[UInt8($0)].referenceVoxels }.reduce(0, +) == 1000)
  }

  @Test("a region forgives labels mixed up within it")
  func region() throws {
    let prediction: [UInt8] = [0, 1, 2, 3, 0, 1]
    let reference: [UInt8] = [0, 2, 1, 0, 3, 1]
    let counts = try LabelCounts.region(
      [1, 2], prediction: prediction.span, reference: reference.span)
    #expect(counts == ConfusionCounts(truePositives: 3, trueNegatives: 3))
    let all = try LabelCounts.region(
      [1, 2, 3], prediction: prediction.span, reference: reference.span)
    #expect(
      all
        == ConfusionCounts(
          truePositives: 3, falsePositives: 1, falseNegatives: 1, trueNegatives: 1))
  }

  @Test("volumes of unlike length are refused, with both lengths")
  func lengths() {
    var counts = LabelCounts()
    let short: [UInt8] = [1, 2]
    #expect(throws: EvaluationError.lengthsDiffer(prediction: 2, reference: 1000)) {
      try counts.add(prediction: short.span, reference: Self.reference.span)
    }
    #expect(throws: EvaluationError.lengthsDiffer(prediction: 1000, reference: 2)) {
      try LabelCounts.region([1], prediction: Self.prediction.span, reference: short.span)
    }
    #expect("\(EvaluationError.lengthsDiffer(prediction: 2, reference: 3))".contains("grid"))
  }
}
