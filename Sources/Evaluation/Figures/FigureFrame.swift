/// What surrounds the marks of a figure: heading, legend, axes, grid. Decides where everything lies.
struct FigureFrame {
  /// What runs along the bottom.
  enum Horizontal {
    /// Numbers.
    case axis(Axis, domain: ClosedRange<Double>)
    /// Names, each in the middle of its share of the width.
    case names([String], title: String)
  }

  /// How an entry of the legend is drawn.
  enum Swatch {
    case line, dashedLine, point, area
  }

  /// One entry of the legend.
  struct Entry {
    var name: String
    var color: Int
    var swatch: Swatch
  }

  static let font = 11.0
  private static let headingSize = 13.0
  private static let rowHeight = 17.0
  private static let swatchWidth = 18.0

  let width: Double
  let height: Double
  /// Where marks lie.
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>
  /// The scale along the bottom; of names, their number is the domain: name i stands at i + 0.5.
  let horizontal: AxisScale
  let vertical: AxisScale
  /// Everything but the marks.
  let shapes: [Markup]

  /// Lays out a figure of a size: a heading on top, shortened where it is too long; a legend of
  /// two entries or more; axes, of which the upright one has its ends given.
  init(
    heading: String, horizontal: Horizontal, vertical axis: Axis, domain: ClosedRange<Double>,
    legend: [Entry], size: (width: Double, height: Double)
  ) {
    width = size.width
    height = size.height
    let ticks = AxisTicks(axis.kind, domain: domain)
    let labels = ticks.labels.map { FigureStyle.width(of: $0, size: Self.font) }
    let left = 24 + (labels.max() ?? 0) + 8
    let right = size.width - 14
    let bottom = size.height - (Self.caption(horizontal).isEmpty ? 24 : 38)
    var shapes = [
      Shape.text(
        Self.fitting(heading, width: size.width - 16, size: Self.headingSize),
        x: 8, y: 18, size: Self.headingSize, isBold: true)
    ]
    let rows = legend.count < 2 ? [] : Self.rows(legend, width: size.width - 16)
    for (index, row) in rows.enumerated() {
      shapes += Self.drawn(row, y: 36 + Double(index) * Self.rowHeight)
    }
    // However much is written around it, some of the figure is left to be seen.
    let top = min(bottom - 40, 34 + Double(rows.count) * Self.rowHeight)
    x = left...max(left + 40, right)
    y = top...bottom
    vertical = AxisScale(kind: axis.kind, domain: domain, ends: (bottom, top))
    for (value, label) in zip(ticks.values, ticks.labels) {
      guard let place = vertical.position(of: value) else { continue }
      shapes.append(
        Shape.line(
          from: (x.lowerBound, place), to: (x.upperBound, place), FigureStyle.paint("grid")))
      shapes.append(
        Shape.text(label, x: left - 6, y: place + 4, "muted", anchor: "end"))
    }
    shapes.append(
      Shape.text(
        Self.fitting(axis.caption, width: bottom - top + 24, size: Self.font), x: 16,
        y: (top + bottom) / 2, anchor: "middle", turned: true))
    switch horizontal {
    case .axis(let axis, let domain):
      self.horizontal = AxisScale(
        kind: axis.kind, domain: domain, ends: (x.lowerBound, x.upperBound))
    case .names(let names, _):
      self.horizontal = AxisScale(
        kind: .linear, domain: 0...Double(max(1, names.count)), ends: (x.lowerBound, x.upperBound))
    }
    shapes += Self.marks(horizontal, scale: self.horizontal, y: y)
    shapes.append(
      Shape.line(
        from: (x.lowerBound, bottom), to: (x.upperBound, bottom), FigureStyle.paint("axis")))
    self.shapes = shapes
  }

  /// The figure with its marks, which are cut off at the axes.
  func figure(_ marks: [Markup], label: String) -> Figure {
    let box = [
      x.lowerBound, y.lowerBound, x.upperBound - x.lowerBound, y.upperBound - y.lowerBound,
    ]
    let names = ["x", "y", "width", "height"]
    // Marks at the very ends keep their whole width.
    let room = 5.0
    let padded = [box[0] - room, box[1] - room, box[2] + 2 * room, box[3] + 2 * room]
    let inner = Markup.element(
      "svg",
      zip(names, padded).map { Shape.number($0, $1) } + [
        .init("viewBox", padded.map { DecimalText.short($0) }.joined(separator: " "))
      ], marks)
    return Figure(width: width, height: height, label: label, shapes: shapes + [inner])
  }

