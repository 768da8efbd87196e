import DistTrainer
import Evaluation
import Foundation
import Testing

@Suite struct CurveReportTests {
  /// Frameworks' golden vector, in two folds and three subjects.
  static let table = """
    score,truth,fold,subject
    0.1,0,0,a
    0.4,0,0,a
    0.35,1,0,a
    0.8,1,0,a
    0.4,0,0,a
    0.4,1,1,b
    0.2,0,1,b
    0.9,1,1,b
    0.65,1,1,b
    0.5,0,1,c

    """

  static func report(
    _ text: String, _ columns: ScoreTable.Columns = ScoreTable.Columns()
  ) throws -> CurveReport {
    let folder = try TemporaryFolder()
    try folder.write(["scores.csv"], text: text)
    return try CurveReport(
      ScoreTable(contentsOf: "\(folder.path)/scores.csv", columns: columns))
  }

  // scikit-learn 1.9.1: roc_auc_score and average_precision_score of all, of the first five and of
  // the last five; thresholds as in the tests of ScoreCurve.
  @Test("areas are those of scikit-learn, pooled and by fold")
  func areas() throws {
    let report = try Self.report(Self.table)
    #expect(report.pooled.areaUnderROC == .value(0.8))
    #expect(abs(try #require(report.pooled.averagePrecision.number) - 0.8392857142857143) < 1e-15)
    let folds = try #require(report.groups.first { $0.members == "fold" })
    let expected = [(0.6666666666666667, 0.75), (0.8333333333333333, 0.9166666666666665)]
    for (fold, areas) in expected.enumerated() {
      let roc = try #require(folds.roc.members[fold].area.number)
      let precision = try #require(folds.precisionRecall.members[fold].area.number)
      #expect(abs(roc - areas.0) < 1e-15)
      #expect(abs(precision - areas.1) < 1e-15)
    }
    #expect(report.text.contains("mean of 2 folds"))
    #expect(report.text.contains("0.7500"))
    let chosen = report.thresholds.map { try? $0.choice.get().threshold }
    #expect(chosen == [0.35, 0.65, 0.65])
  }

  @Test("a subject without positives or negatives is named, and in no mean")
  func gaps() throws {
    let report = try Self.report(Self.table)
    let subjects = try #require(report.groups.first { $0.members == "subject" })
    #expect(subjects.roc.leftOut.map(\.name) == ["c"])
    #expect(subjects.roc.mean?.count == 2)
    #expect(report.text.contains("AUC is not defined for 1 of 3 subjects (c: noPositives)"))
    let negatives = try Self.report("score,truth\n0.5,0\n0.25,0\n")
    #expect(negatives.text.contains("None of the 2 scores is of a positive"))
    #expect(negatives.json.contains("\"areaUnderROC\": null"))
    #expect(negatives.json.contains("\"areaUnderROCUndefined\": \"noPositives\""))
    #expect(!negatives.json.lowercased().contains("nan"))
  }

  @Test("columns and the positive truth have the names that were asked for")
  func columns() throws {
    var columns = ScoreTable.Columns()
    (columns.score, columns.truth, columns.positive) = ("p", "class", "tumor")
    let report = try Self.report("p,class\n0.9,tumor\n0.5,cyst\n0.1,none\n", columns)
    #expect(report.pooled.positives == 1 && report.pooled.negatives == 2)
    #expect(report.groups.isEmpty)
  }

  @Test("JSON has the mean curve at 1001 abscissae with its deviation")
  func json() throws {
    struct Form: Decodable {
      struct Group: Decodable {
        struct Family: Decodable {
          var meanArea: Double
          var x: [Double]
          var mean: [Double]
          var standardDeviation: [Double]
        }
        var by: String
        var roc: Family
      }
      var groups: [Group]
    }
    let form = try JSONDecoder().decode(
      Form.self, from: Data(try Self.report(Self.table).json.utf8))
    #expect(form.groups.map(\.by) == ["fold", "subject"])
    let family = form.groups[0].roc
    #expect(family.x.count == 1001 && family.mean.count == 1001)
    #expect(family.standardDeviation.count == 1001)
    #expect(family.mean.last == 1)
    #expect(abs(family.meanArea - 0.75) < 1e-15)
  }

  @Test(
    "a table that is not as it should be is refused with its line",
    arguments: [
      ("", "has no row of scores"),
      ("score,truth\n", "has no row of scores"),
      ("score,truht\n0.5,1\n", "did you mean truht?"),
      ("score,truth\n0.5,1\nnan,0\n", "Line 3"),
      ("score,truth\ninf,1\n", "is not a finite number"),
      ("score,truth\nhigh,1\n", "is not a finite number"),
      ("score,truth\n0.5,2\n", "say with --positive"),
      ("score,truth\n0.5\n", "Line 2"),
    ])
  func faults(text: String, sentence: String) throws {
    let error = #expect(throws: ComparisonError.self) { try Self.report(text) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }
}
