import CounterRandom
import Foundation
import Testing

@testable import Volumes

@Suite("Patches")
struct PatchTests {
  struct Fixture: Decodable {
    struct Patch: Decodable {
      let shape: [Int]
      let size: [Int]
      let origin: [Int]
      let spacing: [Double]
      let degrees: [Double]
      let scale: Double
      let flips: [Int]
      let values: [Float]
      let labels: [UInt8]
      let image: [Float]
      let found: [UInt8]
    }
    let patches: [Patch]
  }

  @Test("turned, scaled and flipped patches agree with SciPy's map_coordinates")
  func interpolation() throws {
    for item in try Place.fixture("resampling.json", as: Fixture.self).patches {
      var transform = PatchTransform(size: item.size, spacing: item.spacing)
      for axis in item.flips { transform.flip(axis) }
      let turn = LinearMap.rotation(item.degrees.map { $0 * .pi / 180 })
      transform.compose((0..<3).map { item.size[$0] == 1 ? turn[$0] : turn[$0] / item.scale })
      let count = item.size.reduce(1, *)
      var image = [Float](repeating: .nan, count: 2 * count)
      var labels = [UInt8](repeating: 99, count: count)
      let interpolation = PatchInterpolation(
        shape: item.shape, size: item.size, channels: 2, origin: item.origin, transform: transform)
      var imageSpan = image.mutableSpan
      var labelSpan = labels.mutableSpan
      interpolation.interpolate(
        image: item.values.span, labels: item.labels.span, imageOutput: &imageSpan,
        labelOutput: &labelSpan)
      let worst = zip(image, item.image).map { abs($0 - $1) }.max()
      #expect(try #require(worst) < 4e-6, "\(item.shape)")
      #expect(zip(labels, item.found).allSatisfy { $1 == 255 || $0 == $1 }, "\(item.shape)")
      #expect(item.found.contains { $0 != 255 && $0 != 0 })
    }
  }

  /// One patch of a volume, by a pipeline.
  private func draw(
    _ pipeline: PatchPipeline, _ image: [Float], _ labels: [UInt8], shape: [Int],
    stream: inout RandomStream
  ) -> (image: [Float], labels: [UInt8]) {
    let channels = image.count / labels.count
    var patch = [Float](repeating: .nan, count: channels * pipeline.count)
    var patchLabels = [UInt8](repeating: 99, count: pipeline.count)
    let foreground = ForegroundIndex(labels: labels.span)
    var imageSpan = patch.mutableSpan
    var labelSpan = patchLabels.mutableSpan
    pipeline.draw(
      image: image.span, labels: labels.span, shape: shape, spacing: [1, 1, 1],
      foreground: foreground, stream: &stream, imageOutput: &imageSpan, labelOutput: &labelSpan)
    return (patch, patchLabels)
  }

  @Test("a plain patch is a copy, its labels at the same place, and every place is drawn")
  func copies() throws {
    let shape = [4, 5, 6]
    let image = (0..<240).map(Float.init)
    let labels = (0..<120).map { UInt8($0) }
    let pipeline = try PatchPipeline(
      size: [2, 3, 5], sampling: PatchSampling(foregroundProbability: 0))
    var stream = RandomStream(seed: 5, "test")
    var places: Set<Int> = []
    for _ in 0..<400 {
      let patch = draw(pipeline, image, labels, shape: shape, stream: &stream)
      let first = Int(patch.labels[0])
      places.insert(first)
      var index = 0
      for d in 0..<2 {
        for h in 0..<3 {
          for w in 0..<5 {
            let voxel = first + (d * 5 + h) * 6 + w
            #expect(Int(patch.labels[index]) == voxel)
            #expect(patch.image[index] == Float(voxel))
            #expect(patch.image[30 + index] == Float(120 + voxel))
            index += 1
          }
        }
      }
    }
    #expect(places.count == 3 * 3 * 2)
  }

  @Test("a volume smaller than the patch lies in its middle, with background around")
  func small() throws {
    let pipeline = try PatchPipeline(
      size: [4, 3, 2], sampling: PatchSampling(foregroundProbability: 0.5))
    var stream = RandomStream(seed: 6, "test")
    let patch = draw(pipeline, [7, 8], [1, 2], shape: [1, 1, 2], stream: &stream)
    // (4 - 1) / 2 voxels before, rounded up, since the odd one goes to the end of the volume's side.
    let first = Box(centered: [4, 3, 2], in: [1, 1, 2]).origin.map { -$0 }
    #expect(first == [2, 1, 0])
    for index in 0..<24 {
      let isFirst = index == (2 * 3 + 1) * 2
      let isSecond = index == (2 * 3 + 1) * 2 + 1
      #expect(patch.image[index] == (isFirst ? 7 : isSecond ? 8 : 0))
      #expect(patch.labels[index] == (isFirst ? 1 : isSecond ? 2 : 0))
    }
  }

  @Test("flipped patches are the reversed patches of the same stream", arguments: 0..<8)
  func flips(axes: Int) throws {
    let shape = [3, 9, 6]
    let image = (0..<162).map(Float.init)
    let labels = (0..<162).map { UInt8($0) }
    let size = [5, 4, 3]  // larger than the volume along the first axis
    let chosen = (0..<3).filter { axes >> $0 & 1 == 1 }
    let plain = try PatchPipeline(size: size)
    let flipping = try PatchPipeline(
      size: size, augmentations: [Flip(axes: chosen, probability: 1)])
    var (a, b) = (RandomStream(seed: 7, "test"), RandomStream(seed: 7, "test"))
    for _ in 0..<20 {
      let before = draw(plain, image, labels, shape: shape, stream: &a)
      let after = draw(flipping, image, labels, shape: shape, stream: &b)
      for d in 0..<5 {
        for h in 0..<4 {
          for w in 0..<3 {
            let place = [d, h, w]
            let from = (0..<3).map { chosen.contains($0) ? size[$0] - 1 - place[$0] : place[$0] }
            let (to, source) = ((d * 4 + h) * 3 + w, (from[0] * 4 + from[1]) * 3 + from[2])
            #expect(after.image[to] == before.image[source])
            #expect(after.labels[to] == before.labels[source])
          }
        }
      }
    }
  }

