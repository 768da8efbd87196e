import CounterRandom
import Evaluation
import Foundation
import Testing

@Suite struct ScoreHistogramTests {
  /// Probabilities like a trained network's: most near the ends, ties among them.
  static func sample(
    _ count: Int, seed: UInt64, separation: Float
  ) -> (scores: [Float], truths: [Bool]) {
    var random = RandomStream(seed: seed, "histogram test")
    var (scores, truths): ([Float], [Bool]) = ([], [])
    for _ in 0..<count {
      let truth = random.uniform() < 0.2
      let logit = separation * ((truth ? 1 : -1) + 2 * (random.uniform() - random.uniform()))
      scores.append(1 / (1 + exp(-logit)))
      truths.append(truth)
    }
    return (scores, truths)
  }

  static func histogram(_ scores: [Float], _ truths: [Bool]) throws -> ScoreHistogram {
    var histogram = ScoreHistogram()
    try histogram.add(probabilities: scores.span, truths: truths.span)
    return histogram
  }

  @Test(
    "exact areas lie within the stated bounds of the histogram's, and near",
    arguments: [Float(0.01), 0.5, 2, 8, 30], [UInt64(1), 2])
  func bounds(separation: Float, seed: UInt64) throws {
    let (scores, truths) = Self.sample(20_000, seed: seed, separation: separation)
    let exact = try ScoreCurve(scores: scores.span, truths: truths.span)
    let histogram = try Self.histogram(scores, truths)
    let binned = ScoreCurve(histogram)
    let area = try #require(exact.areaUnderROC.number)
    let average = try #require(exact.averagePrecision.number)
    #expect(try #require(histogram.areaUnderROCBounds).contains(area))
    #expect(try #require(histogram.averagePrecisionBounds).contains(average))
    // Where scores crowd into few bins the bounds are wide; elsewhere the areas are close.
    if separation >= 0.5 && separation <= 8 {
      #expect(isNear(binned.areaUnderROC.number, area, within: 1e-5))
      #expect(isNear(binned.averagePrecision.number, average, within: 1e-3))
      let bounds = try #require(histogram.areaUnderROCBounds)
      #expect(bounds.upperBound - bounds.lowerBound < 2e-3)
    }
  }

  @Test("the bounds are met by the worst orders within one bin")
  func worstOrders() throws {
    // One bin holds all: positives above the negatives, and below.
    let truths = [true, true, false, false]
    for (scores, area, average) in [
      ([0.500004, 0.500003, 0.500002, 0.500001] as [Float], 1.0, 1.0),
      ([0.500001, 0.500002, 0.500003, 0.500004], 0, 5.0 / 12),
    ] {
      let exact = try ScoreCurve(scores: scores.span, truths: truths.span)
      #expect(exact.areaUnderROC == .value(area))
      #expect(isNear(exact.averagePrecision.number, average, within: 1e-15))
      let histogram = try Self.histogram(scores, truths)
      #expect(histogram.occupied.count == 1)
      #expect(histogram.areaUnderROCBounds == 0...1)
      #expect(try #require(histogram.averagePrecisionBounds).contains(average))
    }
  }

  @Test("every point of the histogram's curve is a point of the exact one")
  func points() throws {
    let (scores, truths) = Self.sample(5000, seed: 3, separation: 1)
    for point in ScoreCurve(try Self.histogram(scores, truths)).points {
      let threshold = Float(point.threshold)
      let found = zip(scores, truths).filter { $0.0 >= threshold }
      #expect(point.truePositives == found.count { $0.1 })
      #expect(point.falsePositives == found.count { !$0.1 })
    }
  }

