import Evaluation
import Foundation
import Testing

@testable import DistTrainer

@Suite("Scores of validation subjects")
struct FoldScoresTests {
  @Test("coarse scores say exactly what a threshold of 2^-10 steps does", arguments: [0, 1, 2])
  func coarse(subject: Int) throws {
    let (probabilities, truths) = SyntheticScores.scores(subject)
    // Between the steps there are scores too.
    let shifted = probabilities.map { min($0 + 0.0003, 1) }
    var histogram = ScoreHistogram()
    try histogram.add(probabilities: shifted.span, truths: truths.span)
    let coarse = CoarseScores(histogram)
    for step in [0, 1, 100, 241, 242, 512, 900, 1023] {
      let threshold = Double(step) / 1024
      let isCalled = shifted.map { Double($0) >= threshold }
      let counts = coarse.counts(at: threshold)
      #expect(counts.truePositives == truths.indices.count { truths[$0] && isCalled[$0] })
      #expect(counts.falsePositives == truths.indices.count { !truths[$0] && isCalled[$0] })
      #expect(counts.falseNegatives == truths.indices.count { truths[$0] && !isCalled[$0] })
      #expect(counts.voxels == 600)
    }
  }

  // roc_auc_score(y, p), average_precision_score(y, p) of each subject.
  static let areas = [
    (0.6771985870863851, 0.5829218854546546), (0.7113578638879843, 0.606708866608212),
    (0.706642787365679, 0.6173512996690562),
  ]

  @Test("areas by subject agree with scikit-learn", arguments: [0, 1, 2])
  func areas(subject: Int) throws {
    let entry = try SyntheticScores.fold(subject).entries[0]
    let (roc, precision) = Self.areas[subject]
    #expect(abs(try #require(entry.areaUnderROC) - roc) < 1e-12)
    #expect(abs(try #require(entry.averagePrecision) - precision) < 1e-12)
  }

  @Test("files give back what was written, names with commas too")
  func files() throws {
    let folder = try TemporaryFolder()
    let run = try SyntheticScores.writeRun(folder.path)
    for (fold, name) in SyntheticScores.subjects.enumerated() {
      let read = try FoldScores(
        of: run, fold: fold, labels: SyntheticScores.labels, subjects: [name])
      #expect(try read == SyntheticScores.fold(fold))
    }
    let curves = try String(
      contentsOfFile: run.fold(1).validation.curves, encoding: .utf8
    ).split(separator: "\n")
    #expect(curves.count == 3)
    #expect(curves[0] == "subject,fold,label,name,positives,negatives,auc,ap,undefined")
    #expect(curves[1].hasPrefix("\"b,c\",1,1,head,"))
    #expect(curves[2] == "\"b,c\",1,2,tail,0,600,,,noPositives")
    let pooled = try String(contentsOfFile: run.fold(0).validation.scores, encoding: .utf8)
    #expect(pooled.hasPrefix("label,bin,positives,negatives\n1,0,"))
    // 10 voxels of 0.75 and 590 of 0.25.
    #expect(pooled.hasSuffix("\n2,16384,0,590\n2,49152,10,0\n"))
    let subject = try String(contentsOfFile: run.fold(0).validation.subjectScores, encoding: .utf8)
    #expect(subject.hasPrefix("subject,label,bin,positives,negatives\na,1,0,"))
    #expect(subject.hasSuffix("\na,2,256,0,590\na,2,768,10,0\n"))
    #expect(
      try FoldScores(of: RunFolder(folder.path), fold: 0, labels: [], subjects: []) == nil)
  }

  @Test("damaged files and files of other subjects are named, with the remedy")
  func damage() throws {
    let folder = try TemporaryFolder()
    let run = try SyntheticScores.writeRun(folder.path)
    let results = run.fold(0).validation
    func message(subjects: [String] = ["a"]) -> String {
      SegmentationComparisonTests.message {
        _ = try FoldScores(of: run, fold: 0, labels: SyntheticScores.labels, subjects: subjects)
      }
    }
    #expect(message() == "")
    #expect(
      message(subjects: ["z"])
        == "\(results.subjectScores) does not hold the scores of fold 0: remove it and make it "
        + "again with segmpi train --fold 0 --continue.")
    for (path, from, to) in [
      (results.scores, "2,16384,0,590", "2,16384,0,589"), (results.scores, "2,16384,0", "2,x,0"),
      (results.scores, "2,49152", "2,16384"), (results.scores, "label,bin", "label,box"),
      (results.subjectScores, "a,2,768,10", "a,2,7680,10"),
      (results.subjectScores, "a,2,768,10,0", "a,2,768,-10,0"), (results.curves, "a,0,1", "b,0,1"),
    ] {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try #require(text.contains(from))
      try text.replacing(from, with: to).write(toFile: path, atomically: true, encoding: .utf8)
      #expect(message().hasPrefix("\(path) does not hold"), "\(to)")
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(message() == "")
  }

  @Test("histograms travel as numbers")
  func wire() throws {
    var full = ScoreHistogram()
    let (probabilities, truths) = SyntheticScores.scores(1)
    try full.add(probabilities: probabilities.span, truths: truths.span)
    let histograms = [full, ScoreHistogram(), full]
    #expect(try [ScoreHistogram](numbers: histograms.numbers) == histograms)
  }
}
