import Foundation
import Testing

@testable import Volumes

@Suite("Resampling, cropping and the way back")
struct ResamplingTests {
  struct Fixture: Decodable {
    struct Zoom: Decodable {
      let shape: [Int]
      let target: [Int]
      let values: [Float]
      let linear: [Float]
      let cubic: [Float]
      let coarse: [Float]
      let labels: [UInt8]
      let winners: [UInt8]
    }
    struct Wide: Decodable {
      let shape: [Int]
      let target: [Int]
      let places: [Int]
      let cubic: [Float]
    }
    let zooms: [Zoom]
    let wide: [Wide]
  }

  @Test("images agree with SciPy's zoom, labels with the largest of zoomed indicators")
  func zoom() throws {
    for item in try Place.fixture("resampling.json", as: Fixture.self).zooms {
      let geometry = Geometry(shape: item.shape, spacing: [1, 2, 3])
      let image = Volume(voxels: item.values, geometry: geometry).resampled(to: item.target)
      #expect(image.geometry.shape == item.target)
      let worst = zip(image.voxels, item.linear).map { abs($0 - $1) }.max()
      #expect(try #require(worst) < 2e-6, "\(item.shape) to \(item.target)")
      for (interpolation, wanted) in [
        ([.cubic], item.cubic), ([.cubic, .cubic, .nearest], item.coarse),
      ] as [([Interpolation], [Float])] {
        let spline = Volume(voxels: item.values, geometry: geometry)
          .resampled(to: item.target, by: interpolation)
        let worst = zip(spline.voxels, wanted).map { abs($0 - $1) }.max()
        #expect(try #require(worst) < 1e-5, "\(item.shape) to \(item.target), \(interpolation)")
      }
      let labels = LabelVolume(voxels: item.labels, geometry: geometry).resampled(to: item.target)
      let wrong = zip(labels.voxels, item.winners).filter { $1 != 255 && $0 != $1 }.count
      #expect(wrong == 0, "\(item.shape) to \(item.target)")
      #expect(item.winners.filter { $0 != 255 }.count * 4 > item.winners.count)
    }
  }

  @Test(
    "splines agree with SciPy on wide grids too, with any number of threads", arguments: [1, 3])
  func wide(threads: Int) throws {
    for item in try Place.fixture("resampling.json", as: Fixture.self).wide {
      let values = (0..<item.shape.reduce(1, *)).map { Float($0 * 7919 % 1009) / 1009 }
      let image = Volume(voxels: values, geometry: Geometry(shape: item.shape))
      let result = image.resampled(to: item.target, by: [.cubic], threads: threads)
      let worst = zip(item.places, item.cubic).map { abs(result.voxels[$0] - $1) }.max()
      #expect(try #require(worst) < 1e-5, "\(item.shape) to \(item.target)")
    }
  }

