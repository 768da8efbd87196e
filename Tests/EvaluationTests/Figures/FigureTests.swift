import Evaluation
import Foundation
import Testing

@Suite("Figures")
struct FigureTests {
  /// The heights of the horizontal grid lines, and the labels beside them.
  static func grid(_ svg: ParsedXML) -> [String: Double] {
    let lines = svg.elements("line", "class", "grid").map { $0.number("y1") }
    let labels = svg.elements("text", "text-anchor", "end")
    return Dictionary(
      uniqueKeysWithValues: labels.compactMap { label in
        lines.first { abs($0 + 4 - label.number("y")) < 0.02 }.map { (label.text, $0) }
      })
  }

  @Test("a line goes through its points: where a value has a grid line, they are at one height")
  func line() throws {
    let chart = LineChart(
      "A line", x: Axis("epoch"), y: Axis("loss"),
      series: [.init("one", x: [0, 1, 2, 3, 4], y: [0, 20, 40, 60, 100])])
    let svg = try ParsedXML.parse(chart.figure.file)
    let points = try #require(svg.elements("path", "class", "l0").first).points
    let grid = Self.grid(svg)
    #expect(grid.keys.sorted() == ["0", "100", "20", "40", "60", "80"])
    for (value, point) in zip(["0", "20", "40", "60", "100"], points) {
      #expect(abs(try #require(grid[value]) - point.y) < 0.011)
    }
    let steps = zip(points, points.dropFirst()).map { $1.x - $0.x }
    #expect(steps.allSatisfy { abs($0 - steps[0]) < 0.021 } && steps[0] > 50)
    // Upright axes point up.
    #expect(points[4].y < points[0].y)
  }

  @Test("on a logarithmic axis equal quotients are equal lengths")
  func logarithmic() throws {
    let chart = LineChart(
      "A law", x: Axis("n", kind: .logarithmic), y: Axis("Dice"),
      series: [.init("", x: [1, 10, 100, 0, -3, 1000], y: [1, 2, 3, 9, 9, 4])])
    let svg = try ParsedXML.parse(chart.figure.file)
    let path = try #require(svg.elements("path", "class", "l0").first)
    #expect(path.attributes["d"]?.count { $0 == "M" } == 2, "what has no place leaves a gap")
    let x = path.points.map(\.x)
    #expect(x.count == 4)
    #expect(abs(x[1] - x[0] - (x[2] - x[1])) < 0.03 && abs(x[3] - x[2] - (x[1] - x[0])) < 0.03)
  }

