import Evaluation
import Testing

@testable import DistTrainer

/// What was measured survives its way between ranks.
@Suite struct MeasurementNumbersTests {
  @Test(
    "what was measured reads back as it was, with surfaces and without", arguments: [true, false])
  func roundTrip(hasSurfaces: Bool) throws {
    let measurement = StructureMeasurement(
      [
        MeasuredStructure(label: 1, name: "head"), MeasuredStructure(label: 4, name: "tail"),
        MeasuredStructure(label: 5, name: "nowhere"),
        try MeasuredStructure(group: "whole", labels: [1, 4]),
      ],
      surface: hasSurfaces ? try SurfaceSettings(family: .surfel, tolerances: [0.3, 2]) : nil)
    let grid = try EvaluationGrid(shape: [2, 2, 3], spacing: [0.7, 1, 0.3])
    let entries = try measurement(
      prediction: [1, 1, 0, 0, 4, 0, 0, 0, 0, 0, 1, 1],
      reference: [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1], grid: grid)
    let numbers = measurement.numbers(entries)
    #expect(numbers.count == measurement.width)
    #expect(measurement.entries(numbers[...]) == entries)
    // A slice of more than one subject.
    let both = numbers + numbers
    #expect(measurement.entries(both[numbers.count...]) == entries)
  }
}
