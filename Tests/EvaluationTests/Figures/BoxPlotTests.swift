import Testing

@testable import Evaluation

@Suite("Box plots")
struct BoxPlotTests {
  // Python, matplotlib 3.11.2:
  //   from matplotlib.cbook import boxplot_stats
  //   s = boxplot_stats(values)[0]; s["q1"], s["med"], s["q3"], s["whislo"], s["whishi"]
  @Test(
    "boxes and whiskers are matplotlib's",
    arguments: [
      ([1, 2, 3, 4, 5, 6, 7, 8, 9, 30], [3.25, 5.5, 7.75, 1, 9]),
      ([0.2, 0.8, 0.85, 0.86, 0.9, 0.91, 0.93], [0.825, 0.86, 0.905, 0.8, 0.93]),
      ([5], [5, 5, 5, 5, 5]),
      ([-3, 0, 0, 0, 4], [0, 0, 0, 0, 0]),
    ] as [([Double], [Double])])
  func boxes(values: [Double], expected: [Double]) throws {
    let box = try #require(BoxPlot.Box(values))
    let found = [
      box.summary.lowerQuartile, box.summary.median, box.summary.upperQuartile, box.lowerWhisker,
      box.upperWhisker,
    ]
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(found)")
  }

  @Test("every value is a point at its height that says what it is of")
  func points() throws {
    let values = [1.0, 2, 3, 4, 10].enumerated().map { BoxPlot.Value("subject \($0)", $1) }
    let plot = BoxPlot(
      "Distances", y: Axis("HD95", unit: "mm", range: 0...10), groups: ["head", "tail"],
      series: [.init("run", groups: [values, []])])
    let svg = try ParsedXML.parse(plot.figure.file)
    let grid = FigureTests.grid(svg)
    let discs = svg.elements("circle")
    #expect(discs.count == 5)
    #expect(discs.map { $0.children[0].text }.last == "subject 4: 10.00")
    #expect(abs(discs[1].number("cy") - (try #require(grid["2"]))) < 0.011)
    #expect(abs(discs[4].number("cy") - (try #require(grid["10"]))) < 0.011)
    // The median's line is the thick one.
    let median = try #require(svg.elements("line", "stroke-width", "2.6").first)
    let (two, four) = (try #require(grid["2"]), try #require(grid["4"]))
    #expect(abs(median.number("y1") - (two + four) / 2) < 0.011)
  }

  @Test("of a crowd only those beyond the whiskers are drawn one by one")
  func crowd() throws {
    let values = (0..<1000).map { BoxPlot.Value("\($0)", Double($0 % 100)) } + [.init("far", 900)]
    let plot = BoxPlot(
      "Crowd", y: Axis("y"), groups: ["a"], series: [.init("run", groups: [values])])
    let svg = try ParsedXML.parse(plot.figure.file)
    #expect(svg.elements("circle").map { $0.children[0].text } == ["far: 900.0"])
  }

  @Test("equal samples give equal bytes")
  func deterministic() {
    let plot = BoxPlot(
      "Same", y: Axis("y"), groups: ["a"],
      series: [.init("run", groups: [[.init("x", 1), .init("y", 2)]])])
    #expect(plot.figure.file == plot.figure.file)
  }
}
