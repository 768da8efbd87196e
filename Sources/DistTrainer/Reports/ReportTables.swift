internal import Evaluation
internal import Nets

/// The tables of a report.
enum ReportTables {
  typealias Cell = ReportTable.Cell
  typealias Column = ReportTable.Column

  /// Decimals of a metric: lengths and volumes have fewer than shares.
  static func decimals(_ metric: String) -> Int { metric.contains("mm") ? 3 : 4 }

  /// What the runs are, one row each.
  static func runs(_ runs: [ReportedRun]) -> ReportTable {
    let heads = ["run", "experiment", "network", "loss", "optimizer"]
    let numbers = ["folds", "subjects measured", "ranks"]
    return ReportTable(
      "runs", title: "What was run", caption: "Folds: how many are finished, of how many.",
      columns: heads.map { Column(title: $0, isNumeric: false) }
        + numbers.map { Column(title: $0) }
        + ["precision", "engine", "started"].map { Column(title: $0, isNumeric: false) },
      rows: runs.map { run in
        let made = run.provenance.last
        return [
          .text(run.name), .text(run.configuration.name), .text(run.configuration.network.kind),
          .text(run.configuration.loss.kind), .text(run.configuration.optimizer.kind),
          .text("\(run.finishedFolds) of \(run.folds.count)"),
          .count(run.table.subjects.count), made.map { .count($0.ranks) } ?? .text("-"),
          .text(made?.precision ?? "-"), .text(made?.versions["engine"] ?? "-"),
          .text(run.provenance.first?.started ?? "-"),
        ]
      })
  }

  /// Mean and standard deviation of every metric, one row a run and structure.
  static func results(_ runs: [ReportedRun]) -> ReportTable {
    let metrics = metrics(of: runs)
    var rows: [[Cell]] = []
    for run in runs {
      let structures = run.table.structures
      for structure in structures {
        let cells = metrics.map {
          Cell(run.table.aggregate($0, structure), decimals: decimals($0))
        }
        let subjects = run.table.rows.count { $0.structure == structure }
        rows.append([.text(run.name), .text(structure.name), .count(subjects)] + cells)
      }
    }
    return ReportTable(
      "results", title: "Results by structure",
      caption:
        "Mean ± standard deviation (divisor n − 1) over validation subjects, each predicted by "
        + "the fold that had not seen it. A value that is not defined (0/0, or a structure that is "
        + "missing) is in no mean; how many there are stands in parentheses.",
      columns: ["run", "structure"].map { Column(title: $0, isNumeric: false) }
        + ["n"].map { Column(title: $0) } + metrics.map { Column(title: $0) },
      rows: rows)
  }

  /// How far every fold is, and its Dice by structure.
  static func folds(_ runs: [ReportedRun]) -> ReportTable {
    var structures: [MeasuredTable.Structure] = []
    for structure in runs.flatMap(\.table.structures) where !structures.contains(structure) {
      structures.append(structure)
    }
    let rows = runs.flatMap { run in
      run.folds.map { fold -> [Cell] in
        let last = fold.log.entries.last
        let dice = structures.map { structure in
          Cell.number(fold.table?.aggregate("dice", structure).mean, decimals: 4)
        }
        return [
          .text(run.name), .count(fold.number), .text(fold.state.rawValue),
          .count(run.splits[fold.number].train.count), .count(run.splits[fold.number].val.count),
          .count(last?.epoch ?? 0), .number(last?.loss, decimals: 4),
          .number(fold.log.best?.dice, decimals: 4),
          fold.log.best.map { .count($0.epoch) } ?? .text("-"),
          .number(fold.log.seconds.map { $0 / 60 }, decimals: 1),
          .number(fold.log.meanTiming(\.exposedFraction).map { 100 * $0 }, decimals: 1),
          .number(fold.log.meanTiming(\.overlap).map { 100 * $0 }, decimals: 1),
        ] + dice
      }
    }
    return ReportTable(
      "folds", title: "Folds",
      caption:
        "Best Dice: the highest mean over structures while training, and its epoch. Minutes: of "
        + "training and the validations within it. Exposed: the part of a step in which ranks did "
        + "nothing but wait for each other's gradients; overlap: the part of the gradients' way that "
        + "went on while they computed; means over epochs, a dash for one rank. Dice: means over the "
        + "fold's validation subjects.",
      columns: [Column(title: "run", isNumeric: false), Column(title: "fold")]
        + [Column(title: "state", isNumeric: false)]
        + [
          "training subjects", "validation subjects", "epochs", "last loss", "best Dice",
          "at epoch", "minutes", "exposed %", "overlap %",
        ].map { Column(title: $0) } + structures.map { Column(title: "Dice \($0.name)") },
      rows: rows)
  }

  /// Every value, one row a run, subject and structure.
  static func subjects(_ runs: [ReportedRun]) -> ReportTable {
    let metrics = metrics(of: runs)
    let rows = runs.flatMap { run in
      run.table.rows.map { row -> [Cell] in
        [.text(run.name), .text(row.subject), .count(row.fold ?? 0), .text(row.structure.name)]
          + metrics.map { metric in
            let place = run.table.metrics.firstIndex(of: metric)
            return .number(place.flatMap { row.values[$0].number }, decimals: decimals(metric))
          }
      }
    }
    return ReportTable(
      "subjects", title: "All subjects", caption: "A dash: not defined for this subject.",
      columns: [
        Column(title: "run", isNumeric: false), Column(title: "subject", isNumeric: false),
        Column(title: "fold"), Column(title: "structure", isNumeric: false),
      ] + metrics.map { Column(title: $0) }, rows: rows)
  }

  /// The metrics that any run has, in the order of columns.
  static func metrics(of runs: [ReportedRun]) -> [String] {
    var seen: Set<String> = []
    return runs.flatMap(\.table.metrics).filter { seen.insert($0).inserted }
  }
}
