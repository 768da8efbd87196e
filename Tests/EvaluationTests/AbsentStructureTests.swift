import Evaluation
import Testing

/// The stated rule for structures that one or both segmentations lack.
@Suite struct AbsentStructureTests {
  static let bothEmpty = ConfusionCounts(trueNegatives: 10)
  static let missed = ConfusionCounts(falseNegatives: 4, trueNegatives: 6)
  static let spurious = ConfusionCounts(falsePositives: 4, trueNegatives: 6)
  static let everywhere = ConfusionCounts(truePositives: 10)

  typealias Case = (metric: String, counts: ConfusionCounts, value: MetricValue)

  static let cases: [Case] = [
    ("dice", bothEmpty, .undefined(.bothEmpty)), ("dice", missed, .value(0)),
    ("dice", spurious, .value(0)), ("dice", everywhere, .value(1)),
    ("jaccard", bothEmpty, .undefined(.bothEmpty)), ("jaccard", missed, .value(0)),
    ("jaccard", spurious, .value(0)), ("jaccard", everywhere, .value(1)),
    ("voe", bothEmpty, .undefined(.bothEmpty)), ("voe", missed, .value(1)),
    ("voe", spurious, .value(1)), ("voe", everywhere, .value(0)),
    ("precision", bothEmpty, .undefined(.bothEmpty)),
    ("precision", missed, .undefined(.predictionEmpty)), ("precision", spurious, .value(0)),
    ("recall", bothEmpty, .undefined(.bothEmpty)), ("recall", missed, .value(0)),
    ("recall", spurious, .undefined(.referenceEmpty)),
    ("specificity", bothEmpty, .value(1)), ("specificity", missed, .value(1)),
    ("specificity", spurious, .value(0.6)),
    ("specificity", everywhere, .undefined(.noBackground)),
    ("volumeError", bothEmpty, .undefined(.bothEmpty)), ("volumeError", missed, .value(-1)),
    ("volumeError", spurious, .undefined(.referenceEmpty)),
    ("volumeError", everywhere, .value(0)),
  ]

  @Test("a structure absent from one or both volumes has the stated value", arguments: cases)
  func rule(_ item: Case) throws {
    let metric = try #require(OverlapMetrics.named(item.metric))
    #expect(metric.value(of: item.counts) == item.value)
  }

  @Test("names in the catalogue are unique and the unknown name is not found")
  func names() {
    let names = OverlapMetrics.catalogue.map { $0.name }
    #expect(Set(names).count == names.count)
    #expect(OverlapMetrics.named("dise") == nil)
    for metric in OverlapMetrics.catalogue { #expect(!metric.definition.isEmpty) }
  }

  // numpy: v = [.5, .25, .9, .75]; np.mean(v), np.std(v, ddof=1), np.median(v), np.mean(v + [0.])
  @Test("an aggregate counts what is undefined and lets no fault raise the mean")
  func aggregate() throws {
    let values: [MetricValue] = [
      .value(0.5), .undefined(.bothEmpty), .value(0.25), .undefined(.predictionEmpty), .value(0.9),
      .value(0.75),
    ]
    let aggregate = Aggregate(values, worst: 0)
    #expect(aggregate.defined == 4)
    #expect(aggregate.undefinedCount == 2)
    #expect(aggregate.undefined == [.bothEmpty: 1, .predictionEmpty: 1])
    #expect(abs(try #require(aggregate.mean) - 0.6) < 1e-15)
    #expect(abs(try #require(aggregate.standardDeviation) - 0.2857738033247041) < 1e-15)
    #expect(aggregate.median == 0.625)
    #expect(abs(try #require(aggregate.worstCaseMean) - 0.48) < 1e-15)
  }

  @Test("an aggregate of nothing has no mean, and of one value no deviation")
  func degenerate() {
    let none = Aggregate([.undefined(.bothEmpty)], worst: 0)
    #expect(none.mean == nil && none.median == nil && none.worstCaseMean == nil)
    #expect(none.undefinedCount == 1)
    let one = Aggregate([.value(0.5)], worst: 0)
    #expect(one.mean == 0.5 && one.median == 0.5 && one.standardDeviation == nil)
    let three = Aggregate([.value(0.9), .value(0.25), .value(0.5)], worst: 0)
    #expect(three.median == 0.5)
    let fault = Aggregate([.undefined(.referenceEmpty)], worst: 0)
    #expect(fault.mean == nil && fault.worstCaseMean == 0)
  }
}
