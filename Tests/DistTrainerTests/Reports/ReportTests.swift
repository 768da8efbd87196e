import Evaluation
import Foundation
import FoundationXML
import Testing
import Volumes

@testable import DistTrainer

@Suite("Reports", .serialized)
struct ReportTests {
  /// A page as libxml2 reads it.
  static func page(_ outcome: Report.Outcome) throws -> XMLDocument {
    try XMLDocument(xmlString: String(contentsOfFile: outcome.page, encoding: .utf8))
  }

  static func texts(_ page: XMLDocument, _ path: String) throws -> [String] {
    try page.nodes(forXPath: path).map { $0.stringValue ?? "" }
  }

  @Test("a finished run makes a page that stands by itself, and files with the run's own figures")
  func finished() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writePhantoms("\(folder.path)/data", count: 8)
    let outcome = try #require(try SmallStudy.train(in: folder.path))
    let report = try Report(runs: [outcome.folder.path], pictures: 2).write()
    #expect(report.notices.isEmpty)
    #expect(report.page == "\(folder.path)/run/report/index.html")
    let text = try String(contentsOfFile: report.page, encoding: .utf8)
    #expect(text.utf8.count == report.pageBytes && report.pageBytes < 1_000_000)
    #expect(!text.contains("://") && !text.contains("//www"), "an address of another host")
    #expect(text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"))
    let page = try Self.page(report)

    // Every metric is explained.
    let explained = try Self.texts(page, "//details[summary='What the names stand for']//dt")
    #expect(Set(explained).isSuperset(of: OverlapMetrics.catalogue.map { $0.name }))

    // Links lead to places of their own.
    let ids = try Self.texts(page, "//@id")
    #expect(Set(ids).count == ids.count)
    let links = try Self.texts(page, "//nav//@href")
    #expect(links.count == 5 && links.allSatisfy { ids.contains(String($0.dropFirst())) })
    // Pictures: three planes of two worst and two best subjects.
    #expect(try page.nodes(forXPath: "//img").count == 12)
    #expect(try page.nodes(forXPath: "//img[@loading='lazy' and @alt and @width]").count == 12)
    for source in try Self.texts(page, "//img/@src") {
      let encoded = try #require(source.split(separator: ",").last)
      let data = try #require(Data(base64Encoded: String(encoded)))
      _ = try PNGImage(png: [UInt8](data), named: "overlay")
    }
    // Heads of tables are buttons, which keys reach.
    let heads = try page.nodes(forXPath: "//table[@class='sortable']//th").count
    #expect(try page.nodes(forXPath: "//th/button[@type='button']").count == heads && heads > 20)
    #expect(try page.nodes(forXPath: "//svg[@role='img' and @aria-label]").count >= 5)

