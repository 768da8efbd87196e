internal import Collective
internal import Compute
internal import Evaluation
internal import Volumes

/// Predicts a fold's validation subjects as whole volumes and compares them with their references
/// on the grid of their files.
///
/// Subjects are dealt to ranks by their place; counts are whole numbers, so that the order of
/// their sum does not matter.
final class FoldValidation {
  private let experiment: Experiment
  private let subjects: [(place: Int, subject: PreparedSubject)]
  private let window: SlidingWindow
  private let communicator: any Communicator

  /// A validation of `subjects`, with their places in the data set.
  init(
    _ trainer: FoldTrainer, subjects: [(place: Int, subject: PreparedSubject)],
    engine: any Engine
  ) throws {
    experiment = trainer.experiment
    self.subjects = subjects
    communicator = trainer.communicator
    window = try SlidingWindow(experiment, engine: engine, parameters: trainer.parameters)
  }

  /// Four counts (TP, FP, FN, TN) for each subject and foreground class.
  ///
  /// Collective.
  /// - Parameters:
  ///   - onPrediction: called on the leader with each subject's place in the data set and its
  ///     predicted classes, in the order of the subjects; nil discards them.
  ///   - betweenSubjects: called on every rank after each of its subjects.
  /// - Returns: `[subject][class - 1][4]`, flat, on every rank.
  /// - Throws: `MPIError`, or what the closures throw.
  func run(
    onPrediction: ((Int, [UInt8]) throws -> Void)? = nil, betweenSubjects: () throws -> Void
  ) throws -> [Int64] {
    let (rank, ranks) = (communicator.rank, communicator.size)
    let width = (experiment.classes - 1) * 4
    var counts = [Int64](repeating: 0, count: subjects.count * width)
    for (index, (place, subject)) in subjects.enumerated() {
      let owner = index % ranks
      var classes: [UInt8]?
      if owner == rank {
        let predicted = try experiment.postProcess(
          classes: subject.grid.restore(
            scores: window.probabilities(of: subject.image), classes: experiment.classes))
        try count(predicted, subject, into: &counts, at: index * width)
        classes = predicted.voxels
        try betweenSubjects()
      }
      guard let onPrediction else { continue }
      if rank == 0 {
        let voxels = try classes ?? communicator.receiveArray(from: owner, tag: index % 1024)
        try onPrediction(place, voxels)
      } else if let classes {
        try communicator.sendArray(classes, to: 0, tag: index % 1024)
      }
    }
    var sums = counts.mutableSpan
    try communicator.allReduce(inPlace: &sums, by: .sum)
    return counts
  }

  private func count(
    _ prediction: LabelVolume, _ subject: PreparedSubject, into counts: inout [Int64], at start: Int
  ) throws {
    guard let reference = subject.reference else {
      preconditionFailure("a subject without reference cannot validate")
    }
    var found = LabelCounts()
    try found.add(prediction: prediction.voxels.span, reference: reference.voxels.span)
    for index in 1..<experiment.classes {
      let place = start + (index - 1) * 4
      counts.replaceSubrange(place..<place + 4, with: found[UInt8(index)].numbers)
    }
  }
}

extension Experiment {
  /// The metrics of subjects from the counts of ``FoldValidation``.
  func metrics(
    _ counts: [Int64], of subjects: [Subject], fold: Int, in folder: RunFolder? = nil
  ) -> MetricsTable {
    let width = (classes - 1) * 4
    return MetricsTable(
      subjects.enumerated().map { index, subject in
        SubjectMetrics(
          subject: subject.name, fold: fold, referenceFile: subject.label,
          predictionFile: folder?.fold(fold).validation.prediction(subject.name) ?? "",
          labels: labels.indices.dropFirst().map { index2 in
            let place = index * width + (index2 - 1) * 4
            return LabelMetrics(
              label: labels[index2].number, name: labels[index2].name,
              counts: ConfusionCounts(Array(counts[place..<place + 4])))
          })
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
