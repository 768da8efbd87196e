public import Collective
internal import Foundation
internal import Volumes

/// Everything that is wrong with a data set, found in one reading of all its files.
public struct DatasetCheck: Sendable {
  /// What to look at, and how closely.
  public struct Request: Sendable {
    /// Where the data set lies, and what it cannot tell of itself.
    public var data: DataSection
    /// The experiment that it is for: its folds and its patch are checked, too; nil takes folds
    /// from a column of the table.
    public var experiment: ExperimentConfiguration?
    /// Headers, or every voxel.
    public var depth = CheckDepth.full
    /// Threads that read files; nil shares the cores among the ranks.
    public var threads: Int?

    /// A whole check of a data set.
    public init(_ data: DataSection) { self.data = data }

    /// A whole check of the data set of an experiment.
    public init(_ experiment: ExperimentConfiguration) {
      data = experiment.data
      self.experiment = experiment
    }
  }

  /// The data set's name.
  public let name: String
  /// What was found: faults first, each kind in the order of subjects.
  public let findings: [Finding]
  let reports: [SubjectReport]
  let labels: [DatasetLabel]

  /// What must be mended, one sentence each, with the file and the remedy.
  public var faults: [String] { findings.faults }
  /// What may be meant so, one sentence each.
  public var warnings: [String] { findings.warnings }

  /// Reads every file of a data set, the subjects dealt to the ranks and their threads.
  ///
  /// Collective over `world`.
  /// - Parameters:
  ///   - request: what to look at.
  ///   - world: all ranks.
  ///   - progress: called on each rank with the number of its subjects read so far, and of all its
  ///     subjects.
  /// - Returns: what was found, on rank 0; nil elsewhere.
  /// - Throws: ``DatasetError`` where there is nothing to open; whatever else is wrong is a fault.
  public static func run(
    _ request: Request, world: any Communicator, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> DatasetCheck? {
    let (dataset, findings) = try world.agree { try Dataset.inspect(request.data) }
    let reports = try read(dataset, request, world: world, progress: progress)
    return reports.map { DatasetCheck(dataset, request, findings: findings, reports: $0) }
  }

  /// Looks at the files of a data set that is opened already, as `data.check` says, and ends the run
  /// where they cannot be trained on.
  ///
  /// Collective over `world`.
  /// - Parameters:
  ///   - dataset: the data set.
  ///   - experiment: what it is for.
  ///   - world: all ranks.
  /// - Returns: what may be meant so, one line a kind, on rank 0.
  /// - Throws: ``DatasetError`` with all faults, on every rank alike.
  static func require(
    _ dataset: Dataset, for experiment: ExperimentConfiguration, world: any Communicator
  ) throws -> [String] {
    guard experiment.data.check != .none else { return [] }
    var request = Request(experiment)
    request.depth = experiment.data.check
    let reports = try read(dataset, request, world: world) { _, _ in }
    let check = reports.map { DatasetCheck(dataset, request, findings: [], reports: $0) }
    try world.agree {
      // The folds are made, and their faults told, by whoever needs them.
      let faults = (check?.findings ?? []).filter { $0.kind != .folds && $0.kind != .brokenRow }
      guard faults.faults.isEmpty else { throw DatasetError(dataset.name, faults) }
    }
    return check?.digest(of: .warning).map(\.sentence) ?? []
  }

  /// The reports of all subjects, sorted by name, on rank 0.
  private static func read(
    _ dataset: Dataset, _ request: Request, world: any Communicator, progress: (Int, Int) -> Void
  ) throws -> [SubjectReport]? {
    let own = stride(from: world.rank, to: dataset.subjects.count, by: world.size).map { $0 }
    let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
    let threads = request.threads ?? max(1, cores / world.size)
    // Tells the watchdog that the rank works.
    let recorder = world.recorder
    var reports: [SubjectReport] = []
    while reports.count < own.count {
      let batch = own[reports.count..<min(own.count, reports.count + 8 * threads)]
      reports += ParallelLoop.map(batch.count, threads: threads) { index in
        recorder.beat()
        return SubjectInspection.report(
          dataset.subjects[batch[batch.startIndex + index]], of: dataset, depth: request.depth)
      }
      progress(reports.count, own.count)
    }
    let text = try world.agree {
      String(decoding: try JSONEncoder().encode(reports), as: UTF8.self)
    }
    guard let texts = try world.gatherTexts(text) else { return nil }
    return try texts.flatMap {
      try JSONDecoder().decode([SubjectReport].self, from: Data($0.utf8))
    }.sorted { $0.subject.precedes($1.subject) }
  }

  private init(
    _ dataset: Dataset, _ request: Request, findings: [Finding], reports: [SubjectReport]
  ) {
    name = dataset.name
    labels = dataset.labels
    let reports = reports.judgingDisputes()
    self.reports = reports
    var findings = findings + reports.flatMap(\.findings)
    findings += DatasetComparison(reports, of: dataset).findings
    // A line of the table that is amiss has been told, and leaves cells empty.
    let told = Set(findings.filter { [.brokenRow, .missingRow].contains($0.kind) }.map(\.subject))
    findings += FoldCheck.findings(of: dataset, request.experiment?.data)
      .filter { $0.kind != .brokenRow || !told.contains($0.subject) }
    if let experiment = request.experiment {
      findings += FoldCheck.findings(of: reports, against: experiment)
    }
    self.findings =
      findings.filter { $0.severity == .fault } + findings.filter { $0.severity == .warning }
  }

  /// Findings of a severity; where more than three subjects share a kind of warning, the first of
  /// them with a word on how many there are.
  func digest(of severity: Finding.Severity) -> [Finding] {
    let chosen = findings.filter { $0.severity == severity }
    guard severity == .warning else { return chosen }
    let counts = Dictionary(chosen.map { ($0.kind, 1) }, uniquingKeysWith: +)
    var told: Set<Finding.Kind> = []
    return chosen.compactMap { finding in
      let count = counts[finding.kind] ?? 1
      guard count > 3 else { return finding }
      guard told.insert(finding.kind).inserted else { return nil }
      var first = finding
      first.sentence += " (\(count - 1) more subjects are like this; --json lists them.)"
      return first
    }
  }
}
