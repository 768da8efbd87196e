import Evaluation
import Foundation
import Testing

@Suite struct SampleTests {
  @Test("median and quartiles agree with NumPy")
  func quartiles() throws {
    let values = [0.886, 0.864, 0.91, 0.89, 0.902, 0.877]
    let summary = try SampleSummary(values)
    // numpy.percentile(values, [0, 25, 50, 75, 100]) and [2.5, 33.3, 95], NumPy 2.4.6
    #expect(summary.minimum == 0.864)
    #expect(abs(summary.lowerQuartile - 0.87925) < 1e-15)
    #expect(abs(summary.median - 0.888) < 1e-15)
    #expect(abs(summary.upperQuartile - 0.899) < 1e-15)
    #expect(summary.maximum == 0.91)
    #expect(abs(summary.interquartileRange - 0.01975) < 1e-15)
    for (fraction, expected) in [(0.025, 0.865625), (0.333, 0.882985), (0.95, 0.908)] {
      #expect(abs(Quantile.of(fraction, sorted: values.sorted()) - expected) < 1e-15)
    }
    #expect(throws: StatisticsError.tooFew(have: 0, need: 1)) { try SampleSummary([]) }
    #expect(throws: StatisticsError.notFinite(index: 0)) { try SampleSummary([.nan]) }
  }

