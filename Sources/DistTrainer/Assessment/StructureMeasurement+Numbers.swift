internal import Evaluation

extension StructureMeasurement {
  /// How many numbers tell what was measured of one subject.
  ///
  /// For each structure four counts (TP, FP, FN, TN), and where surfaces are measured the diagonal
  /// of the grid and the values of `SurfaceMetric.all`, as bit patterns: sums over ranks of which all
  /// but one hold zeros change none of them.
  var width: Int { structures.count * structureWidth }

  private var structureWidth: Int {
    surface.map { 5 + SurfaceMetric.all($0).count } ?? 4
  }

  /// What was measured of one subject, as it travels.
  func numbers(_ entries: [LabelMetrics]) -> [Int64] {
    entries.flatMap { entry in
      var numbers = entry.counts.numbers
      if let surfaces = entry.surfaces {
        numbers += ([surfaces.gridDiagonal] + surfaces.values).map {
          Int64(bitPattern: $0.bitPattern)
        }
      }
      return numbers + [Int64](repeating: 0, count: structureWidth - numbers.count)
    }
  }

  /// Reads ``numbers(_:)``.
  func entries(_ numbers: ArraySlice<Int64>) -> [LabelMetrics] {
    structures.enumerated().map { index, structure in
      let start = numbers.startIndex + index * structureWidth
      let counts = ConfusionCounts(Array(numbers[start..<start + 4]))
      var entry = LabelMetrics(structure, counts: counts)
      if let surface {
        let values = numbers[(start + 4)..<(start + structureWidth)].map {
          Double(bitPattern: UInt64(bitPattern: $0))
        }
        entry.surfaces = SurfaceMeasures(
          settings: surface, values: counts.absence == nil ? Array(values.dropFirst()) : [],
          gridDiagonal: values[0])
      }
      return entry
    }
  }
}
