import CounterRandom
import Foundation
import Testing

@testable import Volumes

@Suite("Normalization")
struct NormalizationTests {
  struct Fixture: Decodable {
    struct Case: Decodable {
      let settings: AnyNormalization
      let result: [Float]
    }
    struct Landmarks: Decodable {
      let percentiles: [Double]
      let images: [[Float]]
      let standard: [Double]
      let results: [[Float]]
    }
    let shape: [Int]
    let values: [Float]
    let cases: [Case]
    let nyul: Landmarks
    let centerOfMassAbove200: [Double]
  }

  /// The largest difference, relative to the larger of 1 and the value wanted.
  static func worst(_ found: [Float], _ wanted: [Float]) -> Float {
    zip(found, wanted).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
  }

  @Test("every rule with every region gives what NumPy gives")
  func cases() throws {
    let fixture = try Place.fixture("normalization.json", as: Fixture.self)
    let image = Volume(voxels: fixture.values, geometry: Geometry(shape: fixture.shape))
    #expect(fixture.cases.count == 19)
    for item in fixture.cases {
      try item.settings.value.validate()
      let found = image.normalized(by: item.settings.value).voxels
      #expect(found.count == item.result.count)
      #expect(Self.worst(found, item.result) < 2e-6, "\(item.settings.value)")
    }
  }

  @Test("percentiles are NumPy's, of any numbers, in any order")
  func percentiles() {
    // numpy.percentile([3, -1.5, 0, 7, 7, -0.0, 2e-38, 2e9], [0, 12.5, 50, 77, 100])
    let values: [Float] = [3, -1.5, 0, 7, 7, -0.0, 2e-38, 2e9]
    let wanted = [-1.5, -0.1875, 1.5, 7.0, 2e9]
    let found = IntensityRange().percentiles(
      [0, 12.5, 50, 77, 100], of: values.span, in: values.indices)
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) })
    // Against sorting, with many ties and both signs.
    var stream = RandomStream(seed: 1, "percentiles")
    let many = (0..<5000).map { _ in Float(stream.integer(below: 700)) / 8 - 40 }
    let sorted = many.sorted()
    for percent in [0, 0.5, 33.3, 50, 99.5, 100] as [Double] {
      let place = percent / 100 * 4999
      let (low, high) = (sorted[Int(place)], sorted[min(Int(place) + 1, 4999)])
      let exact = Double(low) + Double(high - low) * (place - place.rounded(.down))
      let one = IntensityRange().percentiles([percent], of: many.span, in: many.indices)
      #expect(abs(one[0] - exact) < 1e-9)
    }
    #expect(IntensityRange().percentiles([50], of: many.span, in: 0..<0).isEmpty)
  }

  @Test("landmarks learned from some images bring others to the same standard, as SciPy's lines do")
  func nyul() throws {
    let fixture = try Place.fixture("normalization.json", as: Fixture.self)
    let images = fixture.nyul.images.map {
      Volume(voxels: $0, geometry: Geometry(shape: fixture.shape))
    }
    let preparation = Preparation(normalization: Nyul(percentiles: fixture.nyul.percentiles))
    #expect(!preparation.isComplete)
    #expect(fault(try preparation.prepare(images[0]))?.kind == .setting)
    let measured = try images[..<2].map { try preparation.measure($0) }
    let learned = preparation.learned(from: measured)
    let rule = try #require(learned.normalization.steps[0].value as? Nyul)
    let standard = try #require(rule.landmarks)
    #expect(standard.count == 1)
    for (found, wanted) in zip(standard[0], fixture.nyul.standard) {
      #expect(abs(found - wanted) < 1e-4)
    }
    for (image, wanted) in zip(images, fixture.nyul.results) {
      #expect(try Self.worst(learned.prepare(image).image.voxels, wanted) < 1e-5)
    }
    // What was learned is written and read like any setting.
    let text = try JSONEncoder().encode(learned)
    #expect(try JSONDecoder().decode(Preparation.self, from: text) == learned)
  }

  @Test("an image without contrast teaches nothing and is left alone")
  func flat() throws {
    let flat = Volume(
      voxels: [Float](repeating: 3, count: 8), geometry: Geometry(shape: [2, 2, 2]))
    let step = Volume(
      voxels: [0, 0, 0, 0, 0, 1, 2, 3], geometry: Geometry(shape: [2, 2, 2]))
    let preparation = Preparation(normalization: Nyul())
    let one = preparation.learned(from: [try preparation.measure(step)])
    let both = preparation.learned(
      from: [try preparation.measure(flat), try preparation.measure(step)])
    #expect(one == both)
    #expect(try both.prepare(flat).image == flat)
    let none = preparation.learned(from: [try preparation.measure(flat)])
    #expect(try none.prepare(step).image.voxels.allSatisfy(\.isFinite))
  }

  @Test("rules of a list apply in order, and a list of one is written as the rule")
  func lists() throws {
    let json = Data(
      #"[{"kind": "clip", "values": [0, 2]}, {"kind": "rescale", "to": [0, 4]}]"#.utf8)
    let steps = try JSONDecoder().decode(NormalizationSteps.self, from: json)
    var preparation = Preparation()
    preparation.normalization = steps
    let image = Volume(voxels: [-1, 0, 1, 5], geometry: Geometry(shape: [1, 1, 4]))
    #expect(try preparation.prepare(image).image.voxels == [0, 0, 2, 4])
    let again = try JSONEncoder().encode(preparation)
    #expect(try JSONDecoder().decode(Preparation.self, from: again) == preparation)
    let single = try JSONEncoder().encode(NormalizationSteps([ZScore()]))
    #expect(String(decoding: single, as: UTF8.self).hasPrefix("{"))
    #expect(throws: VolumeError.self) { try NormalizationSteps([Nyul(), Nyul()]).validate() }
  }

  @Test(
    "settings that make no sense are refused at their key",
    arguments: [
      (ZScore(region: .image, percentiles: [90, 10]) as any Normalization, "percentiles"),
      (Clip(values: [2, 1]), "values"), (Clip(values: [1]), "values"),
      (Clip(percentiles: [0, 101]), "percentiles"),
      (Rescale(percentiles: [5]), "percentiles"), (Rescale(to: [1, 0]), "to"),
      (OutlierZScore(percentile: -1), "percentile"),
      (OutlierZScore(maximum: .infinity), "maximum"),
      (Nyul(percentiles: [10, 10, 20]), "percentiles"), (Nyul(scale: [1, 1]), "scale"),
      (Nyul(landmarks: [[1, 2]]), "landmarks"),
    ])
  func refused(rule: any Normalization, key: String) {
    #expect(fault(try rule.validate())?.subject == "preparation.normalization.\(key)")
  }
}
