internal import Evaluation
internal import Foundation

/// Turns run folders into one page, and the page's tables and figures into files for papers.
///
/// Nothing is measured anew: figures come from the tables and logs of the runs. What is written
/// depends on the run folders and the data set alone, not on time or place.
public struct Report: Sendable {
  /// What was written.
  public struct Outcome: Sendable, Equatable {
    /// The page.
    public let page: String
    /// The page's length in bytes.
    public let pageBytes: Int
    /// What the reader of the page is told first, a sentence each.
    public let notices: [String]
  }

  /// The slices that a field-of-view curve goes through.
  public enum FieldOfView: String, Sendable, CaseIterable {
    /// From left to right.
    case sagittal
    /// From back to front.
    case coronal
    /// From below to above.
    case axial

    var plane: AnatomicalPlane {
      switch self {
      case .sagittal: .sagittal
      case .coronal: .coronal
      case .axial: .axial
      }
    }
  }

  private let runs: [ReportedRun]
  private let output: String
  private let pictures: Int
  private let data: String?
  private let plane: AnatomicalPlane?
  private let converter: VectorConverter?

  /// Characters of pictures within the page: what is beyond lies in files only, so that the page
  /// stays below 5 MB however many pictures are asked for.
  private static let pictureBudget = 3_000_000
  /// Rows of the table of all subjects within the page.
  private static let mostRows = 4_000

  /// Reads the runs.
  ///
  /// - Parameters:
  ///   - paths: run folders, finished or not.
  ///   - output: the folder to write; nil is `report` in the first run's folder.
  ///   - pictures: how many of each run's worst and best subjects are pictured.
  ///   - savesPNG: whether figures are also written as PNG, by `rsvg-convert`.
  ///   - data: the data set, where it no longer lies where the runs' configurations say.
  ///   - fieldOfView: the slices over which Dice is drawn, by name; nil draws none, since all
  ///     predictions must be read for it.
  /// - Throws: an error in one sentence for a folder that is no run, a damaged table, and PNG asked
  ///   for where `rsvg-convert` is missing.
  public init(
    runs paths: [String], output: String? = nil, pictures: Int = 3, savesPNG: Bool = false,
    data: String? = nil, fieldOfView: FieldOfView? = nil
  ) throws {
    converter = try savesPNG ? VectorConverter() : nil
    var runs = try paths.map { try ReportedRun($0) }
    let names = runs.map(\.name)
    for index in runs.indices where names.count(where: { $0 == names[index] }) > 1 {
      runs[index].name = runs[index].folder.path
    }
    self.runs = runs
    self.output = output ?? (paths.first ?? ".").appending(file: "report")
    self.pictures = max(0, pictures)
    self.data = data
    plane = fieldOfView?.plane
  }

  /// Writes the page `index.html`, and the folders `tables`, `figures` and `overlays` beside it.
  ///
  /// - Throws: ``FileError`` for a folder that cannot be written.
  public func write() throws -> Outcome {
    var notices = runs.compactMap(\.notice)
    let datasets = openDatasets(notices: &notices)
    let pictured = zip(runs, datasets).enumerated().map { index, entry in
      pictures == 0 || entry.0.table.rows.isEmpty
        ? nil
        : entry.1.map { SubjectPictures(entry.0, number: index + 1, dataset: $0, count: pictures) }
    }
    var tables = [
      ReportTables.runs(runs), ReportTables.results(runs), ReportTables.folds(runs),
      ReportTables.subjects(runs),
    ]
    let compared = comparisons(notices: &notices)
    tables += compared
    let boxes = ReportFigures.boxes(runs)
    let byFold = runs.enumerated().compactMap { index, run in
      ReportFigures.boxesByFold(run, number: index + 1)
    }
    let growth = ReportFigures.dataLimitation(runs).map { [$0] } ?? []
    let views = fieldsOfView(datasets, notices: &notices)
    let scores = scoreFigures(notices: &notices)
    let training = runs.enumerated().map { ReportFigures.training($1, number: $0 + 1) }

    for folder in ["tables", "figures", "overlays"] {
      try makeFolder(output.appending(file: folder))
    }
    for table in tables { try save(table) }
    for figure in boxes + byFold + growth + views + scores + training.flatMap(\.self) {
      try save(figure)
    }
    for subject in pictured.flatMap({ ($0?.worst ?? []) + ($0?.best ?? []) }) {
      for picture in subject.pictures {
        try AtomicFile.replace(path("overlays", picture.file)) { try $0.write(picture.png.span) }
      }
    }

    var sections = [
      ReportPage.Section(
        name: "runs-section", title: "Runs",
        content: [tables[0].html()] + runs.map { ReportPage.provenance($0) }),
      ReportPage.Section(
        name: "results-section", title: "Results",
        content: [tables[1].html()] + (ReportPage.definitions(runs).map { [$0] } ?? []) + [
          ReportPage.figures(boxes + byFold + growth + views + scores)
        ]),
      ReportPage.Section(
        name: "training-section", title: "Training",
        content: [tables[2].html()]
          + zip(runs, training).flatMap { run, figures -> [Markup] in
            figures.isEmpty
              ? [] : [.tag("h3", text: run.name), ReportPage.figures(figures)]
          }),
    ]
    if !compared.isEmpty {
      sections.insert(
        ReportPage.Section(
          name: "comparison-section", title: "Comparison", content: compared.map { $0.html() }),
        at: 2)
    }
    sections.append(subjectSection(pictured, table: tables[3], notices: &notices))
    sections.append(
      ReportPage.Section(
        name: "files-section", title: "Files",
        content: [
          .tag(
            "p",
            text:
              "Beside this page: the tables as CSV, Markdown and LaTeX (booktabs) in tables, the "
              + "figures as SVG\(converter == nil ? "" : " and PNG") in figures, the pictures of "
              + "subjects as PNG in overlays.")
        ]))
    let names = runs.map(\.name).joined(separator: ", ")
    let page = ReportPage(title: "Report on \(names)", notices: notices, sections: sections)
    let file = output.appending(file: "index.html")
    let text = page.text
    try AtomicFile.replace(file, with: text)
    return Outcome(page: file, pageBytes: text.utf8.count, notices: notices)
  }

