import Evaluation
import Foundation
import Testing

/// From label volumes to tables: groups, surfaces, and structures that are missing.
@Suite struct MeasurementTests {
  static let grid = EvaluationGrid.make([1, 1, 8], [3, 4, 1.5])

  static func structures() throws -> [MeasuredStructure] {
    [
      try MeasuredStructure(group: "whole", labels: [2, 1, 2]),
      MeasuredStructure(label: 2, name: "tail"),
      MeasuredStructure(label: 1, name: "head"), try MeasuredStructure(group: "core", labels: [2]),
    ]
  }

  static func subject(
    _ name: String, _ prediction: [UInt8], _ reference: [UInt8]
  ) throws -> SubjectMetrics {
    let measurement = StructureMeasurement(
      try structures(), surface: try SurfaceSettings(tolerances: [1.5]))
    return SubjectMetrics(
      subject: name,
      labels: try measurement(prediction: prediction, reference: reference, grid: grid))
  }

  /// One with all, one whose tail was missed, one without any tail, one with a tail made up.
  static func table() throws -> MetricsTable {
    MetricsTable([
      try subject("a", [1, 1, 2, 2, 0, 0, 0, 0], [1, 2, 2, 0, 0, 0, 0, 0]),
      try subject("b", [1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 2, 2, 0, 0, 0, 0]),
      try subject("c", [1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]),
      try subject("d", [1, 0, 0, 0, 0, 0, 0, 2], [1, 0, 0, 0, 0, 0, 0, 0]),
    ])
  }

