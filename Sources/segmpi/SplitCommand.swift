import ArgumentParser
import Collective
import DistTrainer

/// `segmpi split`.
struct SplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Divide a data set into folds and show them.",
    discussion: """
      The same seed and columns give the folds that train makes of the section data.folds. \
      Patients are never split; a column fold of the table is respected.
      """)

  @Argument(help: "A folder with dataset.json or in BIDS' layout, or a manifest in CSV.")
  var data: String

  @Option(help: "How many folds.")
  var folds = FoldsSection().count

  @Option(help: "Seed of the shuffling.")
  var seed = FoldsSection().seed

  @Option(help: "The column that every fold shall hold in equal parts.")
  var stratify: String?

  @Option(help: "The column (a patient) that is never split.")
  var group: String?

  @OptionGroup var labels: LabelNames

  @Option(name: .shortAndLong, help: "Write the folds, in the form of splits_final.json.")
  var output: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard folds >= 2 else { throw ValidationError("--folds must be at least 2, not \(folds).") }
  }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        var section = FoldsSection()
        (section.count, section.seed) = (folds, seed)
        (section.stratify, section.group) = (stratify, group)
        let dataset = try Dataset.open(labels.section(data))
        let folds = try Folds(of: dataset, section)
        for notice in dataset.notices + folds.notices { StandardError.say(notice) }
        if let output { try AtomicFile.replace(output, with: folds.json) }
        let table = SplitTable(folds, of: dataset, section)
        print(json ? table.json : "\(table)\n", terminator: "")
      }
    }
  }
}

/// What a data set may not tell of itself.
struct LabelNames: ParsableArguments {
  @Option(
    name: .customLong("labels"),
    help: ArgumentHelp(
      "The names of labels 0, 1, … of a manifest, such as background,femur.", valueName: "names"))
  var list: String?

  @Option(
    help: ArgumentHelp(
      "The images of a data set in BIDS' layout that are channels, such as T1w,FLAIR.",
      valueName: "suffixes"))
  var modalities: String?

  @Option(
    help: ArgumentHelp(
      "The folder below derivatives that holds the segmentations of a data set in BIDS' layout.",
      valueName: "folder"))
  var derivative: String?

  /// The section `data` of a configuration for the data set at `path`.
  func section(_ path: String) -> DataSection {
    func names(_ list: String?) -> [String]? {
      list?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    var section = DataSection(path, labels: names(list))
    section.bids.modalities = names(modalities)
    section.bids.derivative = derivative
    return section
  }
}
