public import Collective
internal import Evaluation
public import Nets

/// Chooses the steps of post-processing that improve the validation predictions of a run, as
/// nnU-Net's `determine_postprocessing` does.
///
/// Tried in this order, each on top of what was accepted before:
/// 1. the largest component of the foreground as one structure, accepted where the mean Dice of the
///    foreground labels rises and no label's falls;
/// 2. the largest component of each label, accepted label by label where its mean Dice rises;
/// 3. filling the holes of each label, accepted the same way.
///
/// The steps are chosen on the subjects that they are measured on: what is gained is an upper bound
/// of what new subjects will gain.
public struct PostProcessingSearch: CustomStringConvertible, Sendable {
  /// One thing that was tried.
  private struct Trial {
    var step: PostProcessingChoice
    /// The label it is about; nil for all.
    var label: String?
    /// Mean Dice without it, on top of what was accepted before, and with it.
    var before: Double?
    var after: Double?
    var accepted: Bool
  }

  /// The chosen steps, in the order to apply them in.
  public private(set) var steps: [PostProcessingChoice] = []
  private var trials: [Trial] = []
  private let folder: RunFolder
  private let labels: [DatasetLabel]
  /// Mean Dice by foreground label, without any step and with all that were chosen.
  private let before: [Double?]
  private let after: [Double?]
  private let subjects: Int

  /// Tries all steps on the predictions of a run; collective over `world`.
  ///
  /// - Parameters:
  ///   - path: the run's folder. Its data set must lie where its configuration says.
  ///   - world: all ranks; subjects are dealt to them. All must see the run's folder.
  ///   - progress: called on rank 0 with the number of volumes read, of all.
  /// - Throws: an error in one sentence, on every rank.
  public init(
    _ path: String, world: any Communicator, progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let folder = RunFolder(path)
    let predictions = try world.agree { try ValidationPredictions(of: folder) }
    self.folder = folder
    labels = predictions.labels.filter { $0.number != 0 }
    subjects = predictions.pairs.count
    func dice(after steps: [PostProcessingChoice]) throws -> [Double?] {
      try predictions.dice(after: steps, world: world, progress: progress)
    }
    let numbers = labels.map { Int($0.number) }
    let first = try dice(after: [])
    before = first
    var current = first
    if labels.count > 1 {
      let step = PostProcessingChoice(LargestComponent(together: true))
      let found = try dice(after: [step])
      let rises = Self.rises(from: Self.mean(current), to: Self.mean(found))
      let none = zip(current, found).allSatisfy { !Self.rises(from: $1, to: $0) }
      trials.append(
        Trial(
          step: step, before: Self.mean(current), after: Self.mean(found), accepted: rises && none))
      if rises && none {
        steps.append(step)
        current = found
      }
    }
    let kinds: [([Int]) -> PostProcessingChoice] = [
      { PostProcessingChoice(LargestComponent(labels: $0)) },
      { PostProcessingChoice(FillHoles(labels: $0)) },
    ]
    for kind in kinds {
      let found = try dice(after: steps + [kind(numbers)])
      var accepted: [Int] = []
      for (index, label) in labels.enumerated() {
        let rises = Self.rises(from: current[index], to: found[index])
        if rises { accepted.append(numbers[index]) }
        trials.append(
          Trial(
            step: kind([numbers[index]]), label: label.name, before: current[index],
            after: found[index], accepted: rises))
      }
      guard !accepted.isEmpty else { continue }
      steps.append(kind(accepted))
      // Holes of one label may lie within those of another: what is true is measured.
      current = accepted == numbers ? found : try dice(after: steps)
    }
    after = current
  }

  private static func rises(from old: Double?, to new: Double?) -> Bool {
    guard let old, let new else { return false }
    return new > old
  }

  /// The mean over the labels that have a value.
  private static func mean(_ values: [Double?]) -> Double? {
    let defined = values.compactMap(\.self)
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
  }

  /// What was tried and what became of it, then Dice by label before and after.
  public var description: String {
    var rows = [["step", "labels", "dice before", "after", "accepted"]]
    for trial in trials {
      rows.append([
        trial.step.kind, trial.label ?? "foreground", TextTable.score(trial.before),
        TextTable.score(trial.after), trial.accepted ? "yes" : "no",
      ])
    }
    for (index, label) in labels.enumerated() {
      rows.append([
        "all accepted", label.name, TextTable.score(before[index]), TextTable.score(after[index]),
        "-",
      ])
    }
    return TextTable(rows: rows, namedColumns: 2).description
  }

  /// The chosen steps, as ``Swift/Array/init(contentsOf:)`` reads them, and what was tried.
  ///
  /// - Throws: nothing that a search can meet: its steps are finite.
  public func json() throws -> String {
    let trials = try trials.map { trial in
      JSONValue.object([
        ("step", try ConfigurationNode(encoding: trial.step).json),
        ("label", trial.label.map { .string($0) } ?? .null),
        ("diceBefore", .number(trial.before)), ("diceAfter", .number(trial.after)),
        ("accepted", .bool(trial.accepted)),
      ])
    }
    func dice(_ values: [Double?]) -> JSONValue {
      .object(zip(labels, values).map { ("\($0.number)", JSONValue.number($1)) })
    }
    return JSONValue.object([
      ("postprocessing", try steps.json()), ("subjects", .integer(subjects)),
      ("trials", .array(trials)), ("diceBefore", dice(before)), ("diceAfter", dice(after)),
    ]).indented
  }

  /// Writes ``json()`` into the run's folder, `crossval/postprocessing.json`.
  ///
  /// - Returns: the file.
  /// - Throws: ``FileError``.
  public func write() throws -> String {
    try makeFolder(folder.crossValidation.path)
    let file = folder.crossValidation.postProcessing
    try AtomicFile.replace(file, with: json())
    return file
  }
}
