internal import Evaluation
internal import Nets

/// A figure of a report with the name of its files.
struct NamedFigure: Sendable, Equatable {
  /// What files are called: small letters, digits, hyphens.
  var name: String
  var figure: Figure
}

/// The figures of a report.
enum ReportFigures {
  /// Functions of Dice, and what is near 1 for any segmentation of small structures: their box plots
  /// would tell nothing that Dice's does not.
  private static let unplotted: Set<String> = ["jaccard", "voe", "specificity"]
  /// Box plots at most: a page is to be read.
  private static let mostPlots = 8

  /// Loss, Dice on validation subjects and learning rate over epochs, a line a fold.
  static func training(_ run: ReportedRun, number: Int) -> [NamedFigure] {
    let folds = run.folds.filter { !$0.log.entries.isEmpty }
    guard !folds.isEmpty else { return [] }
    let epochs = Axis("Epoch")
    func chart(
      _ title: String, _ axis: Axis, style: LineChart.Style = .line,
      _ value: (TrainingLog.Entry) -> Double?
    ) -> LineChart {
      LineChart(
        title, x: epochs, y: axis,
        series: folds.map { fold in
          let points = fold.log.entries.compactMap { entry in value(entry).map { (entry.epoch, $0) }
          }
          return LineChart.Series(
            "fold \(fold.number)", x: points.map { Double($0.0) }, y: points.map(\.1),
            style: style, color: fold.number)
        }.filter { !$0.x.isEmpty })
    }
    var charts = [
      ("loss", chart("Training loss", Axis("Loss")) { $0.loss }),
      ("dice", chart("Dice while training", Axis("Dice"), style: .lineAndPoints) { $0.dice }),
      ("rate", chart("Learning rate", Axis("Learning rate")) { $0.learningRate }),
    ]
    // Folds share their schedule; one line says it for all.
    if let first = charts[2].1.series.first,
      charts[2].1.series.allSatisfy({ first.y.starts(with: $0.y) || $0.y.starts(with: first.y) }),
      let longest = charts[2].1.series.max(by: { $0.x.count < $1.x.count })
    {
      charts[2].1.series = [longest]
    }
    return charts.filter { !$0.1.series.isEmpty }.map { name, chart in
      NamedFigure(name: "training-\(number)-\(name)", figure: chart.figure)
    }
  }

  /// The metrics that are worth a figure and a test.
  static func plotted(_ runs: [ReportedRun]) -> [String] {
    Array(ReportTables.metrics(of: runs).filter { !unplotted.contains($0) }.prefix(mostPlots))
  }

  /// A box plot a metric: structures side by side, a box a run.
  static func boxes(_ runs: [ReportedRun]) -> [NamedFigure] {
    var structures: [MeasuredTable.Structure] = []
    for structure in runs.flatMap(\.table.structures) where !structures.contains(structure) {
      structures.append(structure)
    }
    guard !structures.isEmpty else { return [] }
    return plotted(runs).enumerated().map { index, metric in
      let plot = BoxPlot(
        "\(metric) by structure", y: Axis(metric), groups: structures.map(\.name),
        series: runs.map { run in
          BoxPlot.Series(
            run.name,
            groups: structures.map { structure in
              run.table.values(metric, structure).compactMap { row, value in
                value.number.map { BoxPlot.Value(row.subject, $0) }
              }
            })
        })
      return NamedFigure(name: "box-\(index + 1)", figure: plot.figure)
    }
  }

  /// Dice by fold, a box a structure: whether one fold drags the mean.
  static func boxesByFold(_ run: ReportedRun, number: Int) -> NamedFigure? {
    let folds = run.folds.filter { $0.table != nil }
    guard folds.count > 1, run.table.metrics.contains("dice") else { return nil }
    let plot = BoxPlot(
      "dice by fold", y: Axis("dice"), groups: folds.map { "fold \($0.number)" },
      series: run.table.structures.map { structure in
        BoxPlot.Series(
          structure.name,
          groups: folds.map { fold in
            (fold.table?.values("dice", structure) ?? []).compactMap { row, value in
              value.number.map { BoxPlot.Value(row.subject, $0) }
            }
          })
      })
    return NamedFigure(name: "folds-\(number)", figure: plot.figure)
  }

  /// Dice over the number of training subjects, with the power law that `segmpi compare` fits, where
  /// the runs differ enough in that number to tell: a curve a network and structure.
  static func dataLimitation(_ runs: [ReportedRun]) -> NamedFigure? {
    var curves: [LineChart.LearningCurve] = []
    let networks = Set(runs.map(\.configuration.network.kind))
    for run in runs {
      let finished = run.folds.filter { $0.table != nil }
      guard !finished.isEmpty else { continue }
      let sizes = finished.map { run.splits[$0.number].train.count }
      let size = (sizes.reduce(0, +) + sizes.count / 2) / sizes.count
      for structure in run.table.structures {
        let values = run.table.values("dice", structure).compactMap(\.value.number)
        let name =
          (networks.count > 1 ? "\(run.configuration.network.kind) " : "") + structure.name
        let place = curves.firstIndex { $0.name == name } ?? curves.count
        if place == curves.count { curves.append(.init(name, samples: [])) }
        curves[place].add(values, subjects: size)
      }
    }
    let sizes = curves.flatMap { $0.samples.map(\.subjects) }
    guard let least = sizes.min(), let greatest = sizes.max(), 2 * greatest >= 3 * least else {
      return nil
    }
    let chart = LineChart.dataLimitation(
      curves, metric: Axis("Dice"), title: "Dice over the number of training subjects")
    return NamedFigure(name: "data-limitation", figure: chart.figure)
  }
}
