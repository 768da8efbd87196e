/// A drawn figure: shapes and texts within a width and a height.
///
/// Units are those of the figure itself; shown at its natural size, one is a pixel of a web page.
public struct Figure: Sendable, Equatable {
  /// The extent from left to right.
  public let width: Double
  /// The extent from top to bottom.
  public let height: Double
  /// What the figure shows, in words: for readers who do not see it.
  public let label: String
  let shapes: [Markup]

  /// The figure as an element of a page, which carries ``FigureStyle/css`` itself.
  public var inline: Markup {
    .element("svg", attributes + [.init("class", "fig")], shapes)
  }

  /// The figure as the text of an SVG file of its own, with paper and both sets of colors.
  public var file: String {
    let paper = Markup.element(
      "rect",
      [
        .init("width", DecimalText.short(width)), .init("height", DecimalText.short(height)),
      ] + FigureStyle.paint("paper"), [])
    let all = [Markup.tag("title", text: label), .tag("style", [:], [.literal(FigureStyle.css)])]
    let svg = Markup.element(
      "svg",
      [.init("xmlns", "http://www.w3.org/2000/svg")] + attributes + [
        .init("width", DecimalText.short(width)), .init("height", DecimalText.short(height)),
        .init("class", "fig"),
      ], all + [paper] + shapes)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg.written + "\n"
  }

  private var attributes: [Markup.Attribute] {
    let box = [width, height].map { DecimalText.short($0) }.joined(separator: " ")
    return [
      .init("viewBox", "0 0 \(box)"), .init("role", "img"), .init("aria-label", label),
      .init("font-family", FigureStyle.font), .init("font-size", "11"),
    ]
  }
}

/// Shapes by coordinates.
enum Shape {
  /// A straight line.
  static func line(
    from: (x: Double, y: Double), to: (x: Double, y: Double), _ paint: [Markup.Attribute],
    width: Double = 1
  ) -> Markup {
    .element(
      "line",
      [
        number("x1", from.x), number("y1", from.y), number("x2", to.x), number("y2", to.y),
        number("stroke-width", width),
      ] + paint, [])
  }

  /// A disc, with a text that is shown where it is pointed at.
  static func disc(
    _ x: Double, _ y: Double, radius: Double, _ paint: [Markup.Attribute], note: String? = nil
  ) -> Markup {
    let attributes = [number("cx", x), number("cy", y), number("r", radius)] + paint
    guard let note else { return .element("circle", attributes, []) }
    return .element("circle", attributes, [.tag("title", text: note)])
  }

  /// A rectangle.
  static func rectangle(
    x: ClosedRange<Double>, y: ClosedRange<Double>, _ paint: [Markup.Attribute]
  ) -> Markup {
    .element(
      "rect",
      [
        number("x", x.lowerBound), number("y", y.lowerBound),
        number("width", x.upperBound - x.lowerBound),
        number("height", y.upperBound - y.lowerBound),
      ] + paint, [])
  }

  /// Lines through points, each run of them from a start of its own.
  static func path(
    _ runs: [[SIMD2<Double>]], closed: Bool = false, _ paint: [Markup.Attribute]
  ) -> Markup {
    var text = ""
    for run in runs where !run.isEmpty {
      for (index, point) in run.enumerated() {
        text += index == 0 ? "M" : "L"
        text += DecimalText.short(point.x) + " " + DecimalText.short(point.y)
      }
      if closed { text += "Z" }
    }
    return .element("path", [.init("d", text)] + paint, [])
  }

  /// A text.
  static func text(
    _ content: String, x: Double, y: Double, _ paint: String = "ink", anchor: String = "start",
    size: Double? = nil, isBold: Bool = false, turned: Bool = false
  ) -> Markup {
    var attributes = [number("x", x), number("y", y)] + FigureStyle.paint(paint)
    if anchor != "start" { attributes.append(.init("text-anchor", anchor)) }
    if let size { attributes.append(number("font-size", size)) }
    if isBold { attributes.append(.init("font-weight", "600")) }
    if turned {
      let place = "\(DecimalText.short(x)) \(DecimalText.short(y))"
      attributes.append(.init("transform", "rotate(-90 \(place))"))
    }
    return .element("text", attributes, [.text(content)])
  }

  static func number(_ name: String, _ value: Double) -> Markup.Attribute {
    .init(name, DecimalText.short(value))
  }
}
