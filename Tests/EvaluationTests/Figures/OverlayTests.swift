import Testing

@testable import Evaluation

@Suite("Overlays")
struct OverlayTests {
  @Test("what two labels are to each other")
  func agreement() {
    #expect(Agreement(prediction: 0, reference: 0) == .background)
    #expect(Agreement(prediction: 2, reference: 2) == .truePositive)
    #expect(Agreement(prediction: 1, reference: 0) == .falsePositive)
    #expect(Agreement(prediction: 0, reference: 3) == .falseNegative)
    #expect(Agreement(prediction: 1, reference: 2) == .otherLabel)
  }

  /// Empty segmentations over an image of one intensity, with some voxels changed.
  static func overlay(
    _ shape: [Int], spacing: [Double] = [1, 1, 1], predicted: [[Int]] = [],
    reference: [[Int]] = [], bright: [[Int]] = []
  ) throws -> Overlay {
    func place(_ voxel: [Int]) -> Int { (voxel[0] * shape[1] + voxel[1]) * shape[2] + voxel[2] }
    var image = [Float](repeating: 0, count: shape.reduce(1, *))
    var labels = [[UInt8]](repeating: .init(repeating: 0, count: image.count), count: 2)
    for voxel in bright { image[place(voxel)] = 100 }
    for voxel in predicted { labels[0][place(voxel)] = 1 }
    for voxel in reference { labels[1][place(voxel)] = 1 }
    return try Overlay(
      image: image, prediction: labels[0], reference: labels[1], shape: shape, spacing: spacing)
  }

  @Test("pictures have the proportions of the body, whatever the spacing", arguments: [40, 200])
  func proportions(longSide: Int) throws {
    // 10, 40 and 15 mm.
    let overlay = try Self.overlay([10, 20, 30], spacing: [1, 2, 0.5])
    let sides = AnatomicalPlane.allCases.map { plane in
      let picture = overlay.picture(plane, at: 3, longSide: longSide)
      #expect(picture.bytes.count == 3 * picture.width * picture.height)
      return [picture.width, picture.height]
    }
    let rounded = Int((Double(longSide) * 10 / 15).rounded())
    #expect(
      sides == [
        [longSide, longSide * 15 / 40], [rounded, longSide], [longSide * 10 / 40, longSide],
      ])
  }

  /// The pixel of a picture.
  static func pixel(_ picture: ColorPicture, _ column: Int, _ row: Int) -> [UInt8] {
    Array(picture.bytes[(3 * (row * picture.width + column))...].prefix(3))
  }

  @Test("right is on the left, front on the left or on top, up is on top")
  func directions() throws {
    // The voxel that lies farthest to the right, front and top, on a dark image.
    let overlay = try Self.overlay([4, 4, 4], bright: [[3, 3, 3]])
    for plane in AnatomicalPlane.allCases {
      let picture = overlay.picture(plane, at: 3, longSide: 4)
      #expect(Self.pixel(picture, 0, 0) == [255, 255, 255], "\(plane)")
      #expect(Self.pixel(picture, 3, 0) == [0, 0, 0] && Self.pixel(picture, 0, 3) == [0, 0, 0])
    }
  }

  @Test("agreement is green, a false positive blue, a false negative red")
  func colors() throws {
    let overlay = try Self.overlay(
      [3, 1, 3], predicted: [[0, 0, 0], [1, 0, 0]], reference: [[0, 0, 0], [2, 0, 0]])
    let picture = overlay.picture(.coronal, at: 0, longSide: 3)
    // Columns run from right to left, rows from top to bottom.
    let (red, blue, green) = (
      Self.pixel(picture, 0, 2), Self.pixel(picture, 1, 2), Self.pixel(picture, 2, 2)
    )
    #expect(red[0] > 2 * max(red[1], red[2]))
    #expect(blue[2] > 2 * max(blue[0], blue[1]) - 10)
    #expect(green[1] > max(green[0], green[2]))
    #expect(Self.pixel(picture, 1, 1) == [0, 0, 0])
    let plain = overlay.picture(.coronal, at: 0, longSide: 3, hasColor: false)
    #expect(plain.bytes.allSatisfy { $0 == 0 })
  }

  @Test(
    "slices go through the most errors, else through the most of the structure, else the middle")
  func slices() throws {
    let column = (0..<6).map { [2, 5, $0] }
    let wrong = try Self.overlay([8, 9, 10], predicted: column + [[6, 7, 8]], reference: column)
    #expect(wrong.slices() == [6, 7, 8])
    let right = try Self.overlay([8, 9, 10], predicted: column, reference: column)
    #expect(right.slices() == [2, 5, 0])
    #expect(try Self.overlay([8, 9, 10]).slices() == [4, 4, 5])
  }

  @Test("what is pictured is the structures and at least 10 mm around them")
  func box() throws {
    let overlay = try Self.overlay(
      [100, 100, 6], spacing: [1, 2, 5], predicted: [[50, 50, 3]], reference: [[60, 50, 3]])
    #expect(overlay.box == [40..<71, 45..<56, 1..<6])
  }

  @Test("volumes of unlike sizes are refused; voxels that are no numbers are black")
  func faults() throws {
    #expect(throws: EvaluationError.lengthsDiffer(prediction: 1, reference: 2)) {
      try Overlay(
        image: [0, 0], prediction: [0], reference: [0, 0], shape: [1, 1, 2], spacing: [1, 1, 1])
    }
    let overlay = try Overlay(
      image: [.nan, .infinity, 1, 2], prediction: [0, 0, 0, 0], reference: [0, 0, 0, 0],
      shape: [1, 2, 2], spacing: [0, .nan, 1])
    let picture = overlay.picture(.sagittal, at: 0, longSide: 2)
    #expect(Self.pixel(picture, 1, 1) == [0, 0, 0])
  }
}
