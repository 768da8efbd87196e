import CounterRandom
import Testing

@testable import Volumes

@Suite("Kinds of augmentation")
struct AugmentationKindsTests {
  /// Every kind with its defaults, but sure to happen.
  static let sure: [any Augmentation] = [
    Flip(axes: [0, 2], probability: 1), Rotate90(probability: 1), RotateScale(probability: 1),
    Rotation(probability: 1, about: .any),
    AffineAugmentation(
      probability: 1, isotropic: false, shear: [5, 5, 5], translation: [2, 2, 2]),
    Elastic(probability: 1, deviation: [1, 4]), GaussianNoise(probability: 1),
    RicianNoise(probability: 1), GaussianBlur(probability: 1), MotionBlur(probability: 1),
    LowResolution(probability: 1, zoom: [0.3, 0.6]),
    Brightness(probability: 1, shift: [-0.5, 0.5]), Contrast(probability: 1),
    Gamma(probability: 1), BiasField(probability: 1), Motion(probability: 1),
    Ghosting(probability: 1), FoldOver(probability: 1),
    OneOf([Rotate90(probability: 1), GaussianNoise(probability: 1)]),
    Sometimes([Gamma(probability: 1), Flip(axes: [1], probability: 1)], probability: 1),
  ]

  private func patch(
    _ size: [Int], _ list: [any Augmentation], channels: Int = 2, seed: UInt64 = 1,
    shape: [Int] = [14, 15, 16]
  ) throws -> (image: [Float], labels: [UInt8]) {
    let pipeline = try PatchPipeline(
      size: size, sampling: PatchSampling(foregroundProbability: 0.5), augmentations: list)
    let count = shape.reduce(1, *)
    var noise = RandomStream(seed: 2, "volume")
    let image = (0..<channels * count).map { _ in noise.normal() }
    let labels = (0..<count).map { UInt8($0 / 7 % 3) }
    var patch = [Float](repeating: .nan, count: channels * pipeline.count)
    var patchLabels = [UInt8](repeating: 99, count: pipeline.count)
    var stream = RandomStream(seed: seed, "test")
    var imageSpan = patch.mutableSpan
    var labelSpan = patchLabels.mutableSpan
    pipeline.draw(
      image: image.span, labels: labels.span, shape: shape, spacing: [1, 1, 1],
      foreground: ForegroundIndex(labels: labels.span), stream: &stream, imageOutput: &imageSpan,
      labelOutput: &labelSpan)
    return (patch, patchLabels)
  }

