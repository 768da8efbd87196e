public import ArgumentParser
import Collective
public import DistTrainer
public import Evaluation

/// `segmpi compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare systems by a metric: summaries, tests, and power laws over training sizes.",
    discussion: """
      Subjects are matched by their names. Two systems are compared by Wilcoxon's signed-rank test \
      on the subjects that both have, more by Kruskal-Wallis' and Dunn's on independent groups, or \
      as --test says. Differences are the first system's values minus the second's.
      """)

  @Argument(
    help: ArgumentHelp(
      "Run folders, folders with metrics.csv, or such tables; PATH=N tells the training subjects.",
      valueName: "system"))
  var systems: [String]

  @Option(help: "The column of the tables.")
  var metric = "dice"

  @Option(help: "The structure, by name or number; all that every system has where left out.")
  var label: String?

  @Option(
    help: "What to call the systems, such as small,large.",
    transform: { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) })
  var names: [String]?

  @Option(help: "wilcoxon (paired, every two) or kruskal (independent, with Dunn's comparisons).")
  var test: SystemComparison.Test?

  @Option(help: "How p-values of one structure are adjusted: holm, bonferroni or none.")
  var correction = MultipleComparisons.holm

  @Option(help: "Wilcoxon's p-value: automatic, exact, normal or normalWithContinuity.")
  var method = WilcoxonSignedRank.Method.automatic

  @Option(help: "Fit a power law to the number of training subjects: power.")
  var fit: FitChoice?

  @Option(help: "Resamples of each bootstrap interval.")
  var resamples = SystemComparison.Options().resamples

  @Option(help: "Seed of the bootstrap intervals.")
  var seed: UInt64 = 1

  @Flag(help: "How to print.")
  var form = Form.text

  /// What may be fitted.
  enum FitChoice: String, ExpressibleByArgument, CaseIterable {
    case power
  }

  /// How results are printed.
  enum Form: String, EnumerableFlag {
    case text, json, markdown, csv

    static func help(for value: Form) -> ArgumentHelp? {
      switch value {
      case .text: "Print tables for a terminal; the default."
      case .json: "Print JSON."
      case .markdown: "Print Markdown."
      case .csv: "Print comma-separated values."
      }
    }
  }

  func validate() throws {
    guard systems.count >= 2 else {
      throw ValidationError("compare needs at least two systems, not \(systems.count).")
    }
    guard resamples >= 1 else {
      throw ValidationError("--resamples must be at least 1, not \(resamples).")
    }
    if fit != nil, test != nil, form == .csv || form == .json {
      throw ValidationError(
        "--fit and --test make two results, and --\(form.rawValue) prints one: ask for each.")
    }
  }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        let systems = try MeasuredSystem.read(systems, names: names, metric: metric)
        var parts: [String] = []
        if fit == nil || test != nil {
          var options = SystemComparison.Options()
          (options.metric, options.label, options.test) = (metric, label, test)
          (options.correction, options.method) = (correction, method)
          (options.resamples, options.seed) = (resamples, seed)
          let comparison = try SystemComparison(systems, options)
          parts.append(comparison.printed(form))
        }
        if fit != nil {
          let limitation = try DataLimitation(systems, metric: metric, label: label)
          parts.append(limitation.printed(form))
        }
        print(parts.joined(separator: "\n"), terminator: "")
      }
    }
  }
}

extension SystemComparison.Test: ExpressibleByArgument {}
extension MultipleComparisons: ExpressibleByArgument {}
extension WilcoxonSignedRank.Method: ExpressibleByArgument {}

extension SystemComparison {
  fileprivate func printed(_ form: CompareCommand.Form) -> String {
    switch form {
    case .text: text
    case .json: json
    case .markdown: markdown
    case .csv: csv
    }
  }
}

extension DataLimitation {
  fileprivate func printed(_ form: CompareCommand.Form) -> String {
    switch form {
    case .text: text
    case .json: json
    case .markdown: markdown
    case .csv: csv
    }
  }
}