  @Test("a patch on foreground holds foreground; classes come evenly, however rare")
  func foreground() throws {
    let shape = [20, 20, 20]
    var labels = [UInt8](repeating: 0, count: 8000)
    for index in 0..<1000 { labels[index] = 1 }
    labels[7999] = 3
    let index = ForegroundIndex(labels: labels.span)
    #expect(index.labels == [1, 3])
    #expect(index.count(of: 1) == 1000 && index.count(of: 2) == 0 && index.count(of: 3) == 1)
    var stream = RandomStream(seed: 8, "test")
    var rare = 0
    var seen: Set<Int> = []
    for _ in 0..<2000 {
      let voxel = try #require(index.draw(&stream))
      #expect(labels[voxel] != 0)
      if voxel == 7999 { rare += 1 } else { seen.insert(voxel) }
    }
    // 1000 expected, standard deviation 22.4.
    #expect(abs(rare - 1000) < 112)
    // 1000 draws of 1000 voxels show 632 of them, standard deviation 10.
    #expect(abs(seen.count - 632) < 60)

    let sampler = PatchSampler(shape: shape, size: [5, 6, 7])
    #expect(sampler.centered(on: (10 * 20 + 10) * 20 + 10) == [8, 7, 7])
    #expect(sampler.centered(on: 0) == [0, 0, 0])
    #expect(sampler.centered(on: 7999) == [15, 14, 13])

    let pipeline = try PatchPipeline(
      size: [3, 3, 3], sampling: PatchSampling(foregroundProbability: 1))
    for _ in 0..<50 {
      let patch = draw(
        pipeline, [Float](repeating: 0, count: 8000), labels, shape: shape, stream: &stream)
      #expect(patch.labels.contains { $0 != 0 })
    }
    #expect(ForegroundIndex(labels: [UInt8](repeating: 0, count: 8).span).draw(&stream) == nil)
    #expect(ForegroundIndex(labels: [UInt8](repeating: 0, count: 8).span).isEmpty)
  }

  @Test("a patch depends on its stream alone, and augmentations do not move each other's draws")
  func determinism() throws {
    let subject = try Phantom(shape: [20, 16, 18], spacing: [5, 5, 6]).subject(0)
    let shape = subject.labels.shape
    let all: [any Augmentation] = [
      Flip(), RotateScale(probability: 1), GaussianNoise(probability: 1),
      Brightness(probability: 1), Contrast(probability: 1), Gamma(probability: 1),
    ]
    let pipeline = try PatchPipeline(size: [12, 12, 12], augmentations: all)
    func patch(_ pipeline: PatchPipeline, _ sample: Int) -> (image: [Float], labels: [UInt8]) {
      var stream = RandomStream(seed: 3, "sample", sample)
      return draw(
        pipeline, subject.image.voxels, subject.labels.voxels, shape: shape, stream: &stream)
    }
    let first = patch(pipeline, 0)
    #expect(first.image.allSatisfy { $0.isFinite })
    #expect(patch(pipeline, 0) == first)
    #expect(patch(pipeline, 1).image != first.image)
    // Without intensity steps, the labels stay what they were.
    let spatial = try PatchPipeline(size: [12, 12, 12], augmentations: Array(all[..<2]))
    #expect(patch(spatial, 0).labels == first.labels)
    #expect(patch(spatial, 0).image != first.image)
  }

  @Test("a turned flat patch stays in its plane")
  func flat() throws {
    // Each plane along the first axis holds its own number.
    let shape = [5, 16, 16]
    let image = (0..<1280).map { Float($0 / 256) }
    let labels = image.map { UInt8($0) }
    let pipeline = try PatchPipeline(
      size: [1, 8, 8], sampling: PatchSampling(foregroundProbability: 0),
      augmentations: [RotateScale(probability: 1, degrees: [90, 90, 90], scale: [1.5, 2])])
    var stream = RandomStream(seed: 9, "test")
    for _ in 0..<20 {
      let patch = draw(pipeline, image, labels, shape: shape, stream: &stream)
      let plane = patch.image[36]
      let inside = patch.image.filter { $0 != 0 }
      #expect(inside.allSatisfy { $0 < plane * 1.000_001 })
      #expect(Set(patch.labels).subtracting([0, UInt8(plane)]).isEmpty)
    }
  }

  @Test("bad sizes and probabilities are refused")
  func settings() {
    #expect(fault(try PatchPipeline(size: [4, 4]))?.subject == "training.patch")
    #expect(fault(try PatchPipeline(size: [0, 4, 4]))?.subject == "training.patch")
    #expect(
      fault(
        try PatchPipeline(size: [4, 4, 4], sampling: PatchSampling(foregroundProbability: 1.5)))?
        .subject
        == "training.foregroundFraction")
    #expect(
      fault(try PatchPipeline(size: [4, 4, 4], augmentations: [Flip(axes: [3])]))?.subject
        == "flip.axes")
  }
}