  /// What stands below the marks along the bottom.
  private static func caption(_ horizontal: Horizontal) -> String {
    switch horizontal {
    case .axis(let axis, _): axis.caption
    case .names(_, let title): title
    }
  }

  /// The marks and labels along the bottom, and what it shows.
  private static func marks(
    _ horizontal: Horizontal, scale: AxisScale, y: ClosedRange<Double>
  ) -> [Markup] {
    var shapes: [Markup] = []
    let length = scale.ends.1 - scale.ends.0
    switch horizontal {
    case .axis(let axis, let domain):
      let ticks = AxisTicks(axis.kind, domain: domain, count: Int(length / 60))
      var lastEnd = -Double.infinity
      for (value, label) in zip(ticks.values, ticks.labels) {
        guard let place = scale.position(of: value) else { continue }
        shapes.append(
          Shape.line(
            from: (place, y.upperBound), to: (place, y.upperBound + 4), FigureStyle.paint("axis")))
        // Labels that would touch the one before are left out; their marks stay.
        let half = FigureStyle.width(of: label, size: font) / 2
        guard place - half > lastEnd + 3 else { continue }
        lastEnd = place + half
        shapes.append(Shape.text(label, x: place, y: y.upperBound + 16, "muted", anchor: "middle"))
      }
    case .names(let names, _):
      let share = length / Double(max(1, names.count))
      for (index, name) in names.enumerated() {
        guard let place = scale.position(of: Double(index) + 0.5) else { continue }
        shapes.append(
          Shape.text(
            fitting(name, width: share - 4, size: font), x: place, y: y.upperBound + 16, "muted",
            anchor: "middle"))
      }
    }
    let caption = caption(horizontal)
    guard !caption.isEmpty else { return shapes }
    let middle = (scale.ends.0 + scale.ends.1) / 2
    shapes.append(
      Shape.text(
        fitting(caption, width: length, size: font), x: middle, y: y.upperBound + 33,
        anchor: "middle"))
    return shapes
  }

  /// The legend's entries in rows that fit a width.
  private static func rows(_ entries: [Entry], width: Double) -> [[Entry]] {
    var rows: [[Entry]] = [[]]
    var used = 0.0
    for var entry in entries {
      entry.name = fitting(entry.name, width: width - swatchWidth - 20, size: font)
      let own = ownWidth(entry)
      if used > 0, used + own > width {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(entry)
      used += own
    }
    return rows
  }

  private static func ownWidth(_ entry: Entry) -> Double {
    swatchWidth + 5 + FigureStyle.width(of: entry.name, size: font) + 12
  }

  private static func drawn(_ row: [Entry], y: Double) -> [Markup] {
    var shapes: [Markup] = []
    var x = 8.0
    for entry in row {
      let end = x + swatchWidth
      switch entry.swatch {
      case .line, .dashedLine:
        var paint = FigureStyle.line(entry.color)
        let dashes = entry.swatch == .dashedLine ? "5 4" : FigureStyle.dashes(entry.color)
        if let dashes { paint.append(.init("stroke-dasharray", dashes)) }
        shapes.append(Shape.line(from: (x, y - 4), to: (end, y - 4), paint, width: 2.5))
      case .point:
        shapes.append(
          Shape.disc((x + end) / 2, y - 4, radius: 4, FigureStyle.fill(entry.color)))
      case .area:
        shapes.append(
          Shape.rectangle(
            x: x...end, y: (y - 9)...(y + 1),
            FigureStyle.fill(entry.color) + [.init("fill-opacity", "0.75")]))
      }
      shapes.append(Shape.text(entry.name, x: end + 5, y: y))
      x += ownWidth(entry)
    }
    return shapes
  }

  /// A text cut to a width, with an ellipsis where it was cut.
  static func fitting(_ text: String, width: Double, size: Double) -> String {
    guard FigureStyle.width(of: text, size: size) > width else { return text }
    var kept = ""
    for character in text {
      guard FigureStyle.width(of: kept + String(character) + "…", size: size) <= width else {
        break
      }
      kept.append(character)
    }
    return kept + "…"
  }
}
