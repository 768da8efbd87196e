public import Collective
public import Compute
public import Nets
internal import Volumes

/// One call of `segmpi predict`: subjects dealt to ranks, results written by rank 0.
public struct PredictionRun {
  private let models: TrainedModels
  private let input: PredictionInput
  private let output: String
  private let savesProbabilities: Bool
  private let thresholds: Thresholds?
  private let steps: [PostProcessingChoice]

  /// A prediction of `input` into `output`.
  ///
  /// - Parameters:
  ///   - models: what predicts.
  ///   - input: the subjects.
  ///   - output: a folder, made where it is missing, for `NAME.nii.gz`; for the image of one
  ///     subject also a file, by its ending.
  ///   - savesProbabilities: whether to write `NAME_probabilities.nii.gz` too, one channel a class.
  ///   - thresholds: from which probability on a voxel has a label; nil gives it the label of the
  ///     largest.
  ///   - steps: post-processing beyond that of the first network's configuration, which comes first.
  public init(
    _ models: TrainedModels, input: PredictionInput, output: String,
    savesProbabilities: Bool = false, thresholds: Thresholds? = nil,
    steps: [PostProcessingChoice] = []
  ) {
    self.models = models
    self.input = input
    self.output = output
    self.savesProbabilities = savesProbabilities
    self.thresholds = thresholds
    self.steps = steps
  }

  /// Predicts and writes; collective over `world`.
  ///
  /// - Parameters:
  ///   - world: all ranks.
  ///   - engine: what computes.
  ///   - progress: called on rank 0 with the number of subjects written, of all, and the name of
  ///     the last.
  /// - Returns: the label files, in the order of the subjects.
  /// - Throws: an error in one sentence that names the file; what was written before is kept.
  @discardableResult
  public func run(
    world: any Communicator, engine: any Engine,
    progress: (Int, Int, String) -> Void = { _, _, _ in }
  ) throws -> [String] {
    try prepare(world: world)
    let predictor = try world.agree { try EnsemblePredictor(models, engine: engine) }
    var written: [String] = []
    for (index, item) in input.items.enumerated() {
      let owner = index % world.size
      let result = owner == world.rank ? try predict(item, with: predictor) : nil
      if world.rank == 0 {
        let result = try result ?? receive(from: owner, tag: index, world: world)
        try write(result, of: item)
        written.append(labelFile(of: item))
        progress(index + 1, input.items.count, item.name)
      } else if let result {
        try world.sendArray(result.labels, to: 0, tag: index % 1024)
        if savesProbabilities {
          try world.sendArray(result.probabilities, to: 0, tag: index % 1024)
        }
      }
    }
    try world.barrier()
    return written
  }

  /// Looks at every header and makes the folder, before hours of work meet a fault.
  private func prepare(world: any Communicator) throws {
    try world.agree {
      if let fault = steps.strayLabels(among: models.experiment.labels, path: "postprocessing")
        .first
      {
        throw PredictionError("The steps of post-processing do not fit these networks: \(fault)")
      }
      for index in stride(from: world.rank, to: input.items.count, by: world.size) {
        for path in input.items[index].images { _ = try VolumeFiles.readHeader(path) }
      }
      if world.rank == 0 { try makeFolder(isFile ? output.folder : output) }
    }
  }

  /// A subject's result on the grid of its file.
  private struct Result {
    /// Label numbers, `[D, H, W]`.
    var labels: [UInt8]
    /// `[classes, D, H, W]`; empty where they are not wanted.
    var probabilities: [Float]
  }

  private func predict(
    _ item: PredictionInput.Item, with predictor: EnsemblePredictor
  ) throws -> Result {
    let experiment = models.experiment
    let scores = try predictor.scores(
      of: Subject(name: item.name, images: item.images, label: ""))
    let classes = try experiment.postProcess(
      classes: thresholds?.classes(
        of: scores, labels: experiment.labels, threads: experiment.configuration.compute.threads)
        ?? scores.winners)
    var labels = experiment.numbered(classes)
    try steps.apply(to: &labels)
    return Result(
      labels: labels.voxels, probabilities: savesProbabilities ? scores.volume.voxels : [])
  }

  private func receive(from rank: Int, tag: Int, world: any Communicator) throws -> Result {
    var result = Result(
      labels: try world.receiveArray(from: rank, tag: tag % 1024), probabilities: [])
    if savesProbabilities {
      result.probabilities = try world.receiveArray(from: rank, tag: tag % 1024)
    }
    return result
  }

  private func write(_ result: Result, of item: PredictionInput.Item) throws {
    let header = try VolumeFiles.readHeader(item.images[0])
    try VolumeFiles.write(
      LabelVolume(voxels: result.labels, geometry: header.geometry, source: header.source),
      to: labelFile(of: item))
    guard savesProbabilities else { return }
    try VolumeFiles.write(
      Volume(
        voxels: result.probabilities, channels: models.experiment.classes,
        geometry: header.geometry, source: header.source),
      to: probabilityFile(of: item))
  }

  /// Whether the output is a file's name, not a folder's.
  private var isFile: Bool { input.isSingle && VolumeNames.stem(of: output) != output }

  private func labelFile(of item: PredictionInput.Item) -> String {
    isFile ? output : output.appending(file: "\(item.name).nii.gz")
  }

  private func probabilityFile(of item: PredictionInput.Item) -> String {
    LabelFiles.probabilityFile(besides: labelFile(of: item))
  }
}
