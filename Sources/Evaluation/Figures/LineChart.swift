/// A chart of one quantity over another: lines, points, and bands or bars of spread about them.
public struct LineChart: Sendable, Equatable {
  /// How a series is drawn.
  public enum Style: Sendable {
    /// A line through the points.
    case line
    /// A broken line, for what is no measurement: a fit, a baseline.
    case dashedLine
    /// A line and the points it goes through.
    case lineAndPoints
    /// Points alone.
    case points
  }

  /// How a series' spread is drawn.
  public enum Spread: Sendable {
    /// An area between the lower and the upper values.
    case band
    /// An upright bar at each point.
    case bars
  }

  /// One series of points.
  public struct Series: Sendable, Equatable {
    /// What the legend calls it.
    public var name: String
    /// Where the points lie along the bottom.
    public var x: [Double]
    /// Their values; where one has no place on its axis, the line has a gap.
    public var y: [Double]
    /// The lower ends of the points' spread; empty for none.
    public var lower: [Double] = []
    /// The upper ends of the points' spread; empty for none.
    public var upper: [Double] = []
    /// How the points are drawn.
    public var style = Style.line
    /// How their spread is drawn.
    public var spread = Spread.band
    /// The color's number; `nil` for that of the series' place.
    public var color: Int?

    /// A series without spread.
    public init(
      _ name: String, x: [Double], y: [Double], style: Style = .line, color: Int? = nil
    ) {
      precondition(x.count == y.count, "a series has as many values as places")
      self.name = name
      self.x = x
      self.y = y
      self.style = style
      self.color = color
    }

    /// The series with a mean's spread, from `y - deviation` to `y + deviation`.
    public func with(deviation: [Double], as spread: Spread = .band) -> Series {
      precondition(deviation.count == y.count, "a spread has as many values as the series")
      var series = self
      series.lower = zip(y, deviation).map { $0 - $1 }
      series.upper = zip(y, deviation).map { $0 + $1 }
      series.spread = spread
      return series
    }
  }

  /// What stands on top.
  public var title: String
  /// The axis along the bottom.
  public var x: Axis
  /// The upright axis.
  public var y: Axis
  /// The series, the first at the back.
  public var series: [Series]
  /// The extent from left to right.
  public var width = 440.0
  /// The extent from top to bottom.
  public var height = 300.0

  /// A chart of `series`.
  public init(_ title: String, x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
  }

  /// The chart, drawn.
  ///
  /// However many points a series has, the figure's size is bounded: of points that fall into one
  /// column of half a unit, the line keeps the first, the least, the greatest and the last.
  ///
  /// - Complexity: O(points).
  public var figure: Figure {
    let xDomain = x.domain(
      series.flatMap(\.x), margin: series.contains(where: \.showsPoints) ? 0.04 : 0)
    let yDomain = y.domain(series.flatMap { $0.y + $0.lower + $0.upper })
    let entries = series.enumerated().map { index, series in
      FigureFrame.Entry(
        name: series.name, color: series.color ?? index,
        swatch: series.style == .points
          ? .point : series.style == .dashedLine ? .dashedLine : .line)
    }
    let frame = FigureFrame(
      heading: title, horizontal: .axis(x, domain: xDomain), vertical: y, domain: yDomain,
      legend: entries.filter { !$0.name.isEmpty }, size: (width, height))
    var marks: [Markup] = []
    for (index, series) in series.enumerated() {
      marks += Self.spread(series, color: series.color ?? index, frame)
    }
    for (index, series) in series.enumerated() {
      marks += Self.drawn(series, color: series.color ?? index, frame)
    }
    let names = series.map(\.name).filter { !$0.isEmpty }.joined(separator: ", ")
    return frame.figure(
      marks,
      label: "\(title): \(y.caption) over \(x.caption)" + (names.isEmpty ? "" : "; \(names)"))
  }

  /// Runs of neighboring points that all have a place.
  private static func runs(_ x: [Double], _ y: [Double], _ frame: FigureFrame) -> [[SIMD2<Double>]]
  {
    var runs: [[SIMD2<Double>]] = [[]]
    for (x, y) in zip(x, y) {
      if let h = frame.horizontal.position(of: x), let v = frame.vertical.position(of: y) {
        runs[runs.count - 1].append(SIMD2(h, v))
      } else if runs.last?.isEmpty == false {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }

  private static func spread(_ series: Series, color: Int, _ frame: FigureFrame) -> [Markup] {
    guard series.lower.count == series.x.count, series.upper.count == series.x.count else {
      return []
    }
    switch series.spread {
    case .band:
      let upper = runs(series.x, series.upper, frame).map(thinned)
      let lower = runs(series.x, series.lower, frame).map(thinned)
      guard upper.count == lower.count, !upper.isEmpty else { return [] }
      return [
        Shape.path(
          zip(upper, lower).map { $0 + $1.reversed() }, closed: true,
          FigureStyle.fill(color) + [.init("fill-opacity", "0.18")])
      ]
    case .bars:
      return series.x.indices.flatMap { index -> [Markup] in
        guard let h = frame.horizontal.position(of: series.x[index]),
          let low = frame.vertical.position(of: series.lower[index]),
          let high = frame.vertical.position(of: series.upper[index])
        else { return [] }
        let paint = FigureStyle.line(color)
        return [
          Shape.line(from: (h, low), to: (h, high), paint, width: 1.2),
          Shape.line(from: (h - 3, low), to: (h + 3, low), paint, width: 1.2),
          Shape.line(from: (h - 3, high), to: (h + 3, high), paint, width: 1.2),
        ]
      }
    }
  }

  private static func drawn(_ series: Series, color: Int, _ frame: FigureFrame) -> [Markup] {
    let runs = runs(series.x, series.y, frame)
    var marks: [Markup] = []
    if series.style != .points {
      var paint: [Markup.Attribute] =
        FigureStyle.line(color) + [
          .init("fill", "none"), .init("stroke-linejoin", "round"),
          Shape.number("stroke-width", series.style == .dashedLine ? 1.2 : 1.8),
        ]
      let dashes = series.style == .dashedLine ? "5 4" : FigureStyle.dashes(color)
      if let dashes { paint.append(.init("stroke-dasharray", dashes)) }
      marks.append(Shape.path(runs.map(thinned), paint))
    }
    if series.showsPoints {
      let points = runs.count == 1 ? thinned(runs[0]) : runs.flatMap(\.self)
      marks += points.map { Shape.disc($0.x, $0.y, radius: 2.6, FigureStyle.fill(color)) }
    } else {
      // A point between gaps has no line to be seen by.
      marks += runs.filter { $0.count == 1 }.flatMap(\.self).map {
        Shape.disc($0.x, $0.y, radius: 1.8, FigureStyle.fill(color))
      }
    }
    return marks
  }

  /// The points of a run, of each column of half a unit at most four.
  private static func thinned(_ run: [SIMD2<Double>]) -> [SIMD2<Double>] {
    guard run.count > 2000 else { return run }
    var kept: [SIMD2<Double>] = []
    var start = 0
    while start < run.count {
      let column = (run[start].x * 2).rounded(.down)
      var end = start
      var (least, greatest) = (start, start)
      while end < run.count, (run[end].x * 2).rounded(.down) == column {
        if run[end].y < run[least].y { least = end }
        if run[end].y > run[greatest].y { greatest = end }
        end += 1
      }
      for index in Set([start, least, greatest, end - 1]).sorted() { kept.append(run[index]) }
      start = end
    }
    return kept
  }
}

extension LineChart.Series {
  var showsPoints: Bool { style == .points || style == .lineAndPoints }
}
