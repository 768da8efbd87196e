import Evaluation
import Testing

@Suite struct SliceProfileTests {
  /// Six slices of 2 x 3 voxels with given numbers of voxels common, predicted only and expected
  /// only, as labels with D, H or W across the slices.
  static func volumes(axis: Int) -> (prediction: [UInt8], reference: [UInt8], shape: [Int]) {
    //             slice: 0  1  2  3  4  5
    let common = /*     */ [0, 2, 0, 1, 3, 0]
    let predicted = /*  */ [4, 0, 0, 2, 1, 1]
    let expected = /*   */ [0, 2, 0, 1, 0, 0]
    let plane = axis == 0 ? [2, 3] : (axis == 1 ? [2, 3] : [3, 2])
    var shape = plane
    shape.insert(6, at: axis)
    var prediction = [UInt8](repeating: 0, count: 36)
    var reference = prediction
    for slice in 0..<6 {
      for place in 0..<6 {
        var index = [place / plane[1], place % plane[1]]
        index.insert(slice, at: axis)
        let voxel = (index[0] * shape[1] + index[1]) * shape[2] + index[2]
        let (a, b) = (common[slice], common[slice] + predicted[slice])
        if place < b { prediction[voxel] = place.isMultiple(of: 2) ? 3 : 4 }
        if place < a || (b..<(b + expected[slice])).contains(place) { reference[voxel] = 3 }
      }
    }
    return (prediction, reference, shape)
  }

  @Test("Dice is counted slice by slice along any axis, labels 3 and 4 together", arguments: 0..<3)
  func slices(axis: Int) throws {
    let (prediction, reference, shape) = Self.volumes(axis: axis)
    let profile = try SliceProfile(
      prediction: prediction.span, reference: reference.span, shape: shape, axis: axis,
      labels: [3, 4])
    #expect(profile.slices == 1..<5)
    let values: [Double?] = [4.0 / 6, nil, 2.0 / 5, 6.0 / 7]
    #expect(profile.dice.map(\.number) == values)
    #expect(profile.dice[1] == .undefined(.bothEmpty))
  }

  @Test("positions between slices are interpolated as NumPy's interp does")
  func interpolation() throws {
    let (prediction, reference, shape) = Self.volumes(axis: 0)
    let profile = try SliceProfile(
      prediction: prediction.span, reference: reference.span, shape: shape, axis: 0,
      labels: [3, 4])
    // np.interp(np.linspace(0, 1, 7), [0, 2/3, 1], [4/6, 2/5, 6/7]), NumPy 2.4.6
    let expected = [
      0.6666666666666666, 0.6, 0.5333333333333333, 0.4666666666666667, 0.4, 0.6285714285714286,
      0.8571428571428571,
    ]
    #expect(isNear(profile.curve(count: 7), expected, within: 1e-14))
    let back = profile.curve(count: 7, reversed: true)
    #expect(isNear(back, expected.reversed(), within: 1e-14))
    #expect(profile.curve()?.count == 1001)
  }

  @Test("one slice has its Dice everywhere, and a missing structure has no curve")
  func degenerate() throws {
    let reference: [UInt8] = [0, 0, 1, 1, 0, 0]
    let prediction: [UInt8] = [1, 0, 1, 0, 0, 0]
    func profile(_ labels: Set<UInt8>) throws -> SliceProfile {
      try SliceProfile(
        prediction: prediction.span, reference: reference.span, shape: [3, 1, 2], axis: 0,
        labels: labels)
    }
    let one = try profile([1])
    #expect(one.slices == 1..<2)
    let constant = [Double](repeating: 2.0 / 3, count: 3)
    #expect(one.curve(count: 3) == constant)
    let missing = try profile([2])
    #expect(missing.slices.isEmpty && missing.curve() == nil)
    let mean = FieldOfViewCurve(
      [("a", one, false), ("b", missing, true), ("c", one, true)], count: 3)
    #expect(mean.leftOut == ["b"])
    #expect(mean.mean?.count == 2)
    #expect(mean.mean?.standardDeviation == [0, 0, 0])
    #expect(FieldOfViewCurve([("b", missing, false)]).mean == nil)
  }

  @Test("volumes that do not fill their shape, and axes that are none, are refused")
  func refusals() throws {
    let voxels: [UInt8] = [0, 1, 1, 0]
    func make(_ shape: [Int], axis: Int, _ prediction: [UInt8]) throws {
      _ = try SliceProfile(
        prediction: prediction.span, reference: voxels.span, shape: shape, axis: axis,
        labels: [1])
    }
    #expect(throws: CurveError.noSuchAxis(3)) { try make([2, 2, 1], axis: 3, voxels) }
    #expect(throws: CurveError.self) { try make([2, 2, 2], axis: 0, voxels) }
    #expect(throws: CurveError.self) { try make([2, 2, 1], axis: 0, [0]) }
    #expect(throws: CurveError.self) { try make([.max, 4, 1], axis: 0, voxels) }
    #expect(throws: CurveError.self) { try make([-2, -2, 1], axis: 0, voxels) }
    let none: [UInt8] = []
    let empty = try SliceProfile(
      prediction: none.span, reference: none.span, shape: [0, 1 << 40, 1 << 40], axis: 1,
      labels: [1])
    #expect(empty.slices.isEmpty)
  }
}
