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

  @Option(
    help: """
      What is kept for the final measurement: none, next (this fold's part, while the next fold's \
      validates) or half (of this fold's part).
      """, transform: testPart(named:))
  var test = TestPart.none

  @Option(help: "Train on a part of each fold's groups (up to 1), or on a number of them (from 2).")
  var subset: Double?

  @OptionGroup var labels: LabelNames

  @Option(name: .shortAndLong, help: "Write the folds, in the form of splits_final.json.")
  var output: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard folds >= 2 else { throw ValidationError("--folds must be at least 2, not \(folds).") }
    if let subset, !(subset > 0 && subset <= 1), !(subset >= 2 && subset == subset.rounded()) {
      throw ValidationError(
        "--subset must be a part up to 1 or a whole number from 2 on, not \(subset).")
    }
  }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        var section = labels.section(data)
        (section.folds.count, section.folds.seed) = (folds, seed)
        (section.folds.stratify, section.folds.group) = (stratify, group)
        (section.folds.test, section.subset) = (test, subset)
        let dataset = try Dataset.open(section)
        let folds = try Folds(of: dataset, section)
        for notice in dataset.notices + folds.notices { StandardError.say(notice) }
        if let output { try AtomicFile.replace(output, with: folds.json) }
        let table = SplitTable(folds, of: dataset, section.folds)
        print(json ? table.json : "\(table)\n", terminator: "")
      }
    }
  }
}

extension SplitCommand {
  private static func testPart(named name: String) throws -> TestPart {
    guard let part = TestPart(rawValue: name) else {
      throw ValidationError("--test must be none, next or half, not \(name).")
    }
    return part
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
