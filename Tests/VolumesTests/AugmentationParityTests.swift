import CounterRandom
import Foundation
import Testing

@testable import Volumes

/// Against other programs: Tests/Fixtures/volumes/make_augmentations.py.
@Suite("Augmentations beside SciPy, NumPy, PyTorch, MONAI and TorchIO")
struct AugmentationParityTests {
  struct Fixture: Decodable {
    struct Blur: Decodable {
      let size: [Int]
      let sigmas: [Double]
      let values: [Float]
      let expected: [Float]
    }
    struct Resolution: Decodable {
      let size: [Int]
      let coarse: [Int]
      let values: [Float]
      let expected: [Float]
    }
    struct Smear: Decodable {
      let size: [Int]
      let path: [Double]
      let values: [Float]
      let expected: [Float]
    }
    struct Spectrum: Decodable {
      let kind: String
      let size: [Int]
      let axis: Int
      let moves: [[Float]]?
      let count: Int?
      let strength: Double?
      let kept: Double?
      let values: [Float]
      let expected: [Float]
    }
    struct Field: Decodable {
      let size: [Int]
      let order: Int
      let coefficients: [Double]
      let values: [Float]
      let expected: [Float]
    }
    struct Bend: Decodable {
      let exponent: Float
      let invert: Bool
      let retain: Bool
      let size: [Int]
      let values: [Float]
      let expected: [Float]
    }
    struct Patch: Decodable {
      let shape: [Int]
      let size: [Int]
      let origin: [Int]
      let columns: [Double]
      let shift: [Double]
      let spacing: [Double]
      let vectors: [Float]
      let order: Int
      let values: [Float]
      let labels: [UInt8]
      let image: [Float]
      let winners: [UInt8]
    }
    let blurs: [Blur]
    let resolutions: [Resolution]
    let smears: [Smear]
    let spectra: [Spectrum]
    let fields: [Field]
    let gammas: [Bend]
    let patches: [Patch]
  }

  static let fixture = Result {
    try Place.fixture("augmentations.json", as: Fixture.self)
  }

  /// What `body` makes of a channel that stands between two others, which must stay as they are.
  private func changed(
    _ values: [Float], _ body: (inout MutableSpan<Float>, Range<Int>) -> Void
  ) -> [Float] {
    let guarding = [Float](repeating: 7, count: 3)
    var all = guarding + values + guarding
    var span = all.mutableSpan
    body(&span, 3..<3 + values.count)
    #expect(Array(all[..<3]) == guarding && Array(all[(3 + values.count)...]) == guarding)
    return Array(all[3..<3 + values.count])
  }

