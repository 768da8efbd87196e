import Evaluation
import Foundation
import Testing

@Suite struct SignedRankTests {
  static let small = [
    0.012, -0.003, 0.007, 0.021, 0.015, -0.001, 0.004, 0.009, 0.013, 0.002, 0.018, -0.006,
  ]
  static let large = (1...86).map {
    ((0.01 * sin(1.7 * Double($0)) + 0.003) * 1e6).rounded() / 1e6
  }
  static let tied: [Double] = [1, 2, -1, 3, 0, -2, 4, 0, 5, -1, 2]
  static func stepped(_ count: Int) -> [Double] { (0..<count).map { Double($0 * 37 % 11 - 4) } }
  static func fractions(_ count: Int) -> [Double] {
    (0..<count).map { (Double($0) * 0.37).truncatingRemainder(dividingBy: 1) - 0.3 }
  }

  struct Case: Sendable {
    var differences: [Double]
    var method: WilcoxonSignedRank.Method
    var alternative: Alternative = .twoSided
    var statistic: Double
    var pValue: Double
  }

  // SciPy 1.17.1, scipy.stats.wilcoxon(d, alternative=…, method=…, correction=…):
  //   small: method exact / asymptotic, correction False / True; all three alternatives
  //   large: d = [round(.01 * sin(1.7 * i) + .003, 6) for i in range(1, 87)]
  //   tied, stepped(13): method auto, which enumerates permutations (ties, zeros, n <= 13)
  //   stepped(n): d = [(i * 37 % 11) - 4 for i in range(n)]
  //   fractions(n): d = [(i * 0.37 % 1) - 0.3 for i in range(n)]; auto turns at n = 50
  static let cases: [Case] = [
    Case(differences: small, method: .automatic, statistic: 9, pValue: 0.01611328125),
    Case(differences: small, method: .normal, statistic: 9, pValue: 0.018602929901135743),
    Case(
      differences: small, method: .normalWithContinuity, statistic: 9,
      pValue: 0.020658377241239013),
    Case(
      differences: small, method: .exact, alternative: .less, statistic: 9,
      pValue: 0.993896484375),
    Case(
      differences: small, method: .normal, alternative: .less, statistic: 9,
      pValue: 0.9906985350494322),
    Case(
      differences: small, method: .normalWithContinuity, alternative: .less, statistic: 9,
      pValue: 0.9916356498051476),
    Case(
      differences: small, method: .exact, alternative: .greater, statistic: 9,
      pValue: 0.008056640625),
    Case(
      differences: small, method: .normalWithContinuity, alternative: .greater, statistic: 9,
      pValue: 0.010329188620619507),
    Case(differences: large, method: .automatic, statistic: 1032, pValue: 0.0003055148876582362),
    Case(differences: large, method: .exact, statistic: 1032, pValue: 0.00023585498790490433),
    Case(differences: tied, method: .automatic, statistic: 9, pValue: 0.13671875),
    Case(
      differences: tied, method: .automatic, alternative: .less, statistic: 9,
      pValue: 0.95703125),
    Case(
      differences: tied, method: .automatic, alternative: .greater, statistic: 9,
      pValue: 0.068359375),
    Case(
      differences: stepped(13), method: .automatic, statistic: 26.5, pValue: 0.5966796875),
    Case(
      differences: stepped(14), method: .automatic, statistic: 27.5,
      pValue: 0.3645765678867561),
    Case(
      differences: stepped(20), method: .automatic, statistic: 56, pValue: 0.19728381372329284),
    Case(
      differences: stepped(20), method: .normalWithContinuity, statistic: 56,
      pValue: 0.2049852334443092),
    Case(
      differences: fractions(50), method: .automatic, statistic: 262,
      pValue: 0.0001778852638985029),
    Case(
      differences: fractions(51), method: .automatic, statistic: 268,
      pValue: 0.00021346902076127352),
  ]

  @Test("the signed-rank test agrees with SciPy", arguments: cases)
  func oracle(_ item: Case) throws {
    let test = try WilcoxonSignedRank(
      differences: item.differences, method: item.method, alternative: item.alternative)
    #expect(test.statistic == item.statistic)
    #expect(abs(test.pValue - item.pValue) <= 1e-12 * item.pValue)
  }

  @Test("effect sizes follow from the rank sums and keep the sign of the differences")
  func effect() throws {
    let test = try WilcoxonSignedRank(differences: Self.small)
    // (69 - 39) / sqrt(12 * 13 * 25 / 24) / sqrt(12) and (69 - 9) / 78, W+ = 69, W- = 9.
    #expect(abs(test.effectSize - 30 / 162.5.squareRoot() / 12.0.squareRoot()) < 1e-14)
    #expect(test.rankBiserial == 60.0 / 78)
    let mirrored = try WilcoxonSignedRank(differences: Self.small.map { -$0 })
    #expect(mirrored.effectSize == -test.effectSize)
    #expect(mirrored.pValue == test.pValue)
  }

  @Test("two samples are compared subject by subject")
  func pairs() throws {
    let test = try WilcoxonSignedRank([0.5, 0.5, 0.75], [0.25, 0.625, 0.75])
    #expect(test.pairs == 3)
    #expect(test.zeros == 1)
    #expect(test.positiveRankSum == 2)
    #expect(test.negativeRankSum == 1)
  }

  @Test("what cannot be tested is refused with its reason")
  func refusals() {
    #expect(throws: StatisticsError.unpaired(first: 2, second: 1)) {
      try WilcoxonSignedRank([1, 2], [1])
    }
    #expect(throws: StatisticsError.noDifference(pairs: 2)) {
      try WilcoxonSignedRank([1, 2], [1, 2])
    }
    #expect(throws: StatisticsError.notFinite(index: 1)) {
      try WilcoxonSignedRank([1, .nan], [1, 2])
    }
    #expect(throws: StatisticsError.tooFew(have: 0, need: 1)) {
      try WilcoxonSignedRank(differences: [])
    }
    #expect(throws: StatisticsError.tooManyForExact(pairs: 501, limit: 500)) {
      try WilcoxonSignedRank(differences: (1...501).map(Double.init), method: .exact)
    }
  }

  @Test("one subject alone never differs significantly")
  func oneSubject() throws {
    #expect(try WilcoxonSignedRank(differences: [0.3]).pValue == 1)
  }

  @Test("no p-value of so many pairs is below the least one", arguments: 1...12)
  func leastPValue(pairs: Int) throws {
    let test = try WilcoxonSignedRank(differences: (1...pairs).map(Double.init))
    #expect(WilcoxonSignedRank.leastPValue(pairs: pairs) == test.pValue)
    #expect((test.pValue < 0.05) == (pairs >= 6))
  }
}
