import Foundation
import Testing

@testable import Volumes

@Suite("Preparation")
struct PreparationTests {
  @Test("what is not written means what it meant: whole image, own grid, linear, z-score")
  func defaults() throws {
    let read = try JSONDecoder().decode(Preparation.self, from: Data("{}".utf8))
    #expect(read == Preparation())
    let image = ramp([4, 5, 6], channels: 2)
    let (prepared, grid) = try read.prepare(image)
    #expect(prepared == image.oriented().normalized(by: ZScore()))
    #expect(grid.box == Box(whole: grid.oriented.shape) && grid.prepared == grid.oriented)
    #expect(grid.labels == grid.scores && grid.scores == [.linear, .linear, .linear])
  }

  @Test("sizes and spacings may leave axes alone, and must not both set one")
  func sizes() throws {
    let image = Volume(
      voxels: [Float](repeating: 1, count: 8 * 8 * 6),
      geometry: Geometry(shape: [8, 8, 6], spacing: [0.5, 0.5, 1.5]))
    let inPlane = Preparation(size: [4, 4, nil], interpolation: .cubic)
    #expect(try inPlane.prepare(image).image.geometry.spacing == [1, 1, 1.5])
    let spaced = Preparation(spacing: [1, nil, 3])
    #expect(try spaced.prepare(image).image.geometry.shape == [4, 8, 3])
    let both = Preparation(spacing: [nil, nil, 3], size: [4, 4, nil])
    #expect(try both.prepare(image).image.geometry.shape == [4, 4, 3])
    #expect(
      fault(try Preparation(spacing: [1, 1, 1], size: [4, nil, nil]).validate())?.subject
        == "preparation.size")
    #expect(
      fault(try Preparation(size: [4, 4, 1 << 60]).prepare(image))?.subject == "preparation.size")
  }

  @Test("the median spacing is each axis' own")
  func median() throws {
    let preparation = Preparation(spacing: .median)
    #expect(!preparation.isComplete)
    let spacings = [[1, 3, 2], [2, 1, 2], [4, 2, 9.0]]
    #expect(preparation.measured(spacings: spacings).spacing == .fixed([2, 2, 2]))
    #expect(
      preparation.measured(spacings: Array(spacings[..<2])).spacing == .fixed([1.5, 2, 2]))
    #expect(Preparation(spacing: [1, 1, 1]).measured(spacings: spacings).spacing == [1, 1, 1])
    for json in [#""median""#, "[1,null,2]"] {
      let spacing = try JSONDecoder().decode(TargetSpacing.self, from: Data(json.utf8))
      #expect(String(decoding: try JSONEncoder().encode(spacing), as: UTF8.self) == json)
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TargetSpacing.self, from: Data(#""mean""#.utf8))
    }
  }

  @Test(
    "one axis more than three times as coarse as the finest is interpolated for itself",
    arguments: [
      (CoarseAxis.joint, [0.5, 0.5, 2], [1, 1, 1], [Interpolation.cubic, .cubic, .cubic]),
      (.separate, [0.5, 0.5, 2], [1, 1, 1], [.cubic, .cubic, .nearest]),
      (.separateLinear, [0.5, 0.5, 2], [1, 1, 1], [.cubic, .cubic, .linear]),
      // Three times is not more than three times.
      (.separate, [0.5, 0.5, 1.5], [1, 1, 1], [.cubic, .cubic, .cubic]),
      // The target decides where the source does not.
      (.separate, [1, 1, 1], [4, 1, 1], [.nearest, .cubic, .cubic]),
      // Two coarse axes are none, as in nnU-Net.
      (.separate, [0.24, 1.25, 1.25], [1, 1, 1], [.cubic, .cubic, .cubic]),
    ])
  func coarse(_ rule: CoarseAxis, source: [Double], target: [Double], wanted: [Interpolation]) {
    #expect(rule.interpolations(from: source, to: target, .cubic) == wanted)
  }

  @Test("the coarse axis of an image keeps its slices' values when it is separate")
  func separate() throws {
    // Slices of one value each: along the coarse axis nothing is mixed.
    let voxels = (0..<4 * 4 * 3).map { Float([10, 20, 40][$0 % 3]) }
    let image = Volume(
      voxels: voxels, geometry: Geometry(shape: [4, 4, 3], spacing: [1, 1, 5]))
    let preparation = Preparation(
      spacing: [2, 2, 2.5], interpolation: .cubic, coarseAxis: .separate,
      normalization: NoNormalization())
    let (prepared, grid) = try preparation.prepare(image)
    #expect(prepared.geometry.shape == [2, 2, 6])
    let wanted: [Float] = [10, 10, 20, 20, 40, 40]
    for (index, value) in prepared.voxels.enumerated() {
      #expect(abs(value - wanted[index % 6]) < 1e-4)
    }
    #expect(grid.labels == [.linear, .linear, .nearest])
    #expect(grid.scores == [.linear, .linear, .nearest])
  }

  @Test(
    "scores come back as whole volumes would: interpolated, then the largest",
    arguments: [Interpolation.linear, .cubic], [1, 3])
  func restoring(interpolation: Interpolation, threads: Int) throws {
    let image = ramp([12, 9, 10]).oriented(to: try Orientation(code: "LIP"))
    let preparation = Preparation(
      size: [7, 11, 5], restore: interpolation,
      crop: BoxCrop(origin: [1, 0, 2], shape: [nil, 8, 7]))
    let (prepared, grid) = try preparation.prepare(image)
    #expect(prepared.geometry.shape == [7, 11, 5])
    let count = prepared.geometry.count
    // Smooth fields, so that borders between classes are no ties.
    let scores = (0..<4 * count).map { place -> Float in
      let (candidate, voxel) = (place / count, place % count)
      return sin(Float(voxel) * 0.013 * Float(candidate + 1) + Float(candidate))
    }
    let found = grid.restore(scores: scores, classes: 4, threads: threads)
    let all = grid.restore(
      probabilities: scores.map { ($0 + 2) / 4 }, classes: 4, threads: threads)
    #expect(found.geometry == image.geometry && all.geometry == image.geometry)
    let voxels = image.geometry.count
    var differing = 0
    for voxel in 0..<voxels {
      let values = (0..<4).map { all.voxels[$0 * voxels + voxel] }
      let best = values.indices.max { values[$0] < values[$1] } ?? 0
      // Scaling rounds: what all but ties may fall either way.
      if Int(found.voxels[voxel]) != best, values[best] - values[Int(found.voxels[voxel])] > 1e-5 {
        differing += 1
      }
    }
    #expect(differing == 0)
    #expect(Set(found.voxels).count == 4)
  }

  /// Every orientation of the axes.
  static let codes: [String] = [
    [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
  ]
  .flatMap { axes in
    (0..<8).map { signs in
      String(
        axes.map { axis in [["L", "R"], ["P", "A"], ["I", "S"]][axis][signs >> axis & 1] }
          .joined())
    }
  }

  @Test(
    "results come back to files of any orientation, straight or oblique, exactly", arguments: codes)
  func everyOrientation(code: String) throws {
    #expect(Set(Self.codes).count == 48)
    let orientation = try Orientation(code: code)
    // `ramp` lies askew; the straight one has the same axes.
    let straight = Volume(
      voxels: ramp([4, 5, 6]).voxels, geometry: Geometry(shape: [4, 5, 6], spacing: [1, 2, 3]))
    for image in [straight, ramp([4, 5, 6])].map({ $0.oriented(to: orientation) }) {
      #expect(image.geometry.orientation == orientation)
      for target in ["RAS", "SRA", "LPI"] {
        let preparation = Preparation(
          orientation: target, crop: BoxCrop(origin: [1, 0, 1], shape: [2, 3, 4]))
        let (prepared, grid) = try preparation.prepare(image)
        #expect(prepared.geometry.orientation.code == target)
        let labels = LabelVolume(
          voxels: image.voxels.map { UInt8($0) }, geometry: image.geometry)
        let there = try preparation.prepare(labels, on: grid)
        let back = grid.restore(labels: there.voxels)
        #expect(back.geometry == image.geometry)
        // What was kept is where it was; each of the values 0 to 119 occurs once.
        #expect(Set(back.voxels.filter { $0 != 0 }) == Set(there.voxels.filter { $0 != 0 }))
        let same = zip(back.voxels, labels.voxels).allSatisfy { $0 == 0 || $0 == $1 }
        #expect(same && back.voxels.count { $0 != 0 } >= 23)
      }
    }
  }

  @Test("a patch that is normalized by itself has mean 0 and deviation 1 in each channel")
  func patches() {
    var voxels: [Float] = [1, 2, 3, 4, 50, 60, 70, 80]
    var span = voxels.mutableSpan
    PatchNormalization(ZScore()).apply(to: &span, channels: 2)
    // numpy.std([1, 2, 3, 4]) = 1.118033988749895
    let wanted = [-1.5, -0.5, 0.5, 1.5].map { Float($0 / 1.118033988749895) }
    #expect(zip(voxels, wanted + wanted).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("an image resampled in plane by splines and back is nearly itself")
  func thereAndBack() throws {
    // A smooth image: what halving the resolution loses is little.
    let shape = [32, 32, 4]
    let voxels = (0..<shape.reduce(1, *)).map { place -> Float in
      let (d, h, w) = (place / 128, place / 4 % 32, place % 4)
      let (x, y) = (Float(d) / 31, Float(h) / 31)
      return 0.5 + 0.4 * sin(3 * x + Float(w)) * cos(4 * y)
    }
    let image = Volume(
      voxels: voxels, geometry: Geometry(shape: shape, spacing: [0.25, 0.25, 1.5]))
    func error(_ interpolation: Interpolation) throws -> Float {
      let preparation = Preparation(
        size: [16, 16, nil], interpolation: interpolation, coarseAxis: .separate,
        restore: interpolation, normalization: NoNormalization())
      let (small, grid) = try preparation.prepare(image)
      let back = grid.restore(probabilities: small.voxels, classes: 1)
      // Away from the border, where the image goes on as a constant.
      let inner = voxels.indices.filter {
        (5..<27).contains($0 / 128) && (5..<27).contains($0 / 4 % 32)
      }
      return inner.map { abs(back.voxels[$0] - voxels[$0]) }.max() ?? .infinity
    }
    #expect(try error(.cubic) < 0.001)
    #expect(try 3 * error(.cubic) < error(.linear))
  }
}
