import ArgumentParser
import Collective
import DistTrainer

/// `segmpi postprocess`.
struct PostprocessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "postprocess",
    abstract: "Clean up segmentations: components, small components, holes.",
    usage: """
      segmpi postprocess IN OUT [options]
      segmpi postprocess --determine RUN [--json]
      """,
    discussion: """
      The steps are those of --steps, then --largest, --minimum-size, --fill-holes, in this order. \
      With --determine, those steps are chosen that improve the validation predictions of a run, \
      and written into its folder; predict --postprocess and --steps take them from there.
      """)

  @Argument(help: "A folder of label volumes (or one), and where the results go; or a run.")
  var paths: [String]

  @Option(
    help: """
      Keep the largest component: of each label (1,2), of labels together (1+2), of all labels \
      each (all) or together (foreground).
      """)
  var largest: LabelGroups?

  @Option(help: "Remove components below a size, such as 50mm3 or 20voxels.")
  var minimumSize: ComponentSize?

  @Flag(help: "Give each label the background that it encloses.")
  var fillHoles = false

  @Option(help: "How many neighbors a voxel touches: 6, 18 or 26.")
  var connectivity = 26

  @Option(help: "Steps that --determine chose: its file, or the run's folder.")
  var steps: String?

  @Option(help: "References to measure against, before and after: a folder or a data set.")
  var reference: String?

  @Flag(help: "Choose steps on the validation predictions of a run.")
  var determine = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    let asksForSteps = largest != nil || minimumSize != nil || fillHoles || steps != nil
    guard [6, 18, 26].contains(connectivity) else {
      throw ValidationError("--connectivity must be 6, 18 or 26, not \(connectivity).")
    }
    if determine {
      guard paths.count == 1 else {
        throw ValidationError("--determine takes one run folder, not \(paths.count) paths.")
      }
      guard !asksForSteps, reference == nil else {
        throw ValidationError(
          "--determine tries the steps by itself, against the run's own references.")
      }
      return
    }
    guard paths.count == 2 else {
      throw ValidationError("Name an input and an output, not \(paths.count) paths.")
    }
    guard asksForSteps else {
      throw ValidationError(
        "Name a step: --largest, --minimum-size, --fill-holes or --steps.")
    }
    guard !json || reference != nil else {
      throw ValidationError("--json prints metrics: give --reference too.")
    }
  }

  func run() throws {
    try Job.run { world in
      if determine { return try search(world) }
      let steps = try world.agree(chosenSteps)
      let run = try world.agree {
        try PostProcessingRun(
          input: paths[0], output: paths[1], steps: steps, references: reference)
      }
      let count = CountDisplay("post-processed")
      let outcome = try run.run(world: world) { count.show($0, of: $1, name: $2) }
      count.finish()
      guard world.rank == 0 else { return }
      if !json { print(summary(of: outcome)) }
      if let table = outcome.table {
        print(json ? try table.json() : "\(table)\n", terminator: "")
      }
    }
  }

  private func summary(of outcome: PostProcessingRun.Outcome) -> String {
    "Post-processed \(outcome.files.count), \(outcome.changedFiles) changed "
      + "(\(outcome.changedVoxels) voxels): \(paths[1])"
  }

  private func search(_ world: any Communicator) throws {
    let count = CountDisplay("measured")
    let search = try PostProcessingSearch(paths[0], world: world) { count.show($0, of: $1) }
    count.finish()
    try world.agree {
      guard world.rank == 0 else { return }
      let file = try search.write()
      print(json ? try search.json() : "\(search)\nWritten: \(file)\n", terminator: "")
    }
  }

  /// The steps in the order in which they are applied.
  private func chosenSteps() throws -> [PostProcessingChoice] {
    let chosen = try self.steps.map { try [PostProcessingChoice](contentsOf: $0) } ?? []
    var steps: [any PostProcessingStep] = (largest?.groups ?? []).map {
      LargestComponent(labels: $0.labels, together: $0.together, connectivity: connectivity)
    }
    if let minimumSize {
      steps.append(
        SmallComponents(
          minimum: minimumSize.minimum, unit: minimumSize.unit, connectivity: connectivity))
    }
    if fillHoles { steps.append(FillHoles(connectivity: connectivity)) }
    return chosen + [PostProcessingChoice](steps)
  }
}
