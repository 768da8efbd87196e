import DistTrainer
import Nets
import Testing
import Volumes

@Suite("Steps of post-processing")
struct PostProcessingStepTests {
  static let shape = [9, 11, 13]

  /// Two labels in small pieces.
  static let pieces = volume { i in
    let value = i * 7919 % 101
    return value < 26 ? 1 : value < 40 ? 2 : 0
  }

  /// Dense labels with holes.
  static let sponge = volume { i in
    let value = (i * i * 31 + i * 7) % 101
    return value < 85 ? 1 : value < 91 ? 2 : 0
  }

  static func volume(
    shape: [Int] = shape, affine: Affine = Affine(spacing: SIMD3(1, 1, 1)),
    _ label: (Int) -> UInt8
  ) -> LabelVolume {
    LabelVolume(
      voxels: (0..<shape.reduce(1, *)).map(label), geometry: Geometry(shape: shape, affine: affine))
  }

  struct Case: Sendable {
    var step: any PostProcessingStep
    var input = pieces
    /// Voxels of label 1, of label 2, and the sum of index times label.
    var expected: [Int]
  }

  // NumPy, SciPy 1.17.1: i = np.arange(9*11*13); x = i*7919 % 101
  //   pieces = np.where(x < 26, 1, np.where(x < 40, 2, 0)).reshape(9, 11, 13)
  //   y = (i*i*31 + i*7) % 101
  //   sponge = np.where(y < 85, 1, np.where(y < 91, 2, 0)).reshape(9, 11, 13)
  // for each structure g (one label, or several together), st = generate_binary_structure(3, k):
  //   l, n = label(np.isin(v, g), st); s = np.bincount(l.ravel())
  //   largest: v[isin & (l != 1 + s[1:].argmax())] = 0      small: v[isin & (s[l] < 3)] = 0
  //   holes: f = binary_fill_holes(v == g, dual structure); v[f & (v == 0)] = g
  static let cases = [
    Case(step: LargestComponent(connectivity: 6), expected: [6, 3, 3081]),
    Case(step: LargestComponent(connectivity: 18), expected: [63, 6, 46050]),
    Case(step: LargestComponent(), expected: [63, 10, 52964]),
    Case(step: LargestComponent(labels: [2]), expected: [333, 10, 225520]),
    Case(step: LargestComponent(together: true, connectivity: 6), expected: [8, 6, 12617]),
    Case(
      step: LargestComponent(labels: [2, 1], together: true, connectivity: 6),
      expected: [8, 6, 12617]),
    Case(
      step: SmallComponents(minimum: 3, unit: .voxels, connectivity: 6),
      expected: [290, 120, 342383]),
    Case(
      step: SmallComponents(minimum: 3, unit: .voxels, connectivity: 18),
      expected: [330, 127, 377182]),
    Case(step: SmallComponents(minimum: 3, unit: .voxels), expected: [330, 173, 434618]),
    Case(
      step: SmallComponents(together: true, minimum: 3, unit: .voxels, connectivity: 6),
      expected: [331, 177, 439737]),
    Case(step: SmallComponents(minimum: 10, unit: .voxels), expected: [324, 50, 274757]),
    Case(step: FillHoles(), input: sponge, expected: [1173, 78, 854973]),
    Case(step: FillHoles(connectivity: 6), input: sponge, expected: [1139, 78, 833840]),
    Case(step: FillHoles(labels: [2]), input: sponge, expected: [1133, 78, 830133]),
  ]

  static func signature(_ volume: LabelVolume) -> [Int] {
    [
      volume.voxels.count { $0 == 1 }, volume.voxels.count { $0 == 2 },
      volume.voxels.indices.reduce(0) { $0 + $1 * Int(volume.voxels[$1]) },
    ]
  }

  @Test("every step agrees with SciPy", arguments: cases)
  func oracle(_ item: Case) throws {
    var volume = item.input
    try item.step.apply(to: &volume)
    #expect(Self.signature(volume) == item.expected)
    #expect(volume.geometry == item.input.geometry)
  }

  @Test("nothing happens without the labels, or in an empty volume")
  func absent() throws {
    for step: any PostProcessingStep in [
      LargestComponent(labels: [7]), LargestComponent(labels: [7], together: true),
      SmallComponents(labels: [7], minimum: 1e9), FillHoles(labels: [7]),
    ] {
      var volume = Self.pieces
      try step.apply(to: &volume)
      #expect(volume == Self.pieces)
      var empty = Self.volume { _ in 0 }
      try step.apply(to: &empty)
      #expect(empty.labels == [0])
    }
  }

  @Test("millimeters are those of the header's affine map, rounding aside")
  func millimeters() throws {
    // A sheared voxel of 0.1 mm3: columns (0.5, 0, 0), (0.2, 0.5, 0), (0.1, 0.3, 0.4).
    let sheared = Affine(
      columns: [SIMD3(0.5, 0, 0), SIMD3(0.2, 0.5, 0), SIMD3(0.1, 0.3, 0.4)], origin: .zero)
    // Runs of 1, 2, 3 and 4 voxels along the last axis, apart from each other.
    let runs: Set = [0, 2, 3, 5, 6, 7, 9, 10, 11, 12]
    let volume = Self.volume(shape: [1, 1, 14], affine: sheared) { runs.contains($0) ? 1 : 0 }
    for (minimum, kept) in [(0.05, 10), (0.1, 10), (0.11, 9), (0.3, 7), (0.31, 4), (0.5, 0)] {
      var changed = volume
      try SmallComponents(minimum: minimum).apply(to: &changed)
      #expect(changed.voxels.count { $0 == 1 } == kept, "\(minimum) mm3")
    }
    // Where the determinant is negative, volumes are not.
    let mirrored = Self.volume(
      shape: [1, 1, 14], affine: Affine(spacing: SIMD3(-0.5, 0.5, 0.4))
    ) { runs.contains($0) ? 1 : 0 }
    var changed = mirrored
    try SmallComponents(minimum: 0.3).apply(to: &changed)
    #expect(changed.voxels.count { $0 == 1 } == 7)
  }

