import CounterRandom
import Foundation
import Testing

@testable import Volumes

@Suite("Augmentations")
struct AugmentationTests {
  private func apply(
    _ augmentation: some IntensityAugmentation, _ values: [Float], channels: Int = 1,
    seed: UInt64 = 1
  ) -> [Float] {
    var values = values
    var stream = RandomStream(seed: seed, "test")
    let grid = PatchGrid(channels: channels, size: [1, 1, values.count / channels])
    var span = values.mutableSpan
    augmentation.apply(to: &span, grid: grid, stream: &stream)
    return values
  }

  @Test("brightness multiplies, contrast stretches about the mean within the range")
  func linear() {
    #expect(apply(Brightness(probability: 1, factor: [1.5, 1.5]), [-2, 0, 4]) == [-3, 0, 6])
    // The mean is 2; 0 and 6 would leave the range.
    #expect(apply(Contrast(probability: 1, factor: [2, 2]), [0, 1, 1, 6]) == [0, 0, 0, 6])
    #expect(
      apply(Contrast(probability: 1, factor: [0.5, 0.5]), [0, 1, 1, 6]) == [1, 1.5, 1.5, 4])
  }

  @Test("gamma bends between the channel's least and largest voxel")
  func gamma() {
    let bent = apply(Gamma(probability: 1, exponent: [2, 2]), [-1, 0, 1, 3])
    #expect(zip(bent, [-1, -0.75, 0, 3]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
    #expect(apply(Gamma(probability: 1, exponent: [2, 2]), [5, 5]) == [5, 5])
  }

  @Test("noise has the mean and the deviation it says, and no correlation from voxel to voxel")
  func noise() {
    let count = 40_000
    let noise = apply(
      GaussianNoise(probability: 1, deviation: [0.5, 0.5]), [Float](repeating: 3, count: count))
    let mean = noise.reduce(0.0) { $0 + Double($1) } / Double(count)
    let variance =
      noise.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
    // Five standard errors: 5 * 0.5 / 200, and 5 * 0.25 * sqrt(2) / 200.
    #expect(abs(mean - 3) < 0.0125)
    #expect(abs(variance - 0.25) < 0.0089)
    for lag in [1, 2, 256, 512] {
      var product = 0.0
      for index in 0..<count - lag {
        product += (Double(noise[index]) - mean) * (Double(noise[index + lag]) - mean)
      }
      #expect(abs(product / Double(count - lag)) < 0.25 * 5 / 200)
    }
  }

  @Test("a probability of a third changes a third of the channels")
  func probability() {
    let changed = apply(
      Brightness(probability: 1.0 / 3, factor: [2, 2]), [Float](repeating: 1, count: 9000),
      channels: 9000)
    // 3000 expected, standard deviation 45.
    #expect(abs(changed.filter { $0 == 2 }.count - 3000) < 225)
    #expect(apply(Brightness(probability: 0, factor: [2, 2]), [1, 1]) == [1, 1])
  }

  @Test("turns keep lengths in millimeters where voxels are no cubes")
  func isometry() {
    var transform = PatchTransform(size: [8, 8, 8], spacing: [0.5, 1, 3])
    transform.compose(LinearMap.rotation([0.3, -0.5, 1.1]))
    let spacing = SIMD3(0.5, 1.0, 3.0)
    for axis in 0..<3 {
      let step = transform.columns[axis] * spacing
      #expect(abs((step * step).sum().squareRoot() - spacing[axis]) < 1e-12)
    }
    // Two flips of one axis are none.
    var twice = PatchTransform(size: [8, 8, 8], spacing: [1, 1, 1])
    twice.flip(1)
    twice.flip(1)
    #expect(twice.columns == LinearMap.identity && twice.permutation != nil)
  }

  @Test("each kind is decoded with its defaults from its name alone, and survives a round trip")
  func coding() throws {
    #expect(Set(Augmentations.catalogue.map { $0.kind }).count == Augmentations.catalogue.count)
    for type in Augmentations.catalogue {
      let json = Data("{\"kind\": \"\(type.kind)\"}".utf8)
      let decoded = try JSONDecoder().decode(AnyAugmentation.self, from: json)
      #expect(decoded == AnyAugmentation(type.init()), "\(type.kind)")
      try decoded.value.validate()
      let again = try JSONDecoder().decode(
        AnyAugmentation.self, from: JSONEncoder().encode(decoded))
      #expect(again == decoded, "\(type.kind)")
    }
    for type in Normalizations.catalogue {
      let json = Data("{\"kind\": \"\(type.kind)\"}".utf8)
      let decoded = try JSONDecoder().decode(AnyNormalization.self, from: json)
      #expect(decoded == AnyNormalization(type.init()), "\(type.kind)")
      #expect(
        try JSONDecoder().decode(AnyNormalization.self, from: JSONEncoder().encode(decoded))
          == decoded)
    }
    let some = try JSONDecoder().decode(
      AnyAugmentation.self, from: Data(#"{"kind": "rotateScale", "scale": [0.9, 1.1]}"#.utf8))
    #expect(some == AnyAugmentation(RotateScale(probability: 0.3, scale: [0.9, 1.1])))
    #expect(some != AnyAugmentation(RotateScale()))
    #expect(some != AnyAugmentation(Flip()))
    #expect(try JSONDecoder().decode(Preparation.self, from: Data("{}".utf8)) == Preparation())
    let fine = Preparation(
      spacing: [1, 1, 2], crop: .nonZero, normalization: ZScore(region: .nonZero))
    #expect(try JSONDecoder().decode(Preparation.self, from: JSONEncoder().encode(fine)) == fine)
  }

  @Test("an unknown kind is refused with the kinds there are")
  func unknown() {
    do {
      _ = try JSONDecoder().decode(AnyAugmentation.self, from: Data(#"{"kind": "flop"}"#.utf8))
      Issue.record("\"flop\" was decoded")
    } catch let DecodingError.dataCorrupted(context) {
      #expect(context.debugDescription.contains("\"flop\" is unknown; known are flip, rotate90"))
      #expect(context.codingPath.last?.stringValue == "kind")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test("settings out of range are refused by name")
  func validation() {
    let bad: [(String, any Augmentation)] = [
      ("flip.axes", Flip(axes: [0, 0])), ("flip.probability", Flip(axes: [0], probability: 2)),
      ("rotateScale.degrees", RotateScale(probability: 1, degrees: [15])),
      ("rotateScale.degrees", RotateScale(probability: 1, degrees: [15, .nan, 0])),
      ("rotateScale.scale", RotateScale(probability: 1, scale: [0, 1])),
      ("rotateScale.probability", RotateScale(probability: .nan)),
      ("noise.deviation", GaussianNoise(probability: 1, deviation: [1, 0.5])),
      ("brightness.factor", Brightness(probability: 1, factor: [-1, 1])),
      ("contrast.factor", Contrast(probability: 1, factor: [1])),
      ("gamma.exponent", Gamma(probability: 1, exponent: [0, 1])),
    ]
    for (name, augmentation) in bad {
      #expect(fault(try augmentation.validate())?.subject == name)
    }
  }
}
