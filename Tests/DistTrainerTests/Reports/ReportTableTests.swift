import Evaluation
import Foundation
import Testing

@testable import DistTrainer

@Suite("Tables of reports")
struct ReportTableTests {
  static let table = ReportTable(
    "results", title: "A & B", caption: "100 % of it_all",
    columns: [.init(title: "name", isNumeric: false), .init(title: "n"), .init(title: "dice")],
    rows: [
      [
        .text("a|b_{x}\\\n<i>$5 & #1~^%"), .count(3),
        .spread(mean: 0.123_456_789, deviation: 0.05, undefined: 0, decimals: 4),
      ],
      [.text("2"), .count(1), .spread(mean: nil, deviation: nil, undefined: 1, decimals: 4)],
    ])

  @Test("CSV keeps all digits and tells what is undefined")
  func csv() throws {
    let rows = try CSV.rows(of: Self.table.csv).map(\.fields)
    #expect(rows[0] == ["name", "n", "dice mean", "dice SD", "dice undefined"])
    #expect(rows[1] == ["a|b_{x}\\\n<i>$5 & #1~^%", "3", "0.123456789", "0.05", "0"])
    #expect(rows[2] == ["2", "1", "", "", "1"])
  }

  @Test("LaTeX has its special characters escaped")
  func latex() {
    let text = Self.table.latex
    #expect(
      text.contains(
        ##"    a|b\_\{x\}\textbackslash{} $<$i$>$\$5 \& \#1\textasciitilde{}\textasciicircum{}\% "##
          + #"& 3 & 0.1235 $\pm$ 0.0500 \\"#))
    #expect(text.contains(#"\caption{A \& B. 100 \% of it\_all}"#))
    #expect(text.contains("\\begin{tabular}{lrr}\n    \\toprule\n    name & n & dice \\\\\n"))
    #expect(text.contains("    2 & 1 & - (1 undefined) \\\\\n"))
  }

  @Test("in LaTeX negative numbers have a minus, and long tables break across pages")
  func longLatex() {
    var table = Self.table
    table.columns = [.init(title: "x")]
    table.rows = (1...41).map { [.number(-Double($0), decimals: 1)] }
    let text = table.latex
    #expect(text.hasPrefix("\\begin{longtable}{r}\n    \\caption{A \\& B. 100 \\% of it\\_all}"))
    #expect(text.contains("    \\midrule\n    \\endhead\n    $-$1.0 \\\\\n"))
    #expect(text.hasSuffix("    $-$41.0 \\\\\n    \\bottomrule\n\\end{longtable}\n"))
  }

  @Test("Markdown keeps a row in its line and its cells apart")
  func markdown() {
    let lines = Self.table.markdown.split(separator: "\n")
    #expect(lines[1] == "| name | n | dice |")
    #expect(lines[2] == "| :--- | ---: | ---: |")
    #expect(lines[3] == ##"| a\|b\_{x}\\ \<i\>$5 \& \#1\~^% | 3 | 0.1235 ± 0.0500 |"##)
    #expect(lines.count == 6)
  }

  @Test("a table of metrics is read whatever columns it has")
  func measured() throws {
    let text = """
      # hd95_mm: the 95th percentile of distances, in mm
      subject,fold,label,name,dice,hd95_mm,tp,fp,fn,tn,referenceVoxels,predictedVoxels,undefined
      b,0,1,head,0.5,2.5,1,1,1,1,2,2,
      b,0,1+2,whole,0.75,,1,1,1,1,2,2,hd95_mm=predictionEmpty
      a,1,1,head,1,0.5,1,0,0,1,1,1,

      """
    let table = try MeasuredTable(csv: text, path: "metrics.csv")
    #expect(table.metrics == ["dice", "hd95_mm"])
    #expect(table.structures.map(\.label) == ["1", "1+2"])
    #expect(table.rows[1].values[1] == .undefined(.predictionEmpty))
    #expect(table.aggregate("dice", table.structures[0]).mean == 0.75)
    #expect(table.aggregate("hd95_mm", table.structures[1]).undefinedCount == 1)
    let joined = MeasuredTable.joined([table.fold(0), table.fold(1)])
    #expect(joined.rows.map(\.subject) == ["a", "b", "b"])
    #expect(
      SubjectPictures.ranking(table).map { "\($0.subject) \($0.dice)" } == ["b 0.625", "a 1.0"])
  }

  @Test(
    "what is no table of metrics is refused with the remedy",
    arguments: [
      "", "a,b\n1,2\n", "subject,label,dice\nx,1\n", "subject,label,dice\nx,1,good\n",
      "subject,label,dice,dice\nx,1,1,1\n", "subject,\"label\n", "subject,label,dice\nx,1,nan\n",
    ])
  func foreign(text: String) {
    let error = #expect(throws: FileError.self) {
      try MeasuredTable(csv: text, path: "metrics.csv")
    }
    #expect(
      error?.description.contains("metrics.csv is not a table of metrics: make it again") == true)
  }
}