  @Test("the list above has every kind of the catalogue")
  func complete() {
    #expect(
      Set(Self.sure.map { type(of: $0).kind }) == Set(Augmentations.catalogue.map { $0.kind }))
  }

  @Test("a sure change changes patches, the same way every time", arguments: sure.indices)
  func changes(index: Int) throws {
    let step = Self.sure[index]
    for size in [[12, 11, 13], [1, 9, 10], [7, 1, 8], [5, 17, 3], [16, 16, 16]] {
      let plain = try patch(size, [])
      // Seeds, as a turn may draw no quarter and a flat patch may lie across its plane.
      let all = try (0..<4).map { try patch(size, [step], seed: $0 + 1) }
      #expect(all.contains { $0.image != plain.image }, "\(step) \(size)")
      for (seed, found) in all.enumerated() {
        #expect(found.image.allSatisfy { $0.isFinite }, "\(step) \(size)")
        #expect(found.labels.allSatisfy { $0 < 3 }, "\(step) \(size)")
        #expect(try patch(size, [step], seed: UInt64(seed) + 1) == found)
        if step is any IntensityAugmentation {
          #expect(try found.labels == patch(size, [], seed: UInt64(seed) + 1).labels)
        }
      }
    }
  }

  @Test("a change draws what it draws, whatever stands before it in the list")
  func independence() throws {
    // Noise at place 1, after a step that does nothing and after every other kind, must be the same
    // noise: what it adds to a blank patch.
    for step in Self.sure where step is any SpatialAugmentation {
      let alone = try patch(
        [8, 8, 8], [Flip(axes: [0], probability: 0), GaussianNoise(probability: 1)])
      let plain = try patch([8, 8, 8], [Flip(axes: [0], probability: 0)])
      let both = try patch([8, 8, 8], [step, GaussianNoise(probability: 1)])
      let moved = try patch([8, 8, 8], [step])
      for index in alone.image.indices {
        let (a, b) = (
          alone.image[index] - plain.image[index], both.image[index] - moved.image[index]
        )
        #expect(abs(a - b) < 1e-5)
      }
    }
  }

  @Test("a change of probability 0 leaves every voxel, whatever the kind")
  func never() throws {
    let never: [any Augmentation] = [
      Flip(axes: [0, 1, 2], probability: 0), Rotate90(probability: 0), RotateScale(probability: 0),
      Rotation(probability: 0), AffineAugmentation(probability: 0), Elastic(probability: 0),
      GaussianNoise(probability: 0), RicianNoise(probability: 0), GaussianBlur(probability: 0),
      MotionBlur(probability: 0), LowResolution(probability: 0), Brightness(probability: 0),
      Contrast(probability: 0), Gamma(probability: 0), BiasField(probability: 0),
      Motion(probability: 0), Ghosting(probability: 0), FoldOver(probability: 0),
      OneOf([Flip()], probability: 0), Sometimes([Flip()], probability: 0),
    ]
    #expect(never.count == Augmentations.catalogue.count)
    #expect(try patch([9, 9, 9], never) == patch([9, 9, 9], []))
  }

  @Test("channels draw for themselves: what one draws moves nothing of the next")
  func channels() throws {
    for step in Self.sure where step is any IntensityAugmentation {
      let one = try patch([6, 7, 8], [step], channels: 1).image
      let two = try patch([6, 7, 8], [step], channels: 2).image
      #expect(one == Array(two[..<one.count]), "\(step)")
    }
  }

  @Test(
    "quarter turns are NumPy's rot90, and four of them nothing",
    arguments: [[0, 1], [1, 2], [2, 0]])
  func quarters(plane: [Int]) throws {
    let shape = [4, 4, 4]
    let image = (0..<64).map(Float.init)
    let labels = (0..<64).map { UInt8($0) }
    for turns in 0..<4 {
      var transform = PatchTransform(size: shape, spacing: [1, 2, 3])
      transform.rotate90(plane: plane, turns: turns)
      var patch = [Float](repeating: .nan, count: 64)
      var patchLabels = [UInt8](repeating: 99, count: 64)
      var imageSpan = patch.mutableSpan
      var labelSpan = patchLabels.mutableSpan
      PatchInterpolation(
        shape: shape, size: shape, channels: 1, origin: [0, 0, 0], transform: transform
      ).fill(
        image: image.span, labels: labels.span, imageOutput: &imageSpan, labelOutput: &labelSpan)
      // rot90(m, 1, axes=(a, b))[…i…j…] = m[…j…n-1-i…]; so on for further turns.
      for index in 0..<64 {
        var place = [index / 16, index / 4 % 4, index % 4]
        for _ in 0..<turns {
          (place[plane[0]], place[plane[1]]) = (place[plane[1]], 3 - place[plane[0]])
        }
        let source = (place[0] * 4 + place[1]) * 4 + place[2]
        #expect(patch[index] == Float(source) && patchLabels[index] == UInt8(source))
      }
    }
  }

  @Test("quarter turns of patches with unlike sides stay on voxels")
  func unlikeSides() throws {
    let found = try patch(
      [4, 7, 8], [Rotate90(probability: 1, planes: [[0, 1]], turns: [1])], channels: 1)
    let plain = Set(try patch([14, 15, 16], [], channels: 1).image)
    #expect(found.image.allSatisfy { plain.contains($0) || $0 == 0 })
    #expect(found.image.filter { $0 != 0 }.count > 100)
  }

  @Test("folding adds what lies a field of view away, above the least voxel")
  func folding() {
    var values: [Float] = [5, 1, 2, 3, 4, 9]
    var span = values.mutableSpan
    FoldOver.folding(length: 6, field: 4, strength: 0.5).apply(
      to: &span, 0..<6, size: [1, 1, 6], axis: 2, offset: 1)
    // 5 + (4 - 1) / 2, 1 + (9 - 1) / 2, …, 4 + (5 - 1) / 2, 9 + (1 - 1) / 2.
    #expect(values == [6.5, 5, 2, 3, 6, 9])
  }

  @Test("Rician noise where there is no signal has Rayleigh's mean, and far above it is normal")
  func rician() {
    let count = 40_000
    var values = [Float](repeating: 0, count: count) + [Float](repeating: 20, count: count)
    var stream = RandomStream(seed: 3, "test")
    var span = values.mutableSpan
    RicianNoise(probability: 1, deviation: [0.5, 0.5]).apply(
      to: &span, grid: PatchGrid(channels: 1, size: [2, 200, 200]), stream: &stream)
    func mean(_ part: ArraySlice<Float>) -> Double {
      part.reduce(0.0) { $0 + Double($1) } / Double(count)
    }
    // σ√(π/2), and √(20² + σ²) to first order; five standard errors.
    let rayleigh = 0.5 * (Double.pi / 2).squareRoot()
    let large = (400 + 0.25).squareRoot()
    #expect(abs(mean(values[..<count]) - rayleigh) < 0.0082)
    #expect(abs(mean(values[count...]) - large) < 0.0125)
    #expect(values.allSatisfy { $0 >= 0 })
  }

  @Test("one of several takes each as often as its weight says, or none")
  func oneOf() {
    var counts = [0, 0, 0, 0]
    let choice = OneOf([Flip(), Gamma(), Contrast()], weights: [1, 0, 3], probability: 0.8)
    for draw in 0..<8000 {
      var stream = RandomStream(seed: 5, "test", draw)
      let chosen = choice.chosen(&stream)
      #expect(chosen.count <= 1)
      counts[chosen.first ?? 3] += 1
    }
    // 1600, 0, 4800 and 1600 expected; standard deviations below 44.
    #expect(abs(counts[0] - 1600) < 180 && counts[1] == 0)
    #expect(abs(counts[2] - 4800) < 220 && abs(counts[3] - 1600) < 180)
    let even = OneOf([Flip(), Gamma(), Contrast()])
    var seen: Set<Int> = []
    for draw in 0..<100 {
      var stream = RandomStream(seed: 6, "test", draw)
      seen.formUnion(even.chosen(&stream))
    }
    #expect(seen == [0, 1, 2])
  }

  @Test("displacements never fold space, however large they are asked for")
  func folding3D() throws {
    var stream = RandomStream(seed: 7, "test")
    for _ in 0..<5 {
      var transform = PatchTransform(size: [24, 24, 24], spacing: [1, 1, 1])
      Elastic(probability: 1, spacing: [8, 8, 8], deviation: [50, 60])
        .apply(to: &transform, stream: &stream)
      let field = try #require(transform.displacements.first)
      var rows = DisplacementRows(field, size: [24, 24, 24])
      var places: [SIMD3<Float>] = []
      for d in 0..<24 {
        rows.enter(plane: d)
        for h in 0..<24 {
          var row = [Float](repeating: 0, count: 3 * rows.width)
          var span = row.mutableSpan
          rows.add(row: h, to: &span)
          for w in 0..<24 {
            places.append(
              SIMD3(
                Float(d) + row[w], Float(h) + row[rows.width + w],
                Float(w) + row[2 * rows.width + w]))
          }
        }
      }
      // The volume that the three edges of each voxel span keeps its sign.
      for index in places.indices where index % 24 < 23 && index / 24 % 24 < 23 && index / 576 < 23
      {
        let (a, b, c) = (
          places[index + 576] - places[index], places[index + 24] - places[index],
          places[index + 1] - places[index]
        )
        let cross = SIMD3(
          b.y * c.z - b.z * c.y, b.z * c.x - b.x * c.z, b.x * c.y - b.y * c.x)
        #expect((a * cross).sum() > 0)
      }
    }
  }

  @Test("more settings out of range are refused by name")
  func validation() {
    let bad: [(String, any Augmentation)] = [
      ("rotate90.planes", Rotate90(probability: 1, planes: [[1, 1]])),
      ("rotate90.planes", Rotate90(probability: 1, planes: [])),
      ("rotate90.turns", Rotate90(probability: 1, turns: [4])),
      ("rotation.degrees", Rotation(probability: 1, degrees: [0, 400])),
      ("affine.shear", AffineAugmentation(probability: 1, shear: [0, 90, 0])),
      ("affine.translation", AffineAugmentation(probability: 1, translation: [0, 0])),
      ("elastic.spacing", Elastic(probability: 1, spacing: [1, 32, 32])),
      ("elastic.deviation", Elastic(probability: 1, deviation: [-1, 2])),
      ("blur.sigma", GaussianBlur(probability: 1, sigma: [0, .infinity])),
      ("motionBlur.axes", MotionBlur(probability: 1, axes: [])),
      ("motionBlur.length", MotionBlur(probability: 1, length: [0, 100])),
      ("lowResolution.zoom", LowResolution(probability: 1, zoom: [0, 1])),
      ("brightness.shift", Brightness(probability: 1, shift: [1])),
      ("biasField.order", BiasField(probability: 1, order: 4)),
      ("ricianNoise.deviation", RicianNoise(probability: 1, deviation: [2, 1])),
      ("motion.movements", Motion(probability: 1, movements: 0)),
      ("motion.axes", Motion(probability: 1, axes: [0, 0])),
      ("ghosting.count", Ghosting(probability: 1, count: [1, 4])),
      ("ghosting.kept", Ghosting(probability: 1, kept: 2)),
      ("foldOver.overlap", FoldOver(probability: 1, overlap: [0, 0.9])),
      ("oneOf.weights", OneOf([Flip()], weights: [1, 2])),
      ("oneOf.weights", OneOf([Flip()], weights: [0])),
      ("flip.axes", Sometimes([OneOf([Flip(axes: [5])])])),
    ]
    for (name, augmentation) in bad {
      #expect(fault(try augmentation.validate())?.subject == name)
    }
  }
}
