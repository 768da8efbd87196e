internal import Nets
internal import Volumes

extension ExperimentConfiguration {
  /// What is wrong with the meaning of the values, all of it; types cannot say "a power of two".
  ///
  /// What depends on the data or the network (a patch that the levels do not divide, a column that
  /// the data set lacks) is found where they are known.
  public func problems() -> [ConfigurationFault] {
    var problems = Problems()
    check(data, &problems)
    checkChoices(&problems)
    check(training, &problems)
    checkProtocol(&problems)
    problems.faults += initialize.problems()
    check(inference, &problems)
    check(evaluation, &problems)
    if name.isEmpty || name.hasPrefix(".") || name.contains("/") {
      problems.add("name", "must be fit for a folder's name, not \"\(name)\"")
    }
    problems.require(
      (1...1024).contains(compute.threads), "compute.threads",
      "must be from 1 to 1024, not \(compute.threads)")
    if let prefetch = compute.prefetch {
      problems.require(
        (0...64).contains(prefetch), "compute.prefetch",
        "must be from 0 to 64, or null for as many as there are cores left, not \(prefetch)")
    }
    return problems.faults
  }

  private func check(_ data: DataSection, _ problems: inout Problems) {
    problems.require(
      !data.dataset.isEmpty, "data.dataset",
      "is missing: name a folder with dataset.json or a manifest in CSV")
    problems.require(
      data.cache != "", "data.cache", "must name a folder, or be null for none")
    problems.require(
      data.folds.count >= 2, "data.folds.count", "must be at least 2, not \(data.folds.count)")
    problems.require(
      data.folds.test != .next || data.folds.count >= 3, "data.folds.test",
      "must be none or half where data.folds.count is 2: with next, no fold is left to train on")
    if let subset = data.subset {
      problems.require(
        (subset > 0 && subset <= 1) || (subset >= 2 && subset == subset.rounded() && subset < 1e9),
        "data.subset",
        "must be a part above 0 and up to 1, or a whole number of groups from 2 on, not \(subset)")
    }
    if let stratify = data.folds.stratify {
      problems.require(
        stratify != data.folds.group, "data.folds.group",
        "names the column \(stratify) that stratify names: name two columns, or set one to null")
    }
    if let labels = data.labels {
      problems.require(
        (2...256).contains(labels.count), "data.labels",
        "must name 2 to 256 labels, background first, not \(labels.count)")
      problems.require(
        Set(labels).count == labels.count, "data.labels", "must not name a label twice")
    }
  }

  /// What the other rooms find wrong with their own settings.
  private func checkChoices(_ problems: inout Problems) {
    for (section, found) in [
      ("network", network.problems()), ("loss", loss.problems()),
      ("optimizer", optimizer.problems()), ("schedule", schedule.problems()),
    ] {
      for problem in found { problems.add("\(section).\(problem.key)", problem.message) }
    }
    problems.requireValid("preparation") { try preparation.validate() }
    for (index, step) in augmentation.enumerated() {
      problems.requireValid("augmentation.\(index)") { try step.value.validate() }
    }
  }

