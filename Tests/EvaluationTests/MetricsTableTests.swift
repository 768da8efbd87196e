import Evaluation
import Foundation
import Testing

@Suite struct MetricsTableTests {
  static func subject(
    _ name: String, fold: Int, _ one: ConfusionCounts, _ two: ConfusionCounts
  ) -> SubjectMetrics {
    SubjectMetrics(
      subject: name, fold: fold, referenceFile: "labelsTr/\(name).nii.gz",
      predictionFile: "fold_\(fold)/validation/\(name).nii.gz",
      labels: [
        LabelMetrics(label: 2, name: "Posterior", counts: two),
        LabelMetrics(label: 1, name: "Anterior", counts: one),
      ])
  }

  static let subjects = [
    subject(
      "b", fold: 0,
      ConfusionCounts(
        truePositives: 3, falsePositives: 1, falseNegatives: 1, trueNegatives: 5),
      ConfusionCounts(trueNegatives: 10)),
    subject(
      "a, \"left\"", fold: 1,
      ConfusionCounts(truePositives: 2, falseNegatives: 2, trueNegatives: 6),
      ConfusionCounts(falseNegatives: 4, trueNegatives: 6)),
    subject(
      "c", fold: 1,
      ConfusionCounts(
        truePositives: 1, falsePositives: 2, falseNegatives: 3, trueNegatives: 4),
      ConfusionCounts(truePositives: 4, trueNegatives: 6)),
  ]

  @Test("the order in which rows arrive changes no byte of a report")
  func order() {
    let table = MetricsTable(Self.subjects)
    let other = MetricsTable(Self.subjects.reversed())
    #expect(table.subjects.map(\.subject) == ["a, \"left\"", "b", "c"])
    #expect(table.csv == other.csv)
    #expect(table.summary.indented == other.summary.indented)
    #expect(table.fold(1).subjects.map(\.subject) == ["a, \"left\"", "c"])
  }

  @Test(
    "metrics.csv has a row a subject and label, quoted where needed, and says what is undefined")
  func csv() throws {
    let rows = try CSV.rows(of: MetricsTable(Self.subjects).csv)
    #expect(rows.count == 7)
    #expect(rows[0].fields == MetricsTable.columns)
    let byColumn = rows.dropFirst().map {
      Dictionary(uniqueKeysWithValues: zip(rows[0].fields, $0.fields))
    }
    #expect(byColumn.allSatisfy { $0.count == MetricsTable.columns.count })
    #expect(byColumn[0]["subject"] == "a, \"left\"" && byColumn[0]["label"] == "1")
    #expect(byColumn[0]["name"] == "Anterior" && byColumn[0]["fold"] == "1")
    #expect(byColumn[0]["recall"] == "0.5" && byColumn[0]["tp"] == "2" && byColumn[0]["fn"] == "2")
    #expect(byColumn[0]["referenceVoxels"] == "4" && byColumn[0]["predictedVoxels"] == "2")
    // The missed structure: Dice 0, precision undefined and said so.
    #expect(byColumn[1]["dice"] == "0.0" && byColumn[1]["precision"] == "")
    #expect(byColumn[1]["undefined"] == "precision=predictionEmpty")
    #expect(byColumn[3]["dice"] == "")
    let reasons = ["dice", "jaccard", "voe", "precision", "recall", "volumeError"].map {
      "\($0)=bothEmpty"
    }
    #expect(byColumn[3]["undefined"] == reasons.joined(separator: ";"))
  }

  // Expected values by nnU-Net's rule in NumPy: np.nanmean over cases by label, then np.mean over
  // labels: label 1 Dice [2/3, .75, 2/7], label 2 Dice [0, nan, 1].
  @Test("summary.json reads as nnU-Net's does and has its means")
  func summary() throws {
    let text = MetricsTable(Self.subjects).summary.indented
    for member in ["metric_per_case", "foreground_mean", "reference_file", "prediction_file"] {
      #expect(text.contains("\"\(member)\""))
    }
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let mean = try #require(object["mean"] as? [String: [String: Any]])
    let one = try #require(mean["1"]?["Dice"] as? Double)
    #expect(abs(one - 0.5674603174603173) < 1e-15)
    #expect(mean["2"]?["Dice"] as? Double == 0.5)
    #expect(mean["1"]?["FP"] as? Double == 1)
    let foreground = try #require((object["foreground_mean"] as? [String: Any])?["Dice"] as? Double)
    #expect(abs(foreground - 0.5337301587301586) < 1e-15)
    let cases = try #require(object["metric_per_case"] as? [[String: Any]])
    #expect(cases.count == 3)
    #expect(cases[0]["reference_file"] as? String == "labelsTr/a, \"left\".nii.gz")
    let first = try #require(cases[0]["metrics"] as? [String: [String: Any]])
    #expect(first["1"]?["n_ref"] as? Int == 4 && first["1"]?["TP"] as? Int == 2)
    let second = try #require(cases[1]["metrics"] as? [String: [String: Any]])
    #expect(second["2"]?["Dice"] is NSNull)
    #expect(text.contains("\"predictionEmpty\": 1"))
  }

  @Test("a label that no subject has a value for leaves the foreground mean undefined")
  func undefinedLabel() {
    let empty = ConfusionCounts(trueNegatives: 10)
    let table = MetricsTable([Self.subject("a", fold: 0, ConfusionCounts(truePositives: 1), empty)])
    #expect(table.foregroundMean(Dice.self) == nil)
    #expect(table.aggregate(Dice.self, label: 1).mean == 1)
    #expect(MetricsTable([]).foregroundMean(Dice.self) == nil)
  }

  @Test("subjects are compared voxel by voxel from their label arrays")
  func fromVolumes() throws {
    let prediction: [UInt8] = [0, 1, 1, 2]
    let reference: [UInt8] = [0, 1, 2, 2]
    let subject = try SubjectMetrics(
      subject: "s", prediction: prediction.span, reference: reference.span,
      labels: [(2, "two"), (1, "one")])
    #expect(subject.labels.map(\.label) == [1, 2])
    #expect(subject.labels[0].counts.falsePositives == 1)
    #expect(subject.labels[1].counts.falseNegatives == 1)
  }
}