    // The means are those of summary.json, to the last digit.
    let table = try CSV.rows(
      of: String(contentsOfFile: "\(folder.path)/run/report/tables/results.csv", encoding: .utf8)
    ).map(\.fields)
    for (row, label) in zip(table.dropFirst(), outcome.table.labels) {
      let dice = outcome.table.aggregate(Dice.self, label: label.label)
      #expect(row[1] == label.name && row[2] == "8")
      let place = try #require(table[0].firstIndex(of: "dice mean"))
      #expect(Double(row[place]) == dice.mean && Double(row[place + 1]) == dice.standardDeviation)
    }
    for file in ["box-1.svg", "folds-1.svg", "training-1-loss.svg"] {
      _ = try XMLDocument(
        contentsOf: URL(filePath: "\(folder.path)/run/report/figures/\(file)"))
    }
    // Again, the same bytes.
    let again = try Report(
      runs: [outcome.folder.path], output: "\(folder.path)/again", pictures: 2
    ).write()
    #expect(try SmallStudy.bytes(again.page) == SmallStudy.bytes(report.page))
  }

  @Test("a run in progress is reported as far as it is, and said to be so")
  func inProgress() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writePhantoms("\(folder.path)/data", count: 4)
    let outcome = try #require(try SmallStudy.train(in: folder.path, folds: [0]))
    let report = try Report(runs: [outcome.folder.path], pictures: 1).write()
    #expect(
      report.notices == [
        "run is not finished (fold 1 not begun): its figures are of 1 of 2 folds and will change."
      ])
    let page = try Self.page(report)
    #expect(try Self.texts(page, "//p[@class='notice']") == report.notices)
    #expect(
      try Self.texts(page, "//div[@id='folds']//tbody/tr/td[3]") == ["finished", "missing"])

    // Nothing but the configuration and the folds: a run that has just begun.
    try FileManager.default.removeItem(atPath: outcome.folder.fold(0).path)
    let begun = try Report(runs: [outcome.folder.path], pictures: 1).write()
    #expect(begun.notices[0].contains("folds 0, 1 not begun"))
    #expect(try Self.page(begun).nodes(forXPath: "//img").isEmpty)
    // A fold in training has a log whose last line may be cut short.
    try FileManager.default.createDirectory(
      atPath: outcome.folder.fold(0).path, withIntermediateDirectories: true)
    try "{\"epoch\":1,\"step\":2,\"loss\":0.5}\n{\"epoch\":2,\"st".write(
      toFile: outcome.folder.fold(0).log, atomically: true, encoding: .utf8)
    let training = try Report(runs: [outcome.folder.path], pictures: 1).write()
    #expect(training.notices[0].contains("fold 0 in progress; fold 1 not begun"))
    #expect(try Self.texts(Self.page(training), "//svg//text").contains("Training loss"))
  }

  @Test("a data set that is not here costs the overlays and a sentence, and may be named anew")
  func missingDataset() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writePhantoms("\(folder.path)/data", count: 4)
    let outcome = try #require(try SmallStudy.train(in: folder.path))
    try FileManager.default.moveItem(
      atPath: "\(folder.path)/data", toPath: "\(folder.path)/elsewhere")
    let report = try Report(runs: [outcome.folder.path]).write()
    #expect(report.notices.count == 1)
    #expect(report.notices[0].hasPrefix("There are no overlays, for the data set"))
    #expect(try Self.page(report).nodes(forXPath: "//img").isEmpty)
    let named = try Report(
      runs: [outcome.folder.path], pictures: 1, data: "\(folder.path)/elsewhere"
    ).write()
    #expect(named.notices.isEmpty)
    #expect(try Self.page(named).nodes(forXPath: "//img").count == 6)
    // A prediction that is damaged is said where its pictures would be.
    let worst = SubjectPictures.ranking(try ReportedRun(outcome.folder.path).table)[0]
    try Data("no volume".utf8).write(
      to: URL(filePath: outcome.folder.fold(worst.fold).validation.prediction(worst.subject)))
    let damaged = try Report(
      runs: [outcome.folder.path], pictures: 1, data: "\(folder.path)/elsewhere"
    ).write()
    let page = try Self.page(damaged)
    #expect(try page.nodes(forXPath: "//img").count == 3)
    #expect(
      try Self.texts(page, "//div[@class='subject']/p").contains { $0.hasPrefix("No pictures: ") })
  }

  @Test("hostile names of runs, subjects and structures stay texts")
  func hostile() throws {
    let folder = try TemporaryFolder()
    let name = "<script>alert(1)<!--\"'&amp;"
    let subjects = ["<img src=x onerror=alert(1)>", "]]>&\"'", "$(rm)|`x`", "é\u{202E}x"]
    try SmallStudy.writeDataset("\(folder.path)/data", subjects: subjects, shape: [16, 16, 16])
    let description = try String(
      contentsOfFile: "\(folder.path)/data/dataset.json", encoding: .utf8)
    try description.replacing("head", with: "<b onclick=x>&").write(
      toFile: "\(folder.path)/data/dataset.json", atomically: true, encoding: .utf8)
    let outcome = try #require(
      try SmallStudy.train(
        in: folder.path, output: name, overrides: ["data.folds.group=null"]))
    let report = try Report(runs: [outcome.folder.path], pictures: 2).write()
    #expect(report.notices.isEmpty)
    let page = try Self.page(report)
    #expect(try page.nodes(forXPath: "//script").count == 1)
    #expect(try page.nodes(forXPath: "//@onerror | //@onclick | //b").isEmpty)
    #expect(try page.nodes(forXPath: "//img").count == 12)
    #expect(try Self.texts(page, "//h1") == ["Report on \(name)"])
    #expect(Set(try Self.texts(page, "//h4")) == Set(subjects))
    let files = try FileManager.default.subpathsOfDirectory(
      atPath: "\(outcome.folder.path)/report")
    #expect(files.allSatisfy { $0.allSatisfy { $0.isASCII && !"<>&\"'$`| ".contains($0) } })
  }

  @Test("runs are compared as segmpi compare compares them, and what differs in them is listed")
  func comparison() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writePhantoms("\(folder.path)/data", count: 8)
    for seed in 1...2 {
      _ = try SmallStudy.train(
        in: folder.path, output: "\(seed)/run", overrides: ["training.seed=\(seed)"])
    }
    let paths = (1...2).map { "\(folder.path)/\($0)/run" }
    let output = "\(folder.path)/report"
    let report = try Report(runs: paths, output: output, pictures: 1, fieldOfView: .axial).write()
    #expect(report.notices.isEmpty)
    let page = try Self.page(report)
    // Two runs of one name are told apart by their paths.
    #expect(try Self.texts(page, "//h1") == ["Report on \(paths.joined(separator: ", "))"])
    #expect(
      try Self.texts(page, "//div[@id='differences']//td") == ["training.seed", "1", "2"])
    let rows = try CSV.rows(
      of: String(contentsOfFile: "\(output)/tables/comparison.csv", encoding: .utf8)
    ).map(\.fields)
    var options = SystemComparison.Options()
    options.test = .wilcoxon
    let expected = try SystemComparison(MeasuredSystem.read(paths, metric: "dice"), options)
    for (row, label) in zip(rows.dropFirst(), expected.labels) {
      let pair = label.pairs[0]
      #expect(row[..<5] == ["dice", label.label, paths[0], paths[1], "8"])
      #expect(
        row[5...9].map { Double($0) } == [
          pair.difference?.estimate, pair.difference?.lower, pair.difference?.upper,
          pair.outcome?.pValue, pair.outcome?.adjustedPValue,
        ])
    }
    // Dice over slices: a mean and a band for each structure of each run.
    for number in 1...2 {
      let view = try XMLDocument(
        contentsOf: URL(filePath: "\(output)/figures/field-of-view-\(number).svg"))
      #expect(try view.nodes(forXPath: "//*[local-name()='path']").count == 4)
    }
  }

  @Test("folds that left histograms of probabilities get ROC and precision-recall curves")
  func scores() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writePhantoms("\(folder.path)/data", count: 4)
    let outcome = try #require(try SmallStudy.train(in: folder.path))
    // Negatives at 0.25, one positive at 0.25 and three at 0.75: AUC is 3/4 + 1/4 / 2, AP is
    // 3/4 * 1 + 1/4 * 4/8.
    for fold in 0...1 {
      try "label,bin,positives,negatives\n1,16384,1,4\n1,49152,3,0\n".write(
        toFile: "\(outcome.folder.fold(fold).validation.path)/scores.csv", atomically: true,
        encoding: .utf8)
    }
    let report = try Report(runs: [outcome.folder.path], pictures: 0).write()
    #expect(report.notices.isEmpty)
    let texts = try Self.texts(Self.page(report), "//svg//text")
    for text in ["fold 1, AUC 0.8750", "mean, AUC 0.8750 ± 0.0000", "fold 0, AP 0.8750"] {
      #expect(texts.contains(text), "\(text)")
    }
    let figures = try FileManager.default.contentsOfDirectory(
      atPath: "\(folder.path)/run/report/figures")
    #expect(figures.contains("roc-1-1.svg") && figures.contains("pr-1-1.svg"))
    #expect(!figures.contains("roc-1-2.svg"))
    try "label,bin\n1,2".write(
      toFile: "\(outcome.folder.fold(0).validation.path)/scores.csv", atomically: true,
      encoding: .utf8)
    let damaged = try Report(runs: [outcome.folder.path], pictures: 0).write()
    #expect(damaged.notices.count == 1)
    #expect(damaged.notices[0].contains("scores.csv is not a histogram of scores"))
  }

  @Test("runs without a common structure are reported, and said not to be compared")
  func incomparable() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writePhantoms("\(folder.path)/data", count: 4)
    _ = try SmallStudy.train(in: folder.path, output: "one")
    try FileManager.default.copyItem(atPath: "\(folder.path)/one", toPath: "\(folder.path)/two")
    for fold in 0...1 {
      let file = RunFolder("\(folder.path)/two").fold(fold).validation.metrics
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacing(",1,femur,", with: ",7,x,").replacing(",2,head,", with: ",8,y,").write(
        toFile: file, atomically: true, encoding: .utf8)
    }
    let runs = ["one", "two"].map { "\(folder.path)/\($0)" }
    let report = try Report(runs: runs, pictures: 0).write()
    #expect(report.notices.count == 1)
    #expect(report.notices[0].hasPrefix("The runs are not compared. The systems have no structure"))
    #expect(try Self.page(report).nodes(forXPath: "//section[@id='comparison-section']").isEmpty)
  }

  @Test("what is no run, and a damaged table, are refused in a sentence")
  func faults() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.self) { try Report(runs: ["\(folder.path)/none"]) }
    let run = RunFolder("\(folder.path)/run")
    try run.create(folds: 2)
    try SmallStudy.yaml("data").write(
      toFile: run.configuration, atomically: true, encoding: .utf8)
    let noSplits = #expect(throws: FileError.self) { try Report(runs: [run.path]) }
    #expect(noSplits?.description.contains("does not tell the folds") == true)
    try "[{\"train\": [\"a\"], \"val\": [\"b\"]}]".write(
      toFile: run.splits, atomically: true, encoding: .utf8)
    _ = try Report(runs: [run.path])
    try "nonsense".write(
      toFile: run.fold(0).validation.metrics, atomically: true, encoding: .utf8)
    let damaged = #expect(throws: FileError.self) { try Report(runs: [run.path]) }
    #expect(damaged?.description.contains("is not a table of metrics") == true)
  }

  @Test("PNG needs rsvg-convert, and says so")
  func converter() throws {
    let error = #expect(throws: FileError.self) { try VectorConverter(path: "") }
    #expect(error?.description.contains("librsvg2-bin") == true)
  }

  @Test(
    "rsvg-convert draws figures at twice their size",
    .enabled(if: (try? VectorConverter()) != nil, "rsvg-convert is not installed"))
  func png() throws {
    let folder = try TemporaryFolder()
    let chart = LineChart(
      "A line", x: Axis("x"), y: Axis("y"), series: [.init("s", x: [0, 1], y: [0, 1])])
    try chart.figure.file.write(
      toFile: "\(folder.path)/a.svg", atomically: true, encoding: .utf8)
    let converter = try VectorConverter()
    try converter.convert("\(folder.path)/a.svg", to: "\(folder.path)/a.png")
    let image = try PNGImage(png: [UInt8](try SmallStudy.bytes("\(folder.path)/a.png")), named: "a")
    #expect(image.width == 880 && image.height == 600)
    try "no figure".write(toFile: "\(folder.path)/b.svg", atomically: true, encoding: .utf8)
    #expect(throws: FileError.self) {
      try converter.convert("\(folder.path)/b.svg", to: "\(folder.path)/b.png")
    }
  }
}
