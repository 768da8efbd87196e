import Testing

@testable import Volumes

/// Volumes on grids of another place: `Tests/Fixtures/volumes/make_onto_grid.py` has SciPy's answers.
@Suite struct OntoGridTests {
  struct Fixture: Decodable {
    var cases: [Case]
  }

  struct Case: Decodable {
    var shape: [Int]
    var affine: [[Double]]
    var targetShape: [Int]
    var targetAffine: [[Double]]
    var values: [Float]
    var labels: [UInt8]
    var linear: [Float]
    var nearest: [UInt8]
    var clear: [Bool]
  }

  static func grid(_ shape: [Int], _ rows: [[Double]]) -> Geometry {
    Geometry(shape: shape, affine: Affine(rows: rows.map { SIMD4($0[0], $0[1], $0[2], $0[3]) }))
  }

  @Test("linear interpolation and nearest labels are SciPy's on shifted, turned and scaled grids")
  func scipy() throws {
    var compared = 0
    for item in try Place.fixture("onto_grid.json", as: Fixture.self).cases {
      let source = Self.grid(item.shape, item.affine)
      let target = Self.grid(item.targetShape, item.targetAffine)
      let image = Volume(voxels: item.values, geometry: source).resampled(onto: target, filler: -7)
      let labels = LabelVolume(voxels: item.labels, geometry: source).resampled(onto: target)
      #expect(image.geometry == target && labels.geometry == target)
      // The same of values that are not known to be labels.
      let values = Volume(voxels: item.labels.map { Float($0) }, geometry: source)
      #expect(values.nearest(onto: target).voxels == labels.voxels.map { Float($0) })
      for index in item.clear.indices where item.clear[index] {
        #expect(abs(image.voxels[index] - item.linear[index]) < 1e-5, "\(item.shape) \(index)")
        #expect(labels.voxels[index] == item.nearest[index], "\(item.shape) \(index)")
        compared += 1
      }
    }
    #expect(compared > 150)
  }

  @Test(
    "a grid with other axis directions receives the very voxels", arguments: ["LPS", "SRA", "PIR"])
  func mirrored(code: String) throws {
    let geometry = Geometry(
      shape: [3, 4, 5],
      affine: Affine(
        columns: [SIMD3(0.7, 0.1, 0), SIMD3(-0.1, 0.9, 0.2), SIMD3(0, -0.2, 1.1)],
        origin: SIMD3(-20.3, 11.1, 4.7)))
    let volume = Volume(
      voxels: (0..<120).map { Float($0) * 0.37 }, channels: 2, geometry: geometry)
    let labels = LabelVolume(voxels: (0..<60).map { UInt8($0) }, geometry: geometry)
    let orientation = try Orientation(code: code)
    let turned = volume.oriented(to: orientation)
    #expect(turned.resampled(onto: geometry).voxels == volume.voxels)
    #expect(labels.oriented(to: orientation).resampled(onto: geometry).voxels == labels.voxels)
    #expect(volume.resampled(onto: turned.geometry).voxels == turned.voxels)
  }

  @Test("an affine map and its inverse are the identity")
  func inverse() {
    let affine = Affine(
      columns: [SIMD3(0.7, 0.1, 0.3), SIMD3(-0.1, 0.9, 0.2), SIMD3(0.05, -0.2, 1.1)],
      origin: SIMD3(-20.3, 11.1, 4.7))
    for place in [SIMD3(0.0, 0, 0), SIMD3(1, 2, 3), SIMD3(-4.5, 0.25, 100)] {
      let back = affine.inverse(affine(place))
      #expect(((back - place) * (back - place)).sum() < 1e-20)
    }
  }
}
