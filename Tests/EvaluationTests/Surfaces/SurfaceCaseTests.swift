import CounterRandom
import Evaluation
import Testing

/// Masks whose distances a pencil can find, DeepMind's own cases, and what must not matter.
@Suite struct SurfaceCaseTests {
  /// Distances from every surface voxel of one mask to the nearest of the other, by definition.
  static func bruteForce(_ pair: MaskPair) -> (fromPrediction: [Double], fromReference: [Double]) {
    let (shape, spacing) = (pair.grid.shape, pair.grid.spacing)
    func surface(_ mask: [UInt8]) -> [[Int]] {
      func inside(_ place: [Int]) -> Bool {
        guard (0..<3).allSatisfy({ place[$0] >= 0 && place[$0] < shape[$0] }) else { return false }
        return mask[(place[0] * shape[1] + place[1]) * shape[2] + place[2]] == 1
      }
      var places: [[Int]] = []
      for z in 0..<shape[0] {
        for y in 0..<shape[1] {
          for x in 0..<shape[2] where inside([z, y, x]) {
            let neighbors = [
              [z - 1, y, x], [z + 1, y, x], [z, y - 1, x], [z, y + 1, x], [z, y, x - 1],
              [z, y, x + 1],
            ]
            if !neighbors.allSatisfy(inside) { places.append([z, y, x]) }
          }
        }
      }
      return places
    }
    func distances(_ from: [[Int]], _ to: [[Int]]) -> [Double] {
      from.map { one in
        to.map { other in
          (0..<3).reduce(0.0) { sum, axis in
            let difference = Double(one[axis] - other[axis]) * spacing[axis]
            return sum + difference * difference
          }.squareRoot()
        }.min() ?? .infinity
      }
    }
    let (one, other) = (surface(pair.prediction), surface(pair.reference))
    return (distances(one, other), distances(other, one))
  }

  static func random(_ seed: Int) throws -> MaskPair {
    var stream = RandomStream(seed: UInt64(seed), "test masks")
    let shape = (0..<3).map { _ in Int.random(in: 1...9, using: &stream) }
    let spacing = (0..<3).map { _ in Double.random(in: 0.2...3, using: &stream) }
    func mask(_ density: Double) -> [UInt8] {
      (0..<(shape[0] * shape[1] * shape[2])).map { _ in
        Double.random(in: 0..<1, using: &stream) < density ? 1 : 0
      }
    }
    let densities = [0.01, 0.1, 0.5, 0.9, 1]
    return try MaskPair(
      shape, spacing, prediction: mask(densities[seed % 5]),
      reference: mask(densities[seed / 5 % 5]))
  }

  @Test("random masks, sparse to full, have the distances of the definition", arguments: 0..<100)
  func randomMasks(seed: Int) throws {
    let pair = try Self.random(seed)
    let expected = Self.bruteForce(pair)
    guard let found = try pair.distances() else {
      #expect(expected.fromPrediction.isEmpty || expected.fromReference.isEmpty)
      return
    }
    for (found, expected) in [
      (found.fromPrediction, expected.fromPrediction),
      (found.fromReference, expected.fromReference),
    ] {
      #expect(found.count == expected.count)
      for (one, other) in zip(found, expected) {
        #expect(abs(one - other) <= 1e-14 * max(1, other))
      }
    }
  }

  @Test("the number of threads changes no bit", arguments: SurfaceFamily.allCases)
  func threads(family: SurfaceFamily) throws {
    for seed in [12, 18, 57] {
      let pair = try Self.random(seed)
      let one = try #require(try pair.distances(family))
      for threads in [2, 3, 16] {
        let many = try #require(try pair.distances(family, threads: threads))
        #expect(one.fromPrediction == many.fromPrediction)
        #expect(one.fromReference == many.fromReference)
        #expect(one.predictionAreas == many.predictionAreas)
        #expect(one.referenceAreas == many.referenceAreas)
      }
    }
  }

  @Test("two single voxels are as far apart as they lie", arguments: SurfaceFamily.allCases)
  func singleVoxels(family: SurfaceFamily) throws {
    // Touching the border at opposite corners: (3 * 0.5, 4 * 1, 5 * 2) mm.
    let pair = try MaskPair(
      [4, 5, 6], [0.5, 1, 2], inside: { z, y, x in z + y + x == 0 },
      { z, y, x in z == 3 && y == 4 && x == 5 })
    let far = (1.5 * 1.5 + 16 + 100).squareRoot()
    let values = try pair.measures(family, tolerances: [10.8, 11])
    if family == .voxel {
      #expect(values == [far, far, far, far, far, far, far, 0, 1])
    } else {
      // Around a voxel stand eight surfels, each distance (1.5 + {0, 0.5}, …) less where nearer.
      let near = (1 + 9 + 64.0).squareRoot()
      #expect(values[4] == far && values[0] < far && values[0] > near)
    }
    let same = try MaskPair(
      [1, 1, 1], inside: { _, _, _ in true }, { _, _, _ in true })
    #expect(try same.measures(family) == [0, 0, 0, 0, 0, 0, 0, 1])
  }