  @Test("no number of threads changes a bit", arguments: Interpolation.allCases)
  func threads(interpolation: Interpolation) {
    let image = ramp([9, 21, 17], channels: 2)
    let labels = LabelVolume(
      voxels: image.voxels[..<image.geometry.count].map { UInt8(Int($0) * 7 % 5) },
      geometry: image.geometry)
    for target in [[14, 11, 40], [9, 30, 17], [5, 21, 9]] {
      let one = image.resampled(to: target, by: [interpolation])
      let oneLabels = labels.resampled(to: target, by: [interpolation], threads: 1)
      for threads in [2, 3, 8] {
        #expect(image.resampled(to: target, by: [interpolation], threads: threads) == one)
        #expect(
          labels.resampled(to: target, by: [interpolation], threads: threads) == oneLabels)
      }
    }
  }

  @Test("a spline through a polynomial of degree one is that line away from the border")
  func splineLine() {
    // The border's constant continuation fades by 0.27 a voxel.
    let values = (0..<40).map { Float($0) }
    let fine = Volume(voxels: values, geometry: Geometry(shape: [1, 1, 40]))
      .resampled(to: [1, 1, 80], by: [.cubic])
    for o in 30..<50 { #expect(abs(fine.voxels[o] - (Float(o) / 2 - 0.25)) < 1e-5) }
  }

  @Test("nearest labels are those at floor(x + 1/2)", arguments: [1, 2, 3, 5, 7, 12, 24])
  func nearest(target: Int) {
    let labels = LabelVolume(voxels: [0, 1, 2, 3, 4, 5], geometry: Geometry(shape: [1, 1, 6]))
    let wanted = (0..<target).map { (output: Int) -> UInt8 in
      let x: Double = (Double(output) + 0.5) * 6 / Double(target) - 0.5
      return UInt8((x + 0.5).rounded(.down))
    }
    #expect(labels.resampled(to: [1, 1, target], by: .nearest).voxels == wanted)
  }

  @Test("where labels tie, the lower one wins")
  func ties() {
    let labels = LabelVolume(voxels: [3, 1, 2, 2], geometry: Geometry(shape: [1, 1, 4]))
    #expect(labels.resampled(to: [1, 1, 2]).voxels == [1, 2])
  }

  @Test("a resized grid keeps its outer faces")
  func faces() {
    let grid = ramp([4, 5, 6]).geometry
    let other = grid.resized(to: [7, 2, 9])
    for corner in 0..<8 {
      func face(_ geometry: Geometry) -> SIMD3<Double> {
        var index = SIMD3<Double>(repeating: -0.5)
        for axis in 0..<3 where corner >> axis & 1 == 1 {
          index[axis] += Double(geometry.shape[axis])
        }
        return geometry.affine(index)
      }
      let gap = face(grid) - face(other)
      #expect((gap * gap).sum() < 1e-20)
    }
    #expect(
      Geometry(shape: [10, 10, 10], spacing: [1, 2, 3]).shape(atSpacing: [2, 2, 2]) == [5, 10, 15])
  }

  @Test("a linear ramp is resampled exactly away from the border")
  func linearRamp() {
    let values = (0..<64).map { (place: Int) -> Float in
      let (d, h, w) = (place / 16, place / 4 % 4, place % 4)
      return Float(w + 2 * h + 5 * d)
    }
    let fine = Volume(voxels: values, geometry: Geometry(shape: [4, 4, 4])).resampled(to: [8, 8, 8])
    for d in 1..<7 {
      for h in 1..<7 {
        for w in 1..<7 {
          let wanted = (Float(w) / 2 - 0.25) + 2 * (Float(h) / 2 - 0.25) + 5 * (Float(d) / 2 - 0.25)
          #expect(abs(fine.voxels[(d * 8 + h) * 8 + w] - wanted) < 1e-5)
        }
      }
    }
  }

  @Test("a box inside crops, one around pads, and the undoing box brings the crop back")
  func boxes() {
    let volume = ramp([4, 5, 6], channels: 2)
    let box = Box(origin: [1, 2, 3], shape: [2, 3, 2])
    let cropped = volume.cropped(to: box)
    #expect(cropped.voxels[0] == Float((1 * 5 + 2) * 6 + 3))
    #expect(cropped.voxels[12 + 11] == Float(120 + (2 * 5 + 4) * 6 + 4))
    // A voxel keeps its place in space.
    let gap = cropped.geometry.affine(SIMD3(1, 0, 1)) - volume.geometry.affine(SIMD3(2, 2, 4))
    #expect((gap * gap).sum() < 1e-20)
    let back = cropped.cropped(to: box.undoing(in: volume.geometry.shape), filler: -1)
    #expect(back.geometry.shape == volume.geometry.shape)
    for (index, value) in back.voxels.enumerated() {
      let place = volume.geometry.index(of: index % 120)
      let inside = (0..<3).allSatisfy {
        (box.origin[$0]..<box.origin[$0] + box.shape[$0]).contains(place[$0])
      }
      #expect(value == (inside ? volume.voxels[index] : -1))
    }
    #expect(Box(centered: [7, 3, 6], in: [4, 5, 6]).origin == [-2, 1, 0])
    #expect(volume.cropped(to: Box(origin: [9, 9, 9], shape: [1, 1, 1])).voxels == [0, 0])
  }

  @Test("the non-zero box holds every voxel of any channel that is not 0, and no more")
  func nonZero() {
    var volume = ramp([5, 6, 7], channels: 2)
    volume.voxels = [Float](repeating: 0, count: 420)
    #expect(volume.nonZeroBox == Box(whole: [5, 6, 7]))
    volume.voxels[(1 * 6 + 4) * 7 + 2] = 1
    volume.voxels[210 + (3 * 6 + 2) * 7 + 5] = -1
    #expect(volume.nonZeroBox == Box(origin: [1, 2, 2], shape: [3, 3, 4]))
  }

  @Test("labels prepared and restored lie where they were, whatever the orientation, crop, spacing")
  func restoring() throws {
    let phantom = Phantom(shape: [24, 20, 26], spacing: [4, 4, 4.5])
    for code in ["RAS", "LPS", "SRA", "ILP", "PSR"] {
      let subject = try phantom.subject(0)
      let orientation = try Orientation(code: code)
      var image = subject.image.oriented(to: orientation)
      let labels = subject.labels.oriented(to: orientation)
      // Nothing but zeros on one side: the crop has work to do.
      let (h, w) = (image.geometry.shape[1], image.geometry.shape[2])
      for index in image.voxels.indices where index / (h * w) < 2 { image.voxels[index] = 0 }
      image.source = SourceHeader(format: "nifti", bytes: [1, 2, 3])

      let exact = Preparation(crop: .nonZero)
      let (prepared, grid) = try exact.prepare(image)
      #expect(prepared.geometry.orientation == .ras)
      #expect(prepared.geometry.count < image.geometry.count)
      let target = try exact.prepare(labels, on: grid)
      let back = grid.restore(labels: target.voxels)
      #expect(back.geometry == image.geometry)
      #expect(back.source == image.source)
      let kept = labels.voxels.indices.filter { $0 / (h * w) >= 2 }
      #expect(kept.allSatisfy { back.voxels[$0] == labels.voxels[$0] })

      let coarse = Preparation(spacing: [3, 5, 4], normalization: NoNormalization())
      let (other, otherGrid) = try coarse.prepare(image)
      #expect(other.geometry.shape == [32, 16, 29])
      let there = try coarse.prepare(labels, on: otherGrid)
      let scores = (0..<3).flatMap { (label: Int) -> [Float] in
        there.voxels.map { $0 == label ? 1 : 0 }
      }
      for result in [
        otherGrid.restore(labels: there.voxels), otherGrid.restore(scores: scores, classes: 3),
      ] {
        #expect(result.geometry == image.geometry)
        let same = zip(result.voxels, labels.voxels).filter { $0 == $1 }.count
        #expect(Double(same) > 0.97 * Double(labels.voxels.count), "\(code)")
      }
    }
  }

  @Test("labels on another grid than their image's are refused with the distance")
  func mismatch() throws {
    let image = ramp([4, 5, 6])
    let (_, grid) = try Preparation().prepare(image)
    let moved = LabelVolume(
      voxels: [UInt8](repeating: 0, count: 120),
      geometry: Geometry(
        shape: [4, 5, 6],
        affine: Affine(
          columns: image.geometry.affine.columns,
          origin: image.geometry.affine.origin + SIMD3(3, 0, 4))))
    #expect(
      fault(try Preparation().prepare(moved, on: grid))?.reason.contains("lie 5.0 mm apart") == true
    )
    let other = LabelVolume(voxels: [0], geometry: Geometry(shape: [1, 1, 1]))
    #expect(fault(try Preparation().prepare(other, on: grid))?.reason.contains("[1, 1, 1]") == true)
    let huge = Preparation(spacing: [1e-9, 1e-9, 1e-9])
    #expect(fault(try huge.prepare(image))?.subject == "preparation.spacing")
    #expect(fault(try Preparation(spacing: [1, 0, 1]).prepare(image))?.kind == .setting)
  }

  @Test("a z-score has mean 0 and deviation 1, over the image or over what is not 0")
  func zScore() {
    let image = Volume(voxels: [0, 0, 2, 4, 6, 8], geometry: Geometry(shape: [1, 2, 3]))
    let whole = image.normalized(by: ZScore()).voxels
    // numpy.std([0, 0, 2, 4, 6, 8]) = 2.98142397
    let wanted = [0, 0, 2, 4, 6, 8].map { Float(($0 - 10.0 / 3) / 2.98142397) }
    #expect(zip(whole, wanted).allSatisfy { abs($0 - $1) < 1e-6 })
    let inner = image.normalized(by: ZScore(region: .nonZero)).voxels
    // numpy.std([2, 4, 6, 8]) = 2.23606798
    let inside: [Float] = [0, 0] + [-3, -1, 1, 3].map { $0 / 2.23606798 }
    #expect(zip(inner, inside).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("each channel is normalized for itself, and a constant one becomes 0")
  func channels() {
    let image = Volume(
      voxels: [1e6, 1e6 + 2, 0.1, 0.1, 0, 0], channels: 3, geometry: Geometry(shape: [1, 1, 2]))
    #expect(image.normalized(by: ZScore()).voxels == [-1, 1, 0, 0, 0, 0])
    #expect(image.normalized(by: ZScore(region: .nonZero)).voxels == [-1, 1, 0, 0, 0, 0])
    #expect(image.normalized(by: NoNormalization()) == image)
  }
}