  @Test("a band lies a deviation to either side of its line")
  func band() throws {
    let chart = LineChart(
      "A mean", x: Axis("x"), y: Axis("y", range: 0...10),
      series: [
        LineChart.Series("m", x: [0, 1], y: [4, 6]).with(deviation: [2, 2]),
        LineChart.Series("e", x: [0, 1], y: [4, 6]).with(deviation: [1, 1], as: .bars),
      ])
    let svg = try ParsedXML.parse(chart.figure.file)
    let grid = Self.grid(svg)
    let area = try #require(svg.elements("path", "class", "f0").first).points.map(\.y)
    let heights = try ["6", "8", "4", "2"].map { try #require(grid[$0]) }
    #expect(zip(area, heights).allSatisfy { abs($0 - $1) < 0.011 })
    // Three lines a bar, and the legend's.
    #expect(svg.elements("line", "class", "l1").count == 7)
  }

  @Test("names that mean to break out stay texts", arguments: MarkupTests.hostile)
  func hostile(name: String) throws {
    let line = LineChart(
      name, x: Axis(name, unit: name), y: Axis(name),
      series: [.init(name, x: [1], y: [1]), .init("b", x: [1], y: [2])])
    let box = BoxPlot(
      name, y: Axis(name), groups: [name], series: [.init(name, groups: [[.init(name, 1)]])])
    for figure in [line.figure, box.figure] {
      let svg = try ParsedXML.parse(figure.file)
      let known: Set = ["svg", "title", "style", "rect", "text", "line", "path", "circle"]
      #expect(Set(svg.all.map(\.name)).isSubset(of: known))
      #expect(figure.file.contains("http") == figure.file.contains("http://www.w3.org/2000/svg"))
    }
  }

  @Test("a figure's size is bounded, whatever the number of points")
  func bounded() throws {
    let x = (0..<200_000).map(Double.init)
    let chart = LineChart(
      "Many", x: Axis("x"), y: Axis("y"),
      series: [.init("s", x: x, y: x.map { sin($0 / 3000) + sin($0) })])
    let svg = try ParsedXML.parse(chart.figure.file)
    let points = try #require(svg.elements("path", "class", "l0").first).points
    #expect((1000...4000).contains(points.count))
    #expect(chart.figure.file.utf8.count < 60_000)
    // Least and greatest values survive.
    let all = x.map { sin($0 / 3000) + sin($0) }
    let grid = Self.grid(svg)
    let (zero, one) = (try #require(grid["0"]), try #require(grid["1"]))
    let highest = (try #require(points.map(\.y).min()) - zero) / (one - zero)
    #expect(abs(highest - (all.max() ?? 0)) < 0.01)
  }

  @Test("nothing, one point and values that are no numbers make a figure too")
  func degenerate() throws {
    for (x, y) in [([], []), ([1], [1]), ([1, 2], [.nan, .infinity])] as [([Double], [Double])] {
      let chart = LineChart(
        "Few", x: Axis("x"), y: Axis("y"), series: [.init("s", x: x, y: y, style: .lineAndPoints)])
      let text = chart.figure.file
      _ = try ParsedXML.parse(text)
      #expect(!text.contains("nan") && !text.contains("inf"))
    }
    let empty = BoxPlot("None", y: Axis("y"), groups: [], series: [])
    _ = try ParsedXML.parse(empty.figure.file)
  }

  @Test("every color for light paper has one for dark, and the inline figure leaves it to its page")
  func colors() throws {
    let series = (0..<8).map { LineChart.Series("s\($0)", x: [0, 1], y: [0, Double($0)]) }
    let figure = LineChart("Colors", x: Axis("x"), y: Axis("y"), series: series).figure
    let svg = try ParsedXML.parse(figure.file)
    for element in svg.all {
      guard let name = element.attributes["class"], name != "fig" else { continue }
      #expect(FigureStyle.css.contains(".fig .\(name){"), "\(name)")
      #expect(element.attributes["fill"] != nil || element.attributes["stroke"] != nil)
    }
    #expect(svg.elements("style").count == 1)
    let inline = try ParsedXML.parse(figure.inline.written)
    #expect(inline.elements("style").isEmpty && inline.elements("rect", "class", "paper").isEmpty)
    // The eighth series has the first one's color and is told apart by its dashes.
    let repeated = svg.elements("path", "class", "l0")
    #expect(Set(repeated.map { $0.attributes["stroke-dasharray"] }).count == 2)
  }

  @Test("a data-limitation plot shows means, deviations and the fitted law")
  func dataLimitation() throws {
    let law = { (n: Double) in 0.5 * pow(n, 0.1) }
    let samples = [5, 10, 20, 60].map { n in
      (subjects: n, values: [law(Double(n)) - 0.01, law(Double(n)) + 0.01])
    }
    let chart = LineChart.dataLimitation(
      [.init("U-Net", samples: samples), .init("one size", samples: [(20, [0.6])])],
      metric: Axis("Dice"))
    var grown = LineChart.LearningCurve("U-Net", samples: Array(samples.dropLast()))
    grown.add([samples[3].values[0]], subjects: 60)
    grown.add([samples[3].values[1]], subjects: 60)
    #expect(grown == .init("U-Net", samples: samples))
    #expect(chart.series.map(\.name) == ["U-Net", "0.500 n^0.100, R² 1.000", "one size"])
    let bars = chart.series[0]
    // The deviation of two values 0.02 apart is 0.02 / sqrt 2.
    #expect(zip(bars.upper, bars.y).allSatisfy { abs($0 - $1 - 0.02 / 2.0.squareRoot()) < 1e-12 })
    _ = try ParsedXML.parse(chart.figure.file)
  }

  @Test("ROC, PR and field-of-view charts have the axes of the field")
  func curves() throws {
    let roc = LineChart.receiverOperating([.init("fold 0", x: [0, 0.2, 1], y: [0, 0.9, 1])])
    #expect(roc.series.map(\.name) == ["fold 0", "chance"])
    let pr = LineChart.precisionRecall(
      [.init("mean", x: [0, 1], y: [1, 0.5], deviation: [0, 0.1])], prevalence: 0.1)
    #expect(pr.series.map(\.y) == [[1, 0.5], [0.1, 0.1]])
    let view = LineChart.fieldOfView([
      .init("mean", x: [0, 0.5, 1], y: [0.7, 0.9, 0.8], deviation: [0.1, 0.05, 0.1])
    ])
    #expect(view.series[0].x == [0, 50, 100])
    #expect(view.y.range?.lowerBound.isApproximately(0.57) == true)
    for chart in [roc, pr, view] { _ = try ParsedXML.parse(chart.figure.file) }
  }
}

extension Double {
  fileprivate func isApproximately(_ other: Double) -> Bool { abs(self - other) < 1e-9 }
}
