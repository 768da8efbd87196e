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

  @Test("a power law agrees with SciPy's regression of the logarithms")
  func powerLaw() throws {
    // r = scipy.stats.linregress(np.log(x), np.log(y)); np.exp(r.intercept), r.slope, r.rvalue**2
    let fit = try PowerLaw(
      x: [5, 10, 20, 40, 80, 160], y: [0.71, 0.78, 0.82, 0.861, 0.883, 0.90])
    #expect(abs(fit.coefficient - 0.659587896512734) < 1e-13)
    #expect(abs(fit.exponent - 0.06622106153465511) < 1e-13)
    #expect(abs(try #require(fit.rSquared) - 0.9288685374972976) < 1e-12)
    #expect(abs(fit.value(at: 1) - fit.coefficient) < 1e-15)
    let flat = try PowerLaw(x: [1, 2, 4], y: [0.5, 0.5, 0.5])
    #expect(flat == (try PowerLaw(x: [3, 5], y: [0.5, 0.5])))
    #expect(flat.rSquared == nil)
    #expect(flat.value(at: 7) == 0.5)
    #expect(throws: StatisticsError.constant(count: 2)) { try PowerLaw(x: [2, 2], y: [1, 3]) }
    #expect(throws: StatisticsError.notPositive(index: 1)) { try PowerLaw(x: [2, 0], y: [1, 3]) }
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