  @Test("a hole is closed on all sides; what else lies in it stays, and the border is open")
  func holes() throws {
    // A 5^3 shell of label 1 in a grid of 7^3 or 5^3, with label 2 in its middle.
    for (extent, first) in [(7, 1), (5, 0)] {
      func isShell(_ index: Int) -> Bool {
        let places = [index / (extent * extent), index / extent % extent, index % extent]
          .map { $0 - first }
        return places.allSatisfy((0...4).contains) && places.contains { $0 == 0 || $0 == 4 }
      }
      let middle = ((first + 2) * extent + first + 2) * extent + first + 2
      let shape = [extent, extent, extent]
      let shell = Self.volume(shape: shape) { isShell($0) ? 1 : $0 == middle ? 2 : 0 }
      var filled = shell
      try FillHoles().apply(to: &filled)
      #expect(filled.voxels.count { $0 == 1 } == 124)
      #expect(filled.voxels[middle] == 2)
      // One voxel taken from a face opens it, to the grid's border too.
      var open = shell
      open.voxels[((first + 2) * extent + first + 2) * extent + first] = 0
      var unfilled = open
      try FillHoles().apply(to: &unfilled)
      #expect(unfilled == open)
      // One taken from a corner opens it only to a background that touches at corners.
      var corner = shell
      corner.voxels[(first * extent + first) * extent + first] = 0
      for (connectivity, count) in [(26, 123), (18, 123), (6, 97)] {
        var volume = corner
        try FillHoles(connectivity: connectivity).apply(to: &volume)
        #expect(volume.voxels.count { $0 == 1 } == count, "\(connectivity), grid \(extent)")
      }
    }
  }

  @Test("steps are read from a configuration, complete with their kind alone")
  func configuration() throws {
    let given = """
      inference:
        postprocessing:
          - {kind: largestComponent, labels: [1], connectivity: 6}
          - {kind: smallComponents, minimum: 20, unit: voxels}
          - {kind: fillHoles}
      """
    let configuration = try ExperimentConfiguration.load(yaml: SmallStudy.yaml("none", given))
    #expect(
      configuration.inference.postprocessing
        == [PostProcessingChoice]([
          LargestComponent(labels: [1], connectivity: 6),
          SmallComponents(minimum: 20, unit: .voxels), FillHoles(),
        ]))
    let text = try configuration.resolvedYAML()
    #expect(try ExperimentConfiguration.load(yaml: text) == configuration)
    for kind in PostProcessingSteps.catalogue.map({ $0.kind }) {
      let one = try ExperimentConfiguration.load(
        yaml: SmallStudy.yaml("none"), overrides: ["inference.postprocessing=[{kind: \(kind)}]"])
      let again = try ExperimentConfiguration.load(yaml: one.resolvedYAML())
      #expect(again == one && one.inference.postprocessing.map(\.kind) == [kind])
    }
  }

  @Test(
    "faults of a step are named with their place",
    arguments: [
      ("{kind: largest}", "0.kind", "choose one of: largestComponent, smallComponents, fillHoles"),
      ("{kind: fillHoles, label: [1]}", "0.label", "did you mean labels?"),
      ("{kind: fillHoles, connectivity: 8}", "0.connectivity", "is 8; it must be 6, 18 or 26"),
      ("{kind: fillHoles, labels: [0]}", "0.labels", "is [0]; list label numbers from 1 to 255"),
      ("{kind: fillHoles, labels: []}", "0.labels", "is []; list label numbers from 1 to 255"),
      ("{kind: smallComponents, minimum: 0}", "0.minimum", "is 0.0; it must lie above 0"),
      ("{kind: smallComponents, unit: cm}", "0.unit", "mm3, voxels"),
    ])
  func faults(step: String, path: String, piece: String) throws {
    let error = #expect(throws: ConfigurationError.self) {
      try ExperimentConfiguration.load(
        yaml: SmallStudy.yaml("none"), overrides: ["inference.postprocessing=[\(step)]"])
    }
    #expect(error?.faults.map(\.path) == ["inference.postprocessing.\(path)"])
    #expect(error?.description.contains(piece) == true, "\(error?.description ?? "")")
  }

  @Test("a step of a label that the data set lacks is refused")
  func strayLabel() throws {
    let configuration = try ExperimentConfiguration.load(
      yaml: SmallStudy.yaml("none"),
      overrides: ["inference.postprocessing=[{kind: fillHoles}, {kind: fillHoles, labels: [3]}]"])
    let error = #expect(throws: ConfigurationError.self) {
      try Experiment(configuration, channels: 1, classes: 3)
    }
    #expect(
      error?.description.contains(
        "inference.postprocessing.1.labels names the label 3, which the data set lacks: its "
          + "foreground labels are 1, 2") == true)
  }
}
