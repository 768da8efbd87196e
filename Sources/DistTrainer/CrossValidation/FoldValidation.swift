internal import Collective
internal import Compute
internal import Evaluation
internal import Nets
internal import Volumes

/// Predicts a fold's validation subjects as whole volumes and compares them with their references
/// on the grid of their files.
///
/// Subjects are dealt to ranks by their place, and what was measured travels as whole numbers to
/// which the other ranks add zeros, so that the order of their sum does not matter.
final class FoldValidation {
  private let experiment: Experiment
  private let subjects: [(place: Int, subject: PreparedSubject)]
  private let window: SlidingWindow
  private let loss: ValidationLoss?
  /// The means over the subjects of what a run with `quantities` has found beside overlaps.
  private(set) var quantities: [TrainingQuantity: Double] = [:]
  private let trainer: FoldTrainer

  /// Ends a subject's prediction when the run is to stop.
  private struct Stopped: Error {}

  /// A validation of `subjects`, with their places in the data set.
  init(
    _ trainer: FoldTrainer, subjects: [(place: Int, subject: PreparedSubject)],
    engine: any Engine
  ) throws {
    experiment = trainer.experiment
    self.subjects = subjects
    self.trainer = trainer
    window = try SlidingWindow(experiment, engine: engine, parameters: trainer.parameters)
    loss =
      try experiment.configuration.validatedQuantities.contains(.validationLoss)
      ? ValidationLoss(experiment, engine: engine, parameters: trainer.parameters) : nil
  }

  /// Measures all subjects, or gives up when a rank wishes to stop: that rank predicts no more and
  /// says so where its results are expected, so that none waits for it.
  ///
  /// Collective.
  /// - Parameters:
  ///   - measurement: what of them, by label number.
  ///   - onPrediction: called on the leader with each subject's place in the data set and its
  ///     predicted classes, in the order of the subjects; nil discards them.
  ///   - onScores: called on the leader with each subject's place and its histograms of scores as
  ///     numbers, after its prediction; nil counts none.
  ///   - quantities: whether ``quantities`` are found too.
  ///   - betweenTiles: called on every rank between tiles and after each of its subjects.
  /// - Returns: `StructureMeasurement.numbers` of each subject, flat, on every rank; nil, on every
  ///   rank, where one has given up.
  /// - Throws: `MPIError`, or what the closures throw.
  func run(
    _ measurement: StructureMeasurement, onPrediction: ((Int, [UInt8]) throws -> Void)? = nil,
    onScores: ((Int, [Int64]) throws -> Void)? = nil, quantities: Bool = false,
    betweenTiles: () throws -> Void
  ) throws -> [Int64]? {
    let communicator = trainer.communicator
    let (rank, ranks) = (communicator.rank, communicator.size)
    let byClass = experiment.byClass(measurement)
    let width = measurement.width
    // The quantities stand after the counts; the last number counts the ranks that gave up.
    let found = subjects.count * width
    var numbers = [Int64](
      repeating: 0, count: found + subjects.count * SubjectQuantities.width + 1)
    for (index, (place, subject)) in subjects.enumerated() {
      let owner = index % ranks
      // Empty for a subject that was given up.
      var classes: [UInt8]?
      var histograms: [Int64]?
      if owner == rank {
        (classes, histograms) = ([], [])
        do {
          let scores = try predict(subject, betweenTiles)
          let predicted = try experiment.postProcess(classes: scores.winners)
          let counts = byClass.numbers(try measure(predicted, subject, byClass))
          if quantities {
            let start = found + index * SubjectQuantities.width
            numbers.replaceSubrange(
              start..<start + SubjectQuantities.width,
              with: try measureQuantities(predicted, subject, betweenTiles).numbers)
          }
          numbers.replaceSubrange(index * width..<(index + 1) * width, with: counts)
          if onScores != nil { histograms = try count(scores, subject) }
          classes = predicted.voxels
          try betweenTiles()
        } catch is Stopped {
          numbers[numbers.count - 1] = 1
        }
      }
      if let onPrediction {
        if rank == 0 {
          let voxels = try classes ?? communicator.receiveArray(from: owner, tag: index % 1024)
          if !voxels.isEmpty { try onPrediction(place, voxels) }
        } else if let classes {
          try communicator.sendArray(classes, to: 0, tag: index % 1024)
        }
      }
      guard let onScores else { continue }
      if rank == 0 {
        let numbers = try histograms ?? communicator.receiveArray(from: owner, tag: index % 1024)
        if !numbers.isEmpty { try onScores(place, numbers) }
      } else if let histograms {
        try communicator.sendArray(histograms, to: 0, tag: index % 1024)
      }
    }
    var sums = numbers.mutableSpan
    try communicator.allReduce(inPlace: &sums, by: .sum)
    guard numbers.removeLast() == 0 else { return nil }
    if quantities {
      let all = subjects.indices.map { index in
        SubjectQuantities(
          numbers[(found + index * SubjectQuantities.width)...].prefix(SubjectQuantities.width))
      }
      self.quantities = SubjectQuantities.means(
        of: all, wanted: experiment.configuration.validatedQuantities)
    }
    return Array(numbers[..<found])
  }

