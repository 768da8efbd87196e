import Foundation
import Testing

@testable import Volumes

@Suite("Orientations")
struct OrientationTests {
  struct Cases: Decodable {
    struct Case: Decodable {
      let affine: [[Double]]
      let code: String
      let canonicalAffine: [[Double]]
      let canonicalShape: [Int]
      let canonicalValues: [Float]
    }
    let cases: [Case]
  }

  @Test("all 48, straight and oblique, are named and made canonical as nibabel does, and back")
  func all() throws {
    let cases = try Place.fixture("orientations.json", as: Cases.self).cases
    #expect(cases.count == 144)
    #expect(Set(cases.map(\.code)).count == 48)
    for item in cases {
      let affine = Affine(rows: item.affine.map { SIMD4($0[0], $0[1], $0[2], $0[3]) })
      let volume = Volume(
        voxels: (0..<24).map(Float.init), geometry: Geometry(shape: [2, 3, 4], affine: affine))
      #expect(volume.geometry.orientation.code == item.code)
      let canonical = volume.oriented()
      #expect(canonical.voxels == item.canonicalValues, "\(item.code)")
      #expect(canonical.geometry.shape == item.canonicalShape, "\(item.code)")
      #expect(difference(canonical.geometry.affine, item.canonicalAffine) < 1e-12, "\(item.code)")
      let back = canonical.oriented(to: volume.geometry.orientation)
      #expect(back.voxels == volume.voxels, "\(item.code)")
      #expect(try #require(back.geometry.cornerDisagreement(with: volume.geometry)) < 1e-12)
    }
  }

  @Test("a change of axes and its inverse cancel, for every pair of orientations")
  func inverse() throws {
    let cases = try Place.fixture("orientations.json", as: Cases.self).cases
    let codes = Set(cases.map(\.code)).sorted()
    let voxels = Array(0..<48)
    for source in codes {
      for target in codes {
        let change = Reorientation(
          from: try Orientation(code: source), to: try Orientation(code: target))
        let there = change(voxels, shape: [2, 3, 4], channels: 2)
        let shape = change.permutation.map { [2, 3, 4][$0] }
        #expect(change.inverse(there, shape: shape, channels: 2) == voxels)
      }
    }
  }

  @Test(
    "codes that name no orientation are refused",
    arguments: ["", "RA", "RAR", "RASS", "ras", "XYZ"])
  func badCodes(code: String) {
    #expect(fault(try Orientation(code: code))?.kind == .setting)
  }

  @Test("two grids disagree by the distance of their worst corners")
  func corners() throws {
    let grid = Geometry(shape: [11, 5, 3], spacing: [1, 2, 3])
    let moved = Geometry(shape: [11, 5, 3], affine: grid.affine.shifted(to: SIMD3(3, 2, 0)))
    #expect(grid.cornerDisagreement(with: moved) == 5)
    // A spacing that is a little off is worst at the far corner: 0.1 mm * 10 voxels.
    let wider = Geometry(shape: [11, 5, 3], spacing: [1.1, 2, 3])
    #expect(abs(try #require(grid.cornerDisagreement(with: wider)) - 1) < 1e-12)
    #expect(grid.cornerDisagreement(with: Geometry(shape: [5, 11, 3])) == nil)
  }
}
