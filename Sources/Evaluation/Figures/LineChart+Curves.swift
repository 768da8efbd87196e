internal import Foundation

extension LineChart {
  /// A curve of one model or fold, or a mean of several with its standard deviation.
  public struct Curve: Sendable, Equatable {
    /// What the legend calls it, figures such as the area under it included.
    public var name: String
    /// The places along the bottom.
    public var x: [Double]
    /// The values.
    public var y: [Double]
    /// The standard deviation of a mean's values; nil for a single curve.
    public var deviation: [Double]?

    /// A curve through the points (`x[i]`, `y[i]`).
    public init(_ name: String, x: [Double], y: [Double], deviation: [Double]? = nil) {
      precondition(x.count == y.count, "a curve has as many values as places")
      self.name = name
      self.x = x
      self.y = y
      self.deviation = deviation
    }

    func series(_ style: Style = .line) -> Series {
      let series = Series(name, x: x, y: y, style: style)
      guard let deviation else { return series }
      return series.with(deviation: deviation)
    }
  }

  private static let unit = -0.02...1.02

  /// Receiver operating characteristics: true positive rate over false positive rate, with the line
  /// of chance.
  public static func receiverOperating(_ curves: [Curve], title: String = "ROC") -> LineChart {
    var chart = LineChart(
      title, x: Axis("False positive rate", range: unit),
      y: Axis("True positive rate", range: unit),
      series: curves.map { $0.series() } + [
        Series("chance", x: [0, 1], y: [0, 1], style: .dashedLine, color: aidColor)
      ])
    chart.height = 400
    return chart
  }

  /// Precision over recall.
  ///
  /// - Parameters:
  ///   - curves: one a model or fold, recall along the bottom.
  ///   - prevalence: the share of positives, which is the precision of chance; nil draws none.
  ///   - title: what stands on top.
  /// - Returns: a chart that is nearly square.
  public static func precisionRecall(
    _ curves: [Curve], prevalence: Double? = nil, title: String = "Precision and recall"
  ) -> LineChart {
    let chance = prevalence.map {
      Series("chance", x: [0, 1], y: [$0, $0], style: .dashedLine, color: aidColor)
    }
    var chart = LineChart(
      title, x: Axis("Recall", range: unit), y: Axis("Precision", range: unit),
      series: curves.map { $0.series() } + (chance.map { [$0] } ?? []))
    chart.height = 400
    return chart
  }

  /// Dice over the place of the slice in the structure, from its first slice (0 %) to its last
  /// (100 %): the field-of-view curve of Desai et al. (2019).
  ///
  /// - Parameters:
  ///   - curves: mean Dice with its standard deviation, places as shares 0...1.
  ///   - title: what stands on top.
  /// - Returns: a chart whose upright axis begins a little below the lowest deviation.
  public static func fieldOfView(
    _ curves: [Curve], title: String = "Dice over the field of view"
  ) -> LineChart {
    LineChart(
      title, x: Axis("Slice position", unit: "%", range: 0...100),
      y: Axis("Dice", range: dataRange(curves)),
      series: curves.map { curve in
        var series = curve.series()
        series.x = series.x.map { $0 * 100 }
        return series
      })
  }

  /// Dice lies in 0...1, whatever a standard deviation says.
  private static func dataRange(_ curves: [Curve]) -> ClosedRange<Double> {
    let least = curves.flatMap { curve in
      curve.deviation.map { zip(curve.y, $0).map { $0 - $1 } } ?? curve.y
    }.filter(\.isFinite).min()
    return max(0, min(0.95, (least ?? 0) - 0.03))...1.02
  }

  /// The number of the gray among the colors.
  static let aidColor = 5

  /// The measurements of one model trained on several numbers of subjects.
  public struct LearningCurve: Sendable, Equatable {
    /// What the legend calls the model.
    public var name: String
    /// The numbers of training subjects, each with the values measured there (seeds, folds).
    public private(set) var samples: [(subjects: Int, values: [Double])]

    /// Measurements by number of training subjects.
    public init(_ name: String, samples: [(subjects: Int, values: [Double])]) {
      self.name = name
      self.samples = samples.filter { $0.subjects > 0 && !$0.values.isEmpty }
        .sorted { $0.subjects < $1.subjects }
    }

    /// Adds values measured at a number of training subjects to those already there.
    public mutating func add(_ values: [Double], subjects: Int) {
      guard subjects > 0, !values.isEmpty else { return }
      if let place = samples.firstIndex(where: { $0.subjects == subjects }) {
        samples[place].values += values
      } else {
        samples.append((subjects, values))
        samples.sort { $0.subjects < $1.subjects }
      }
    }

    /// Whether two hold the same measurements.
    public static func == (left: Self, right: Self) -> Bool {
      left.name == right.name && left.samples.map(\.subjects) == right.samples.map(\.subjects)
        && left.samples.map(\.values) == right.samples.map(\.values)
    }
  }

  /// How a metric grows with the number of training subjects: means with bars of one standard
  /// deviation over a logarithmic axis, and the power law fitted to the means.
  ///
  /// - Parameters:
  ///   - curves: one a model.
  ///   - metric: the upright axis.
  ///   - title: what stands on top.
  /// - Returns: a chart whose legend has the law of every model with two sizes or more.
  public static func dataLimitation(
    _ curves: [LearningCurve], metric: Axis, title: String = "Data limitation"
  ) -> LineChart {
    var series: [Series] = []
    for (index, curve) in curves.enumerated() {
      let sizes = curve.samples.map { Double($0.subjects) }
      let means = curve.samples.map { $0.values.reduce(0, +) / Double($0.values.count) }
      let deviations = zip(curve.samples, means).map { sample, mean -> Double in
        guard sample.values.count > 1 else { return 0 }
        let squares = sample.values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(sample.values.count - 1)).squareRoot()
      }
      series.append(
        Series(curve.name, x: sizes, y: means, style: .points, color: index)
          .with(deviation: deviations, as: .bars))
      // One size, or a mean that is not above zero, has no power law.
      guard let law = try? PowerLaw(x: sizes, y: means), let least = sizes.first,
        let greatest = sizes.last
      else { continue }
      let places = (0...60).map { least * pow(greatest / least, Double($0) / 60) }
      let fit =
        "\(DecimalText.significant(law.coefficient)) n^\(DecimalText.significant(law.exponent))"
        + (law.rSquared.map { ", R² \(DecimalText.fixed($0, decimals: 3))" } ?? "")
      series.append(
        Series(
          fit, x: places, y: places.map { law.value(at: $0) }, style: .dashedLine, color: index)
      )
    }
    return LineChart(
      title, x: Axis("Training subjects", kind: .logarithmic), y: metric, series: series)
  }
}