  @Test("standardized differences agree with NumPy")
  func cohen() throws {
    // a.mean() / a.std(ddof=1); (g0.mean() - g1.mean()) / pooled standard deviation
    #expect(
      abs(try StandardizedDifference.paired(SignedRankTests.small) - 0.8843101240251934) < 1e-12)
    let groups = GroupComparisonTests.networks
    let independent = try StandardizedDifference.independent(groups[0], groups[1])
    #expect(abs(independent - -3.461443640889132) < 1e-12)
    #expect(throws: StatisticsError.constant(count: 3)) {
      try StandardizedDifference.paired([0.1, 0.1, 0.1])
    }
    #expect(throws: StatisticsError.tooFew(have: 1, need: 2)) {
      try StandardizedDifference.paired([0.1])
    }
  }

  struct Law: Sendable {
    var x: [Double]
    var y: [Double]
    var fit: PowerLaw.Fit
    var coefficient: Double
    var exponent: Double
    var rSquared: Double
  }

  static let sizes: [Double] = [5, 10, 20, 40, 80, 160]
  static let scores = [0.71, 0.78, 0.82, 0.861, 0.883, 0.90]

  // values: SciPy 1.17.1, p = curve_fit(lambda x, a, b: a * x**b, x, y, p0=[1, 1])[0], whose
  //   finite differences leave errors of 1e-8, refined by a, b = root(lambda p: [
  //     sum((y - p[0] * x**p[1]) * x**p[1]),
  //     sum((y - p[0] * x**p[1]) * p[0] * x**p[1] * log(x))], p, tol=1e-15).x;
  //   r = log(y) - log(a) - b * log(x), t = log(y) - mean(log(y)), 1 - r @ r / (t @ t)
  // logarithms: r = scipy.stats.linregress(np.log(x), np.log(y)); exp(r.intercept), r.slope,
  //   r.rvalue**2
  static let laws: [Law] = [
    Law(
      x: sizes, y: scores, fit: .values, coefficient: 0.6651252829640697,
      exponent: 0.06385142201410834, rSquared: 0.9276498619450316),
    Law(
      x: [5, 15, 30, 60, 5, 15], y: [0.9, 0.5, 0.45, 0.2, 1.3, 0.6], fit: .values,
      coefficient: 2.889295702456762, exponent: -0.6008738862210636, rSquared: 0.9197010195895412),
    Law(
      x: [1, 2, 3, 4], y: [1, 100, 1, 50], fit: .values, coefficient: 28.88542767315072,
      exponent: 0.334316193275663, rSquared: -0.42889233423050954),
    Law(
      x: sizes, y: scores, fit: .logarithms, coefficient: 0.659587896512734,
      exponent: 0.06622106153465511, rSquared: 0.9288685374972976),
  ]

  @Test("a power law agrees with SciPy's", arguments: laws)
  func powerLaw(_ law: Law) throws {
    let fit = try PowerLaw(x: law.x, y: law.y, fit: law.fit)
    #expect(abs(fit.coefficient - law.coefficient) < 1e-12 * law.coefficient)
    #expect(abs(fit.exponent - law.exponent) < 1e-12)
    #expect(abs(try #require(fit.rSquared) - law.rSquared) < 1e-12)
    #expect(abs(fit.value(at: 1) - fit.coefficient) < 1e-12 * law.coefficient)
  }

  @Test("points on a power law give it back, and constant values a constant")
  func exactLaws() throws {
    for fit in PowerLaw.Fit.allCases {
      let y = Self.sizes.map { 0.4 * pow($0, -0.2) }
      let law = try PowerLaw(x: Self.sizes, y: y, fit: fit)
      #expect(abs(law.coefficient - 0.4) < 1e-13)
      #expect(abs(law.exponent + 0.2) < 1e-13)
      #expect(abs(try #require(law.rSquared) - 1) < 1e-12)
      let flat = try PowerLaw(x: [1, 2, 4], y: [0.5, 0.5, 0.5], fit: fit)
      #expect(flat == (try PowerLaw(x: [3, 5], y: [0.5, 0.5], fit: fit)))
      #expect(flat.rSquared == nil)
      #expect(flat.value(at: 7) == 0.5)
    }
    #expect(throws: StatisticsError.constant(count: 2)) { try PowerLaw(x: [2, 2], y: [1, 3]) }
    #expect(throws: StatisticsError.notPositive(index: 1)) { try PowerLaw(x: [2, 0], y: [1, 3]) }
    #expect(throws: StatisticsError.notFinite(index: 0)) { try PowerLaw(x: [2, 1], y: [.nan, 3]) }
    #expect(throws: StatisticsError.tooFew(have: 1, need: 2)) { try PowerLaw(x: [2], y: [1]) }
  }

  @Test("bootstrap intervals agree with SciPy's within the spread of the resamples")
  func bootstrap() throws {
    let values = (0..<40).map { (Double($0) * 0.618).truncatingRemainder(dividingBy: 1) }
    // scipy.stats.bootstrap((u,), f, n_resamples=200000, method="percentile",
    //   rng=np.random.default_rng(1)), u = [i * 0.618 % 1 for i in range(40)], SciPy 1.17.1
    let mean = try BootstrapInterval.mean(of: values, resamples: 4000)
    #expect(abs(mean.estimate - 0.476) < 1e-12)
    #expect(abs(mean.lower - 0.3853) < 0.007)
    #expect(abs(mean.upper - 0.56665) < 0.007)
    let median = try BootstrapInterval.median(of: values, resamples: 4000)
    #expect(abs(median.lower - 0.315) < 0.02)
    #expect(abs(median.upper - 0.624) < 0.02)
    #expect(mean == (try BootstrapInterval.mean(of: values, resamples: 4000)))
    #expect(mean != (try BootstrapInterval.mean(of: values, resamples: 4000, seed: 2)))
  }

  @Test("the difference of two samples has SciPy's interval within the spread of the resamples")
  func bootstrapDifference() throws {
    // scipy.stats.bootstrap((a, b), lambda x, y, axis: f(x, axis=axis) - f(y, axis=axis),
    //   n_resamples=200000, method="percentile", rng=np.random.default_rng(5)), SciPy 1.17.1,
    //   a, b = the first two networks
    let networks = GroupComparisonTests.networks
    let mean = try BootstrapInterval(networks[0], minus: networks[1], resamples: 4000) {
      $0.reduce(0, +) / Double($0.count)
    }
    // a.mean() - b.mean()
    #expect(abs(mean.estimate - (0.8881666666666667 - 0.9356)) < 1e-12)
    #expect(abs(mean.lower - -0.06146666666666678) < 0.0015)
    #expect(abs(mean.upper - -0.03359999999999996) < 0.0015)
    let median = try BootstrapInterval(
      networks[0], minus: networks[1], resamples: 4000, statistic: Quantile.median)
    #expect(abs(median.lower - -0.0665) < 0.004)
    #expect(abs(median.upper - -0.028) < 0.004)
    #expect(throws: StatisticsError.tooFew(have: 0, need: 1)) {
      try BootstrapInterval([1], minus: [], statistic: Quantile.median)
    }
    #expect(throws: StatisticsError.notFinite(index: 0)) {
      try BootstrapInterval([1], minus: [.infinity], statistic: Quantile.median)
    }
  }

  @Test("two values have the three means that a resample can have")
  func twoValues() throws {
    // Means 0, 1/2, 1 with probabilities 1/4, 1/2, 1/4.
    let half = try BootstrapInterval.mean(of: [0, 1], confidence: 0.4, resamples: 2000)
    #expect(half.lower == 0.5 && half.upper == 0.5)
    let wide = try BootstrapInterval.mean(of: [0, 1], confidence: 0.6, resamples: 2000)
    #expect(wide.lower == 0 && wide.upper == 1)
    #expect(throws: StatisticsError.statisticNotFinite(resample: 0)) {
      try BootstrapInterval([1]) { _ in .nan }
    }
    #expect(throws: StatisticsError.tooFew(have: 0, need: 1)) {
      try BootstrapInterval.mean(of: [])
    }
  }
}