  @Test("multiples of 2^-16 lose nothing, and the ends of the range have their bins")
  func edges() throws {
    let scores: [Float] = [0, 0x1p-16, 0x1.8p-16, 1, 0x1.fffffep-1, -0.00005, 1.00005]
    let truths = [true, true, true, false, false, true, false]
    let histogram = try Self.histogram(scores, truths)
    #expect(histogram.occupied.map(\.bin) == [0, 1, 65535])
    #expect(histogram.occupied.map(\.positives) == [2, 2, 0])
    #expect(histogram.occupied.map(\.negatives) == [0, 0, 3])
    #expect(histogram.positives == 4 && histogram.negatives == 3)
    let grid = (0..<4000).map { Float($0 * 37 % 251) / 256 }
    let isPositive = (0..<4000).map { $0 * 11 % 7 < 3 }
    #expect(
      ScoreCurve(try Self.histogram(grid, isPositive))
        == (try ScoreCurve(scores: grid.span, truths: isPositive.span)))
  }

  @Test("parts merge to the whole in any order and grouping, by method and by their counts")
  func merging() throws {
    let (scores, truths) = Self.sample(3000, seed: 5, separation: 2)
    let whole = try Self.histogram(scores, truths)
    let parts = try [0..<700, 700..<1500, 1500..<3000].map {
      try Self.histogram(Array(scores[$0]), Array(truths[$0]))
    }
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
      var merged = ScoreHistogram()
      for place in order { merged.merge(parts[place]) }
      #expect(merged == whole)
    }
    let sums = zip(parts[0].counts, parts[1].counts).map(+)
    var merged = try ScoreHistogram(counts: sums)
    merged.merge(parts[2])
    #expect(merged == whole)
    let labels = truths.map { $0 ? UInt8(2) : 1 }
    var labelled = ScoreHistogram()
    try labelled.add(probabilities: scores.span, labels: labels.span, positives: [2, 7])
    #expect(labelled == whole)
  }

  @Test("a histogram is read back as it was written, in JSON and in its sparse form")
  func writing() throws {
    let (scores, truths) = Self.sample(500, seed: 6, separation: 2)
    let histogram = try Self.histogram(scores, truths)
    let data = Data(histogram.json.compact.utf8)
    #expect(try JSONDecoder().decode(ScoreHistogram.self, from: data) == histogram)
    let encoded = try JSONEncoder().encode(histogram)
    #expect(try JSONDecoder().decode(ScoreHistogram.self, from: encoded) == histogram)
    #expect(try ScoreHistogram(sparse: histogram.sparse) == histogram)
    #expect(data.count < 500 * 16)
    let rows = try CSV.rows(of: histogram.csv)
    #expect(rows.first?.fields == ["bin", "probability", "positives", "negatives"])
    #expect(rows.count == histogram.occupied.count + 1)
    let first = try #require(histogram.occupied.first)
    #expect(rows[1].fields[0] == "\(first.bin)")
    #expect(Double(rows[1].fields[1]) == ScoreHistogram.lowerEdge(of: first.bin))
  }

  @Test("scores that are no probabilities and counts that cannot be are refused")
  func refusals() throws {
    var histogram = ScoreHistogram()
    #expect(throws: CurveError.notFinite(index: 1)) {
      try histogram.add(probabilities: [0.5, .nan].span, truths: [true, true].span)
    }
    #expect(throws: CurveError.notAProbability(index: 0, value: 1.5)) {
      try histogram.add(probabilities: [1.5, 0].span, labels: [1, 0].span, positives: [1])
    }
    #expect(throws: CurveError.lengthsDiffer(scores: 1, truths: 2)) {
      try histogram.add(probabilities: [0.5].span, labels: [1, 0].span, positives: [1])
    }
    #expect(histogram == ScoreHistogram(), "a refused volume leaves no trace")
    #expect(histogram.areaUnderROCBounds == nil && histogram.averagePrecisionBounds == nil)
    let wrong: [[Int64]] = [
      [1, 2], [0, 1, 2, 0, 1, 2], [5, 1, 1, 4, 1, 1], [65536, 1, 1], [-1, 1, 1], [0, -1, 1],
      [0, 1 << 52, 1], [0, .max, .max],
    ]
    for sparse in wrong {
      #expect(throws: CurveError.self) { try ScoreHistogram(sparse: sparse) }
    }
    #expect(throws: CurveError.self) { try ScoreHistogram(counts: [1, 2, 3]) }
    #expect(throws: CurveError.self) {
      try JSONDecoder().decode(
        ScoreHistogram.self, from: Data(#"{"bins": 256, "occupied": []}"#.utf8))
    }
  }
}