  @Test("labels come by number, groups after them as they were given")
  func order() throws {
    let table = try Self.table()
    #expect(table.structures.map(\.name) == ["head", "tail", "whole", "core"])
    #expect(table.labels.map(\.label) == [1, 2])
    #expect(table.structures.map(\.key) == ["1", "2", "(1, 2)", "(2,)"])
    #expect(table.structures.map(\.labelText) == ["1", "2", "1+2", "2"])
    #expect(table.subjects[0].labels.map(\.name) == ["head", "tail"])
    #expect(table.subjects[0].groups.map(\.name) == ["whole", "core"])
    #expect(throws: EvaluationError.badGroup(name: "none")) {
      try MeasuredStructure(group: "none", labels: [])
    }
  }

  @Test("a group is measured as one structure, whatever its labels")
  func groups() throws {
    let table = try Self.table()
    let whole = table.structures[2]
    let first = table.entries(of: whole)[0]
    // {0, 1, 2, 3} against {0, 1, 2}: the labels within do not matter.
    #expect(
      first.counts == ConfusionCounts(truePositives: 3, falsePositives: 1, trueNegatives: 4))
    // Distances 0, 0, 0, 1.5 and 0, 0, 0.
    let means: [Double] = [1.5 / 7, 0.375, 0, 0.1875, 1.5]
    let values = try #require(first.surfaces?.values)
    #expect(Array(values.prefix(5)) == means)
    let core = table.entries(of: table.structures[3])[0]
    let tail = table.entries(of: table.structures[1])[0]
    #expect(core.counts == tail.counts && core.surfaces == tail.surfaces)
    // Groups do not count twice in the mean over labels.
    let dice = [1, 2].compactMap { table.aggregate(Dice.self, label: $0).mean }
    #expect(table.foregroundMean(Dice.self) == (dice[0] + dice[1]) / 2)
    #expect(table.foregroundMean(Measure(Dice.self)) == table.foregroundMean(Dice.self))
  }

  @Test("what is missed counts with the grid's diagonal, what is nowhere does not count")
  func worstCase() throws {
    let table = try Self.table()
    let diagonal = (9 + 16 + 144.0).squareRoot()
    #expect(Self.grid.diagonal == diagonal)
    let tail = table.structures[1]
    for measure in Measure.surfaces(table.surface) {
      let aggregate = table.aggregate(measure, tail)
      let values = table.entries(of: tail).map { measure.value(of: $0) }
      if measure.name == "nsd_1.5mm" {
        #expect(values == [.value(1), .value(0), .undefined(.bothEmpty), .value(0)])
        #expect(aggregate.mean == 1 / 3.0 && aggregate.worstCaseMean == 1 / 3.0)
      } else {
        #expect(
          values.dropFirst() == [
            .undefined(.predictionEmpty), .undefined(.bothEmpty), .undefined(.referenceEmpty),
          ])
        let first = try #require(values[0].number)
        #expect(aggregate.mean == first && aggregate.defined == 1)
        #expect(
          aggregate.undefined == [.predictionEmpty: 1, .bothEmpty: 1, .referenceEmpty: 1])
        #expect(aggregate.worstCaseMean == (first + diagonal + diagonal) / 3)
      }
    }
  }

  @Test("metrics.csv names family and unit, summary.json defines every name")
  func files() throws {
    let table = try Self.table()
    let rows = try CSV.rows(of: table.csv)
    #expect(rows[0].fields == MetricsTable.columns(table.surface))
    for name in [
      "asd_mm", "asd_prediction_mm", "asd_reference_mm", "asd_symmetric_mm", "hd_mm", "hd95_mm",
      "hd95_pooled_mm", "nsd_1.5mm", "grid_diagonal_mm",
    ] { #expect(rows[0].fields.contains(name)) }
    #expect(rows.count == 17)
    let row = Dictionary(uniqueKeysWithValues: zip(rows[0].fields, rows[6].fields))
    #expect(row["subject"] == "b" && row["name"] == "tail" && row["hd_mm"] == "")
    #expect(row["grid_diagonal_mm"] == "13.0" && row["nsd_1.5mm"] == "0.0")
    #expect(row["undefined"]?.contains("hd95_mm=predictionEmpty") == true)
    #expect(rows[3].fields[2...3] == ["1+2", "whole"])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(table.summary.indented.utf8)) as? [String: Any])
    let definitions = try #require(object["definitions"] as? [String: Any])
    for measure in table.measures {
      let definition = try #require(definitions[measure.name] as? [String: String])
      #expect(definition["formula"] == measure.definition)
      #expect(definition["worst"]?.isEmpty == false)
    }
    #expect((definitions["surface"] as? String)?.hasPrefix("voxel: ") == true)
    let mean = try #require(object["mean"] as? [String: [String: Any]])
    // The subjects' largest distances: 1.5, 1.5, 0, 10.5.
    #expect(Set(mean.keys) == ["1", "2", "(1, 2)", "(2,)"])
    #expect(mean["(1, 2)"]?["hd_mm"] as? Double == 3.375)
  }

  @Test("surfels have columns of their own, so that no table mixes the two")
  func surfelColumns() throws {
    let voxel = Measure.surfaces(try SurfaceSettings(tolerances: [1, 0.5, 1])).map(\.name)
    let surfel = Measure.surfaces(try SurfaceSettings(family: .surfel, tolerances: [1, 0.5]))
      .map(\.name)
    #expect(Set(voxel).isDisjoint(with: surfel))
    #expect(voxel.suffix(2) == ["nsd_0.5mm", "nsd_1mm"])
    #expect(surfel.first == "asd_surfel_mm" && surfel.last == "nsd_surfel_1mm")
    #expect(MetricsTable.columns == MetricsTable.columns(nil))
  }

  @Test("a table of subjects measured without surfaces has no such columns")
  func overlapOnly() throws {
    let measured = try StructureMeasurement(try Self.structures())(
      prediction: [1, 2], reference: [1, 1], grid: .make([1, 1, 2], [1, 1, 1]))
    let table = MetricsTable([SubjectMetrics(subject: "s", labels: measured)])
    #expect(table.surface == nil && table.measures.count == OverlapMetrics.catalogue.count)
    #expect(!table.csv.contains("_mm"))
    let late = MetricsTable(table.subjects + (try Self.table()).subjects)
    let hausdorff = try #require(late.measures.first { $0.name == "hd_mm" })
    #expect(late.aggregate(hausdorff, late.structures[0]).undefined == [.notMeasured: 1])
  }
}

extension EvaluationGrid {
  /// A grid that is known to be one.
  static func make(_ shape: [Int], _ spacing: [Double]) -> EvaluationGrid {
    do {
      return try EvaluationGrid(shape: shape, spacing: spacing)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
