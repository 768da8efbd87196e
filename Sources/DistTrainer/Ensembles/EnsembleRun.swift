public import Collective
internal import Volumes

/// How models are put together.
public enum EnsembleVote: String, Sendable, CaseIterable {
  /// The mean of their probabilities, then the largest; ties go to the lower label.
  case mean
  /// The label that most of them give; ties go to the lowest label.
  case majority
}

/// One call of `segmpi ensemble`: predictions of several models in, one segmentation a subject out.
public struct EnsembleRun: Sendable {
  private let input: EnsembleInput
  private let output: String
  private let vote: EnsembleVote
  private let weights: [Double]
  private let savesProbabilities: Bool

  /// A call that puts together what several models predicted.
  ///
  /// - Parameters:
  ///   - paths: one folder a model, or one file: of volumes of probabilities
  ///     (`NAME_probabilities.nii.gz`, one channel a label) for the mean, of label volumes for the
  ///     majority.
  ///   - output: a folder, made where it is missing, for `NAME.nii.gz`; for single files also a
  ///     file, by its ending.
  ///   - vote: how they are put together.
  ///   - weights: how much each model counts, positive numbers; nil: all alike.
  ///   - savesProbabilities: whether to write the mean probabilities too.
  /// - Throws: ``EnsembleError`` for inputs or weights that do not belong together, and an output
  ///   that would replace an input; ``PredictionError`` for a path that holds nothing.
  public init(
    _ paths: [String], output: String, vote: EnsembleVote = .mean, weights: [Double]? = nil,
    savesProbabilities: Bool = false
  ) throws {
    input = try EnsembleInput(paths, for: vote)
    let weights = weights ?? Array(repeating: 1, count: paths.count)
    guard weights.count == paths.count else {
      throw EnsembleError(
        "There are \(weights.count) weights for \(paths.count) models: give one a model.")
    }
    guard weights.allSatisfy({ $0 > 0 && $0 <= 1e6 }) else {
      throw EnsembleError("The weights \(weights) must be positive numbers up to 1e6.")
    }
    self.weights = weights
    self.output = output
    self.vote = vote
    self.savesProbabilities = savesProbabilities
    for item in input.items {
      for target in [labelFile(of: item), probabilityFile(of: item)] {
        guard item.files.contains(where: { LabelFiles.isSame($0, target) }) else { continue }
        throw EnsembleError(
          "\(target) is one of the models' own files: name another output, so that what was "
            + "predicted stays.")
      }
    }
  }

  /// Reads, puts together and writes; collective over `world`, whose rank 0 writes.
  ///
  /// - Parameters:
  ///   - world: all ranks; subjects are dealt to them.
  ///   - progress: called on rank 0 with the number of subjects written, of all, and the name of the
  ///     last.
  /// - Returns: the label files, in the order of the subjects, on rank 0.
  /// - Throws: an error in one sentence that names the file; what was written before is kept.
  @discardableResult
  public func run(
    world: any Communicator, progress: (Int, Int, String) -> Void = { _, _, _ in }
  ) throws -> [String] {
    try world.agree {
      // All headers first: a fault in the last subject is found before the first is written.
      for index in stride(from: world.rank, to: input.items.count, by: world.size) {
        try requireOneGrid(input.items[index])
      }
      if world.rank == 0 { try makeFolder(isFile ? output.folder : output) }
    }
    var written: [String] = []
    func done(_ index: Int) {
      written.append(labelFile(of: input.items[index]))
      progress(index + 1, input.items.count, input.items[index].name)
    }
    if savesProbabilities {
      try world.deal(input.items.count) { index in
        try mean(of: input.items[index]).voxels
      } take: { index, voxels in
        try write(probabilities: voxels, of: input.items[index])
        done(index)
      }
    } else {
      try world.deal(input.items.count) { index in
        let item = input.items[index]
        return try vote == .mean ? mean(of: item).winners.voxels : majority(of: item)
      } take: { index, labels in
        try write(labels: labels, of: input.items[index])
        done(index)
      }
    }
    return written
  }

  /// Requires files of one shape, place and number of channels.
  private func requireOneGrid(_ item: EnsembleInput.Item) throws {
    let first = try VolumeFiles.readHeader(item.files[0])
    guard vote == .majority || (2...256).contains(first.channels) else {
      throw EnsembleError(
        "\(item.files[0]) has \(first.channels) channels, not one for each of 2 to 256 labels: "
          + "predict with --probabilities, or take the majority of label volumes with "
          + "--vote majority.")
    }
    for file in item.files.dropFirst() {
      let other = try VolumeFiles.readHeader(file)
      guard first.channels == other.channels else {
        throw EnsembleError(
          "\(file) has \(other.channels) channels and \(item.files[0]) \(first.channels): put "
            + "together models of the same labels.")
      }
      guard let distance = other.geometry.cornerDisagreement(with: first.geometry) else {
        throw EnsembleError(
          "\(file) has shape \(other.geometry.shape) and \(item.files[0]) "
            + "\(first.geometry.shape): predict the same image with every model.")
      }
      guard distance <= 0.1 * (first.geometry.spacing.min() ?? 0) else {
        throw EnsembleError(
          "\(file) lies \(TextTable.score(distance)) mm beside \(item.files[0]): predict the same "
            + "image with every model.")
      }
    }
  }

  private func mean(of item: EnsembleInput.Item) throws -> Volume {
    var mean = ProbabilityMean()
    for (file, weight) in zip(item.files, weights) {
      let volume = try VolumeFiles.readImage(file)
      try requireProbabilities(volume, file)
      mean.add(volume.voxels, weight: weight)
    }
    let header = try VolumeFiles.readHeader(item.files[0])
    return Volume(
      voxels: mean.mean(), channels: header.channels, geometry: header.geometry,
      source: header.source)
  }

  /// Refuses values that are no probabilities, rounding and interpolation aside.
  private func requireProbabilities(_ volume: Volume, _ file: String) throws {
    let voxels = volume.voxels.span
    for index in voxels.indices where !(voxels[index] >= -1e-3 && voxels[index] <= 1.001) {
      throw EnsembleError(
        "\(file) holds \(voxels[index]), which is no probability: name what segmpi predict "
          + "--probabilities wrote.")
    }
  }

  private func majority(of item: EnsembleInput.Item) throws -> [UInt8] {
    var vote = MajorityVote()
    for (file, weight) in zip(item.files, weights) {
      vote.add(try VolumeFiles.readLabels(file).voxels, weight: weight)
    }
    return vote.winners()
  }

  private func write(probabilities: [Float], of item: EnsembleInput.Item) throws {
    let header = try VolumeFiles.readHeader(item.files[0])
    let volume = Volume(
      voxels: probabilities, channels: header.channels, geometry: header.geometry,
      source: header.source)
    try write(labels: volume.winners.voxels, of: item)
    try VolumeFiles.write(volume, to: probabilityFile(of: item))
  }

  private func write(labels: [UInt8], of item: EnsembleInput.Item) throws {
    let header = try VolumeFiles.readHeader(item.files[0])
    try VolumeFiles.write(
      LabelVolume(voxels: labels, geometry: header.geometry, source: header.source),
      to: labelFile(of: item))
  }

  /// Whether the output is a file's name, not a folder's.
  private var isFile: Bool { input.isSingle && VolumeNames.stem(of: output) != output }

  private func labelFile(of item: EnsembleInput.Item) -> String {
    isFile ? output : output.appending(file: "\(item.name).nii.gz")
  }

  private func probabilityFile(of item: EnsembleInput.Item) -> String {
    LabelFiles.probabilityFile(besides: labelFile(of: item))
  }
}