  private func check(_ training: TrainingSection, _ problems: inout Problems) {
    let counts: [(String, Int, ClosedRange<Int>)] = [
      ("epochs", training.epochs, 1...1_000_000),
      ("stepsPerEpoch", training.stepsPerEpoch, 1...1_000_000),
      ("shardSize", training.shardSize, 1...1024),
      ("validateEvery", training.validateEvery, 0...1_000_000),
      ("checkpointEvery", training.checkpointEvery, 0...1_000_000_000),
    ]
    for (key, value, range) in counts {
      problems.require(
        range.contains(value), "training.\(key)",
        "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
    problems.require(
      (1...1024).contains(training.shards) && training.shards.nonzeroBitCount == 1,
      "training.shards",
      "must be a power of two up to 1024, such as \(Self.powerOfTwo(near: training.shards)), "
        + "not \(training.shards)")
    problems.require(
      (2...3).contains(training.patch.count), "training.patch",
      "must have 2 or 3 sizes, not \(training.patch.count)")
    for (axis, size) in training.patch.enumerated() {
      problems.require(
        (1...4096).contains(size), "training.patch.\(axis)",
        "must be from 1 to 4096 voxels, not \(size)")
    }
    problems.requirePart(training.foregroundFraction, "training.foregroundFraction")
    problems.require(
      (1...1_000_000).contains(training.sampling.drawsPerVolume),
      "training.sampling.drawsPerVolume",
      "must be from 1 to 1000000, not \(training.sampling.drawsPerVolume)")
    var sampling = training.patchSampling
    // Its fault is noted above.
    sampling.foregroundProbability = 0
    problems.requireValid("training.sampling") { try sampling.validate() }
    if let norm = training.clipNorm {
      problems.require(
        norm > 0, "training.clipNorm", "must be positive, or null for no limit, not \(norm)")
    }
    if let stopping = training.earlyStopping {
      let path = "training.earlyStopping"
      problems.require(
        stopping.patience >= 1, "\(path).patience", "must be positive, not \(stopping.patience)")
      problems.require(
        stopping.minimumDelta >= 0, "\(path).minimumDelta",
        "must not be negative, as \(stopping.minimumDelta) is")
      problems.require(
        stopping.burnIn >= 0, "\(path).burnIn", "must not be negative, as \(stopping.burnIn) is")
    }
  }

  /// What is wrong with stages and with the quantities that decisions go by.
  private func checkProtocol(_ problems: inout Problems) {
    problems.require(
      (1...1023).contains(training.slices) && training.slices % 2 == 1, "training.slices",
      "must be an odd number from 1 to 1023, so that one slice is the middle one, not "
        + "\(training.slices)")
    for (index, weight) in (training.outputWeights ?? []).enumerated() {
      problems.require(
        weight >= 0, "training.outputWeights.\(index)", "must not be negative, as \(weight) is")
    }
    for (index, stage) in training.stages.enumerated() {
      let path = "training.stages.\(index)"
      problems.require(
        (1...1_000_000).contains(stage.epochs), "\(path).epochs",
        "must be from 1 to 1000000, not \(stage.epochs)")
      for problem in stage.optimizer?.problems() ?? [] {
        problems.add("\(path).optimizer.\(problem.key)", problem.message)
      }
      for problem in stage.schedule?.problems() ?? [] {
        problems.add("\(path).schedule.\(problem.key)", problem.message)
      }
    }
    // Who goes by a validation needs some; the best weights need one before the first stage ends.
    var users: [(path: String, quantity: TrainingQuantity)] = []
    if training.earlyStopping != nil { users.append(("training.earlyStopping", training.quantity)) }
    let startsFromBest = training.stages.contains { $0.start == .best }
    if startsFromBest { users.append(("training.stages", training.quantity)) }
    for (index, stage) in stages.enumerated() {
      guard let quantity = stage.schedule.quantity else { continue }
      users.append((index == 0 ? "schedule" : "training.stages.\(index - 1).schedule", quantity))
    }
    guard let user = users.first(where: { $0.quantity.needsValidation }) else { return }
    problems.require(
      training.validateEvery > 0, "training.validateEvery",
      "must be positive where \(user.path) goes by \(user.quantity.rawValue), for it is known after "
        + "validations only")
    problems.require(
      !startsFromBest || !training.quantity.needsValidation
        || training.validateEvery <= max(1, training.epochs), "training.validateEvery",
      "must be at most \(training.epochs) (training.epochs), not \(training.validateEvery), where "
        + "training.stages begin with the best weights, for the first validation finds them")
  }

  private func check(_ inference: InferenceSection, _ problems: inout Problems) {
    let overlaps = inference.overlap.given
    problems.require(
      overlaps.count == 1 || overlaps.count == 3, "inference.overlap",
      "must be one number or three, one for each axis, not \(overlaps.count)")
    for (axis, overlap) in overlaps.enumerated() {
      problems.require(
        (0..<1).contains(overlap), "inference.overlap" + (overlaps.count == 1 ? "" : ".\(axis)"),
        "must be at least 0 and below 1, not \(overlap)")
    }
    for (index, step) in inference.postprocessing.enumerated() {
      for problem in step.problems() {
        problems.add("inference.postprocessing.\(index).\(problem.key)", problem.message)
      }
    }
  }

  private func check(_ evaluation: EvaluationSection, _ problems: inout Problems) {
    for (index, tolerance) in evaluation.tolerances.enumerated() {
      problems.require(
        tolerance >= 0, "evaluation.tolerances.\(index)",
        "must be a distance in mm of at least 0, not \(tolerance)")
    }
    for group in evaluation.groups.groups where group.labels.isEmpty {
      problems.add(
        "evaluation.groups".appending(key: group.name),
        "needs at least one label, as in [1, 2]")
    }
  }

  private static func powerOfTwo(near value: Int) -> Int {
    var power = 1
    while power < 1024, power * 2 <= value { power *= 2 }
    return power
  }
}

/// Collects faults of meaning.
private struct Problems {
  var faults: [ConfigurationFault] = []

  mutating func add(_ path: String, _ problem: String) {
    faults.append(ConfigurationFault(path, problem))
  }

  mutating func require(_ condition: Bool, _ path: String, _ problem: @autoclosure () -> String) {
    if !condition { add(path, problem()) }
  }

  /// Notes what a setting of the volumes' room says of itself.
  mutating func requireValid(_ path: String, _ validate: () throws -> Void) {
    do {
      try validate()
    } catch let error as VolumeError {
      // The subject may quote the value after the key.
      let key = String(error.subject.prefix { $0 != " " })
      let value = error.subject.dropFirst(key.count + 1)
      let known = key == path || key.hasPrefix("\(path).")
      add(
        known ? key : path.appending(key: key),
        value.isEmpty ? error.reason : "is \(value), which \(error.reason)")
    } catch {
      add(path, "\(error)")
    }
  }

  mutating func requirePart(_ value: Double, _ path: String) {
    require((0...1).contains(value), path, "must be from 0 to 1, not \(value)")
  }
}