  /// Each run's data set, where it lies here.
  private func openDatasets(notices: inout [String]) -> [Dataset?] {
    var opened: [String: Dataset] = [:]
    var missing: Set<String> = []
    return runs.map { run in
      guard pictures > 0 || plane != nil, !run.table.rows.isEmpty else { return nil }
      let path = data ?? run.configuration.data.dataset
      if opened[path] == nil, !missing.contains(path) {
        do {
          var section = run.configuration.data
          section.dataset = path
          opened[path] = try Dataset.open(section)
        } catch {
          missing.insert(path)
          notices.append(
            "There are no overlays, for the data set \(path) cannot be opened here: name it with "
              + "--data.")
        }
      }
      return opened[path]
    }
  }

  /// What differs between the runs, and the tests between them; what cannot be compared is noticed.
  private func comparisons(notices: inout [String]) -> [ReportTable] {
    guard runs.count > 1 else { return [] }
    var tables: [ReportTable] = []
    do {
      if let tests = try ReportComparison.tests(runs) { tables.append(tests) }
    } catch {
      notices.append("The runs are not compared. \(error)")
    }
    if let differences = try? ReportComparison.differences(runs) { tables.append(differences) }
    return tables
  }

  /// A field-of-view curve a run, where one is asked for; what cannot be read is noticed.
  private func fieldsOfView(_ datasets: [Dataset?], notices: inout [String]) -> [NamedFigure] {
    guard let plane else { return [] }
    var figures: [NamedFigure] = []
    for (index, (run, dataset)) in zip(runs, datasets).enumerated() {
      guard let dataset else { continue }
      do {
        let figure = try FieldOfViewFigures.figure(
          run, number: index + 1, dataset: dataset, plane: plane)
        if let figure { figures.append(figure) }
      } catch {
        notices.append("There is no field-of-view curve of \(run.name). \(error)")
      }
    }
    return figures
  }

  /// Curves of the probabilities, where runs left them; what cannot be read is noticed.
  private func scoreFigures(notices: inout [String]) -> [NamedFigure] {
    var figures: [NamedFigure] = []
    for (index, run) in runs.enumerated() {
      do {
        figures += try ScoreFigures.figures(run, number: index + 1)
      } catch {
        notices.append("There are no ROC curves of \(run.name). \(error)")
      }
    }
    return figures
  }

  private func subjectSection(
    _ pictured: [SubjectPictures?], table: ReportTable, notices: inout [String]
  ) -> ReportPage.Section {
    var left = Self.pictureBudget
    var leftOut = 0
    func isShown(_ picture: SubjectPictures.Picture) -> Bool {
      let length = picture.png.count * 4 / 3 + 4
      guard length <= left else {
        leftOut += 1
        return false
      }
      left -= length
      return true
    }
    var content: [Markup] = []
    for (run, pictured) in zip(runs, pictured) {
      guard let pictured else { continue }
      for (kind, subjects) in [("Worst", pictured.worst), ("Best", pictured.best)]
      where !subjects.isEmpty {
        content.append(.tag("h3", text: "\(kind) subjects of \(run.name)"))
        content.append(
          .tag(
            "div", ["class": "subjects"],
            subjects.map { ReportPage.subject($0, isShown: isShown) }))
      }
    }
    if !content.isEmpty {
      let how =
        "By mean Dice over structures. Each plane is the one with the most voxels in error. As "
        + "radiologists look at it: the subject's right is on the left of coronal and axial slices, "
        + "the front on the left of sagittal ones. Pixels are square, whatever the spacing."
      content.insert(contentsOf: [.tag("p", text: how), ReportPage.key], at: 0)
    }
    if leftOut > 0 {
      notices.append(
        "\(leftOut) pictures lie in the folder overlays only, so that this page stays small.")
    }
    var shown = table
    if table.rows.count > Self.mostRows {
      shown.rows = Array(table.rows.prefix(Self.mostRows))
      shown.caption += " The first \(Self.mostRows) of \(table.rows.count) rows; all are in tables."
    }
    content.append(shown.html(isFolded: true))
    return ReportPage.Section(name: "subjects-section", title: "Subjects", content: content)
  }

  private func path(_ folder: String, _ file: String) -> String {
    output.appending(file: folder).appending(file: file)
  }

  private func save(_ table: ReportTable) throws {
    try AtomicFile.replace(path("tables", "\(table.name).csv"), with: table.csv)
    try AtomicFile.replace(path("tables", "\(table.name).md"), with: table.markdown)
    try AtomicFile.replace(path("tables", "\(table.name).tex"), with: table.latex)
  }

  private func save(_ figure: NamedFigure) throws {
    let svg = path("figures", "\(figure.name).svg")
    try AtomicFile.replace(svg, with: figure.figure.file)
    try converter?.convert(svg, to: path("figures", "\(figure.name).png"))
  }
}

extension Report.Outcome {
  /// The outcome as JSON, on one line.
  public var json: String {
    JSONValue.object([
      ("page", .string(page)), ("bytes", .integer(pageBytes)),
      ("notices", .array(notices.map { .string($0) })),
    ]).compact
  }
}