  // surface-distance 0.1, test file: two voxels 2 apart at (3, 2, 1) mm; 50 against 51 planes at
  // (2, 1, 1) mm in 100^3.
  @Test("DeepMind's two voxels")
  func deepMindVoxels() throws {
    let pair = try MaskPair(
      [1, 1, 3], [3, 2, 1], inside: { _, _, x in x == 0 }, { _, _, x in x == 2 })
    let values = try pair.measures(.surfel)
    #expect(values == [1.5, 1.5, 1.5, 1.5, 2, 2, 2, 0.5])
    let distances = try #require(try pair.distances(.surfel))
    // Each of the sixteen surfels is a corner's triangle of sqrt(6^2 + 3^2 + 2^2) / 8 mm2.
    #expect(distances.predictionAreas == [Double](repeating: 0.875, count: 8))
    #expect(distances.referenceAreas == distances.predictionAreas)
  }

  @Test("DeepMind's slabs")
  func deepMindSlabs() throws {
    let pair = try MaskPair(
      [100, 100, 100], [2, 1, 1], inside: { z, _, _ in z < 51 }, { z, _, _ in z < 50 })
    let settings = try SurfaceSettings(family: .surfel, tolerances: [1])
    let metrics = SurfaceMetric.all(settings)
    let values = try #require(try pair.distances(.surfel)).values(of: metrics)
    // compute_average_surface_distance: reference 0.322, prediction 0.339; HD, HD95 2; NSD 0.836.
    #expect(abs(values[1] - 0.339) < 5e-4 && abs(values[2] - 0.322) < 5e-4)
    #expect(values[4] == 2 && values[5] == 2)
    #expect(abs(values[7] - 0.836) < 5e-4)
    let reference = try #require(try pair.distances(.surfel))
    let overlaps = [
      (reference.fromReference, reference.referenceAreas),
      (reference.fromPrediction, reference.predictionAreas),
    ].map { distances, areas in
      zip(distances, areas).reduce(0) { $1.0 <= 1 ? $0 + $1.1 : $0 } / areas.reduce(0, +)
    }
    #expect(abs(overlaps[0] - 0.842) < 5e-4 && abs(overlaps[1] - 0.830) < 5e-4)
  }

  @Test("planes a millimeter apart are a millimeter apart, in every direction", arguments: 0..<3)
  func planes(axis: Int) throws {
    var shape = [7, 8, 9]
    shape[axis] = 12
    var spacing = [0.7, 1.1, 0.9]
    spacing[axis] = 0.25
    let pair = try MaskPair(
      shape, spacing, inside: { z, y, x in [z, y, x][axis] == 2 },
      { z, y, x in [z, y, x][axis] == 6 })
    #expect(try pair.measures(tolerances: [0.9, 1]) == [1, 1, 1, 1, 1, 1, 1, 0, 1])
  }

  @Test("masks that do not fill the grid are refused")
  func unlikeGrids() throws {
    #expect(throws: EvaluationError.lengthsDiffer(prediction: 2, reference: 3)) {
      try MaskPair([1, 1, 2], prediction: [1, 0], reference: [1, 0, 0]).measures()
    }
    #expect(throws: EvaluationError.badGrid(shape: [1, 1, 3], spacing: [1, 1, 1])) {
      try MaskPair([1, 1, 3], prediction: [1, 0], reference: [1, 0]).distances()
    }
    for (shape, spacing) in [
      ([0, 1, 1], [1.0, 1, 1]), ([1, 1], [1, 1, 1]), ([1, 1, 1], [1, 0, 1]),
      ([1, 1, 1], [1, .nan, 1]), ([1 << 40, 1 << 40, 1 << 40], [1, 1, 1]),
    ] {
      #expect(throws: EvaluationError.self) { try EvaluationGrid(shape: shape, spacing: spacing) }
    }
    #expect(throws: EvaluationError.badTolerance(-1)) { try SurfaceSettings(tolerances: [-1]) }
    #expect("\(EvaluationError.badTolerance(-1))".contains("millimeters"))
  }
}