  /// What is found of a subject beside overlaps.
  private func measureQuantities(
    _ predicted: LabelVolume, _ subject: PreparedSubject, _ betweenTiles: () throws -> Void
  ) throws -> SubjectQuantities {
    var result = SubjectQuantities()
    if let reference = subject.reference {
      result.voxels = reference.voxels.count
      let (found, truth) = (predicted.voxels.span, reference.voxels.span)
      for index in found.indices where found[index] == truth[index] { result.correct += 1 }
    }
    if let loss {
      result.loss = try loss(of: subject, betweenTiles: { try goOn(betweenTiles) })
    }
    return result
  }

  /// A subject's scores.
  private func predict(
    _ subject: PreparedSubject, _ betweenTiles: () throws -> Void
  ) throws -> SubjectScores {
    SubjectScores(
      probabilities: try window.probabilities(of: subject.image) { try goOn(betweenTiles) },
      grid: subject.grid, classes: experiment.classes)
  }

  /// Says that the rank works, and ends the subject under way where the run is to stop.
  private func goOn(_ betweenTiles: () throws -> Void) throws {
    if trainer.stop.isMade { throw Stopped() }
    trainer.communicator.recorder.beat()
    try betweenTiles()
  }

  /// The numbers of a subject's histograms of scores.
  private func count(_ scores: SubjectScores, _ subject: PreparedSubject) throws -> [Int64] {
    guard let reference = subject.reference else {
      preconditionFailure("a subject without reference cannot validate")
    }
    return try [ScoreHistogram](
      scores, reference: reference.voxels, threads: experiment.configuration.compute.threads
    ).numbers
  }

  private func measure(
    _ prediction: LabelVolume, _ subject: PreparedSubject, _ measurement: StructureMeasurement
  ) throws -> [LabelMetrics] {
    guard let reference = subject.reference else {
      preconditionFailure("a subject without reference cannot validate")
    }
    return try measurement(
      prediction: prediction.voxels, reference: reference.voxels,
      grid: EvaluationGrid(shape: reference.shape, spacing: reference.geometry.spacing),
      threads: experiment.configuration.compute.threads)
  }
}

extension Experiment {
  /// The metrics of subjects from the numbers of ``FoldValidation``.
  func metrics(
    _ numbers: [Int64], _ measurement: StructureMeasurement, of subjects: [Subject], fold: Int,
    in folder: RunFolder? = nil
  ) -> MetricsTable {
    let width = measurement.width
    return metrics(
      subjects.indices.map { measurement.entries(numbers[$0 * width..<($0 + 1) * width]) },
      of: subjects, fold: fold, in: folder)
  }

  /// The metrics of subjects from what was measured of each.
  func metrics(
    _ entries: [[LabelMetrics]], of subjects: [Subject], fold: Int, in folder: RunFolder? = nil
  ) -> MetricsTable {
    MetricsTable(
      zip(subjects, entries).map { subject, entries in
        SubjectMetrics(
          subject: subject.name, fold: fold, referenceFile: subject.label,
          predictionFile: folder?.fold(fold).validation.prediction(subject.name) ?? "",
          labels: entries)
      })
  }
}

extension ConfusionCounts {
  /// TP, FP, FN and TN, as they travel.
  var numbers: [Int64] {
    [truePositives, falsePositives, falseNegatives, trueNegatives].map { Int64($0) }
  }

  /// Reads ``numbers``.
  init(_ numbers: [Int64]) {
    self.init(
      truePositives: Int(numbers[0]), falsePositives: Int(numbers[1]),
      falseNegatives: Int(numbers[2]), trueNegatives: Int(numbers[3]))
  }
}