  private func worst(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).map { $0.isFinite ? abs($0 - $1) : .infinity }.max() ?? 0
  }

  @Test("a blur is SciPy's gaussian_filter")
  func blur() throws {
    for item in try Self.fixture.get().blurs {
      let found = changed(item.values) { patch, range in
        for axis in 0..<3 where item.size[axis] > 1 {
          GaussianBlur.smoothing(length: item.size[axis], sigma: item.sigmas[axis])
            .apply(to: &patch, range, size: item.size, axis: axis)
        }
      }
      #expect(worst(found, item.expected) < 2e-6, "\(item.size)")
    }
  }

  @Test("a low resolution is PyTorch's interpolate, nearest and then linear")
  func lowResolution() throws {
    for item in try Self.fixture.get().resolutions {
      let found = changed(item.values) { patch, range in
        for axis in 0..<3 where item.coarse[axis] < item.size[axis] {
          LowResolution.coarsening(length: item.size[axis], to: item.coarse[axis])
            .apply(to: &patch, range, size: item.size, axis: axis)
        }
      }
      #expect(worst(found, item.expected) < 2e-6, "\(item.size)")
    }
  }

  @Test("motion blur is a mean of SciPy's map_coordinates")
  func motionBlur() throws {
    for item in try Self.fixture.get().smears {
      let found = changed(item.values) { patch, range in
        MotionBlur.smear(along: SIMD3(item.path[0], item.path[1], item.path[2]))
          .apply(to: &patch, range, size: item.size)
      }
      #expect(worst(found, item.expected) < 3e-6, "\(item.size)")
    }
  }

  @Test("motion and ghosting are what NumPy's transforms make of the same k-space")
  func spectra() throws {
    for item in try Self.fixture.get().spectra {
      let length = item.size[item.axis]
      let spectrum =
        if let moves = item.moves {
          Motion.spectrum(length: length, moves: moves.map { ($0[0], $0[1]) })
        } else {
          Ghosting.spectrum(
            length: length, count: try #require(item.count),
            strength: try #require(item.strength), kept: try #require(item.kept))
        }
      let zero = try #require(item.values.min())
      let found = changed(item.values) { patch, range in
        LineOperator(spectrum).apply(
          to: &patch, range, size: item.size, axis: item.axis, offset: zero)
      }
      #expect(worst(found, item.expected) < 5e-6, "\(item.kind) \(item.size)")
      #expect(worst(found, item.values) > 0.1)
    }
  }

  @Test("a bias field is TorchIO's")
  func biasField() throws {
    for item in try Self.fixture.get().fields {
      let found = changed(item.values) { patch, range in
        let polynomial = BiasField.Polynomial(order: item.order, item.coefficients)
        polynomial.multiply(&patch, range, size: item.size, zero: item.values.min() ?? 0)
      }
      let scale = item.expected.map(abs).max() ?? 1
      #expect(worst(found, item.expected) < 2e-6 * scale, "\(item.size)")
    }
  }

  @Test("gamma is MONAI's, inverted and with kept statistics too")
  func gamma() throws {
    for item in try Self.fixture.get().gammas {
      let change = Gamma(
        probability: 1, exponent: [item.exponent, item.exponent], invert: item.invert,
        retainStatistics: item.retain)
      var values = item.values
      var stream = RandomStream(seed: 1, "test")
      var span = values.mutableSpan
      change.apply(
        to: &span, grid: PatchGrid(channels: 1, size: item.size), stream: &stream)
      // MONAI adds 1e-7 to the range.
      #expect(worst(values, item.expected) < 1e-5, "\(item.exponent)")
    }
  }

  @Test("affine and elastic changes are one map_coordinates of SciPy, linear and cubic")
  func patches() throws {
    for item in try Self.fixture.get().patches {
      var transform = PatchTransform(size: item.size, spacing: [1, 1, 1])
      transform.compose(
        (0..<3).map { column in
          SIMD3(
            item.columns[3 * column], item.columns[3 * column + 1], item.columns[3 * column + 2])
        })
      transform.displace(
        by: DisplacementField(size: item.size, spacing: item.spacing, vectors: item.vectors))
      // The shift is one in the volume: undo the columns.
      transform.translate(
        try #require(solve(transform.columns, SIMD3(item.shift[0], item.shift[1], item.shift[2]))))
      let count = item.size.reduce(1, *)
      var image = [Float](repeating: .nan, count: 2 * count)
      var labels = [UInt8](repeating: 99, count: count)
      let interpolation = PatchInterpolation(
        shape: item.shape, size: item.size, channels: 2, origin: item.origin, transform: transform,
        imageInterpolation: item.order == 3 ? .cubic : .linear, labelInterpolation: .linear)
      var imageSpan = image.mutableSpan
      var labelSpan = labels.mutableSpan
      interpolation.fill(
        image: item.values.span, labels: item.labels.span, imageOutput: &imageSpan,
        labelOutput: &labelSpan)
      #expect(worst(image, item.image) < 1e-5, "order \(item.order), \(item.shape)")
      #expect(
        zip(labels, item.winners).allSatisfy { $1 == 255 || $0 == $1 },
        "order \(item.order), \(item.shape)")
    }
  }

  /// The solution of columns · x = b by Cramer's rule.
  private func solve(_ columns: [SIMD3<Double>], _ b: SIMD3<Double>) -> SIMD3<Double>? {
    func determinant(_ c: [SIMD3<Double>]) -> Double {
      let cross = SIMD3(
        c[1].y * c[2].z - c[1].z * c[2].y, c[1].z * c[2].x - c[1].x * c[2].z,
        c[1].x * c[2].y - c[1].y * c[2].x)
      return (c[0] * cross).sum()
    }
    let whole = determinant(columns)
    guard abs(whole) > 1e-9 else { return nil }
    var result = SIMD3<Double>.zero
    for axis in 0..<3 {
      var replaced = columns
      replaced[axis] = b
      result[axis] = determinant(replaced) / whole
    }
    return result
  }
}
