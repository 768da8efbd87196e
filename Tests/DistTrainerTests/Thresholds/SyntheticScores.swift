import DistTrainer
import Evaluation
import Foundation

@testable import DistTrainer

/// Scores that NumPy makes alike, and a run folder that holds them: three subjects, one a fold.
///
///     # NumPy, scikit-learn 1.9.1, for subject s in 0, 1, 2:
///     i = np.arange(600); y = (i*7919 + s*31) % 97 < 30
///     p = ((i*104729 + s*17) % 1024)/1024*0.6 + y*0.3*((i*13 + s) % 5)/4
///     p = np.floor(p*1024)/1024
enum SyntheticScores {
  static let subjects = ["a", "b,c", "d"]
  static let labels = [
    DatasetLabel(number: 1, name: "head"), DatasetLabel(number: 2, name: "tail"),
  ]

  static func scores(_ subject: Int) -> (probabilities: [Float], truths: [Bool]) {
    let truths = (0..<600).map { ($0 * 7919 + subject * 31) % 97 < 30 }
    let probabilities = truths.indices.map { i in
      let gain = (truths[i] ? 1 : 0) * 0.3 * Double((i * 13 + subject) % 5) / 4
      let score = Double((i * 104_729 + subject * 17) % 1024) / 1024 * 0.6 + gain
      return Float((score * 1024).rounded(.down) / 1024)
    }
    return (probabilities, truths)
  }

  /// The label "head" has the scores above; "tail" occurs in the first subject only.
  static func fold(_ subject: Int) throws -> FoldScores {
    let (probabilities, truths) = scores(subject)
    var head = ScoreHistogram()
    try head.add(probabilities: probabilities.span, truths: truths.span)
    var tail = ScoreHistogram()
    let isTail = truths.indices.map { subject == 0 && $0 >= 590 }
    let tailScores = isTail.map { $0 ? 0.75 as Float : 0.25 }
    try tail.add(probabilities: tailScores.span, truths: isTail.span)
    var fold = FoldScores(fold: subject, labels: labels)
    fold.add([head, tail], of: subjects[subject])
    return fold
  }

  /// Writes a data set of these subjects and the folder of a run that has validated some folds.
  static func writeRun(_ path: String, folds: [Int] = [0, 1, 2], more: String = "") throws
    -> RunFolder
  {
    try SmallStudy.writeDataset("\(path)/data", subjects: subjects)
    let configuration = try ExperimentConfiguration.load(
      yaml: SmallStudy.yaml("\(path)/data", more), overrides: ["data.folds.count=3"])
    let folder = RunFolder("\(path)/run")
    try folder.create(folds: 3)
    try configuration.resolvedYAML().write(
      toFile: folder.configuration, atomically: true, encoding: .utf8)
    let splits = Folds(
      splits: subjects.map { name in
        Split(train: subjects.filter { $0 != name }, val: [name])
      })
    try splits.json.write(toFile: folder.splits, atomically: true, encoding: .utf8)
    for fold in folds { try Self.fold(fold).write(to: folder.fold(fold).validation) }
    return folder
  }
}
