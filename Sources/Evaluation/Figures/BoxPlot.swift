/// A chart of samples side by side: boxes from quartile to quartile, and the values themselves.
public struct BoxPlot: Sendable, Equatable {
  /// One value and what it is of.
  public struct Value: Sendable, Equatable {
    /// What the value is of, shown where it is pointed at.
    public var name: String
    /// The value.
    public var number: Double

    /// A value of something.
    public init(_ name: String, _ number: Double) {
      self.name = name
      self.number = number
    }
  }

  /// The samples of one color, one for each group.
  public struct Series: Sendable, Equatable {
    /// What the legend calls them.
    public var name: String
    /// The values in each group; a group may be empty.
    public var groups: [[Value]]

    /// Samples, one for each group of the plot.
    public init(_ name: String, groups: [[Value]]) {
      self.name = name
      self.groups = groups
    }
  }

  /// A box: quartiles, and whiskers to the outermost values within 1.5 interquartile ranges of the
  /// box (Tukey, Exploratory Data Analysis, 1977).
  struct Box: Equatable {
    var summary: SampleSummary
    var lowerWhisker: Double
    var upperWhisker: Double

    /// The box of a sample; `nil` for an empty one.
    init?(_ values: [Double]) {
      guard let summary = try? SampleSummary(values) else { return nil }
      let reach = 1.5 * summary.interquartileRange
      self.summary = summary
      lowerWhisker =
        values.filter { $0 >= summary.lowerQuartile - reach }.min() ?? summary.lowerQuartile
      upperWhisker =
        values.filter { $0 <= summary.upperQuartile + reach }.max() ?? summary.upperQuartile
    }
  }

  /// Above so many values in a sample, only those beyond the whiskers are drawn one by one.
  static let mostPoints = 400

  /// What stands on top.
  public var title: String
  /// The upright axis.
  public var y: Axis
  /// The names of the groups.
  public var groups: [String]
  /// What the groups are.
  public var groupsTitle: String
  /// The samples.
  public var series: [Series]
  /// The extent from left to right.
  public var width = 440.0
  /// The extent from top to bottom.
  public var height = 300.0

  /// A plot of samples, those of one group side by side.
  public init(
    _ title: String, y: Axis, groups: [String], groupsTitle: String = "", series: [Series]
  ) {
    precondition(series.allSatisfy { $0.groups.count == groups.count }, "a series has every group")
    self.title = title
    self.y = y
    self.groups = groups
    self.groupsTitle = groupsTitle
    self.series = series
  }

  /// The plot, drawn.
  ///
  /// Points lie beside each other as their place in the sample has it, not at random, so that equal
  /// samples give equal bytes.
  public var figure: Figure {
    let domain = y.domain(series.flatMap { $0.groups.flatMap { $0.map(\.number) } })
    let frame = FigureFrame(
      heading: title, horizontal: .names(groups, title: groupsTitle), vertical: y, domain: domain,
      legend: series.enumerated().map { .init(name: $1.name, color: $0, swatch: .area) },
      size: (width, height))
    let share = (frame.x.upperBound - frame.x.lowerBound) / Double(max(1, groups.count))
    let slot = share * 0.84 / Double(max(1, series.count))
    let half = min(slot * 0.38, 26)
    var marks: [Markup] = []
    for group in groups.indices {
      guard let middle = frame.horizontal.position(of: Double(group) + 0.5) else { continue }
      for (index, series) in series.enumerated() {
        let center = middle + (Double(index) - Double(self.series.count - 1) / 2) * slot
        marks += drawn(series.groups[group], at: center, half: half, color: index, frame)
      }
    }
    return frame.figure(
      marks, label: "\(title): box plots of \(y.caption) for \(groups.joined(separator: ", "))")
  }

  private func drawn(
    _ sample: [Value], at x: Double, half: Double, color: Int, _ frame: FigureFrame
  ) -> [Markup] {
    let sample = sample.filter { y.admits($0.number) }
    guard let box = Box(sample.map(\.number)) else { return [] }
    let scale = frame.vertical
    guard let low = scale.position(of: box.lowerWhisker),
      let high = scale.position(of: box.upperWhisker),
      let lower = scale.position(of: box.summary.lowerQuartile),
      let upper = scale.position(of: box.summary.upperQuartile),
      let median = scale.position(of: box.summary.median)
    else { return [] }
    let line = FigureStyle.line(color)
    var marks: [Markup] = []
    let isCrowded = sample.count > Self.mostPoints
    for (index, value) in sample.enumerated() {
      let isBeyond = value.number < box.lowerWhisker || value.number > box.upperWhisker
      guard !isCrowded || isBeyond, let place = scale.position(of: value.number) else { continue }
      // Multiples of the golden section spread evenly however many there are.
      let offset = (Double(index) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1) - 0.5
      marks.append(
        Shape.disc(
          x + offset * half * 1.6, place, radius: isBeyond ? 2.4 : 1.7,
          FigureStyle.fill(color) + [.init("fill-opacity", isBeyond ? "0.9" : "0.4")],
          note: "\(value.name): \(DecimalText.significant(value.number, digits: 4))"))
    }
    marks.append(
      Shape.rectangle(
        x: (x - half)...(x + half), y: upper...max(upper, lower),
        FigureStyle.fill(color) + [.init("fill-opacity", "0.16")]))
    marks.append(
      Shape.path(
        [
          [
            SIMD2(x - half, upper), SIMD2(x + half, upper), SIMD2(x + half, lower),
            SIMD2(x - half, lower),
            SIMD2(x - half, upper),
          ],
          [SIMD2(x, lower), SIMD2(x, low)], [SIMD2(x, upper), SIMD2(x, high)],
          [SIMD2(x - half / 2, low), SIMD2(x + half / 2, low)],
          [SIMD2(x - half / 2, high), SIMD2(x + half / 2, high)],
        ], line + [.init("fill", "none"), .init("stroke-width", "1.2")]))
    marks.append(Shape.line(from: (x - half, median), to: (x + half, median), line, width: 2.6))
    return marks
  }
}
