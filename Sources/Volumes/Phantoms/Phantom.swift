internal import CounterRandom

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Makes images like MR scans of the proximal femur, and their segmentations: for demonstrations and
/// tests, where no data of patients may lie.
///
/// A patient has a shape, a grade of bone loss (the stratum: it thins the cortex) and a side; each
/// patient is scanned twice, in another pose, with another gain, bias field and noise (Rician).
/// Voxels on a border hold a mixture. The anatomy is scaled so that it fills the field of view.
/// Everything is a function of the settings and the subject's number.
public struct Phantom: Codable, Sendable, Equatable {
  /// The extents (D, H, W) of the canonical grid ([56, 36, 56]).
  public var shape: [Int]
  /// The voxel size (mm); thick in the second axis, like coronal slices ([2, 2.8, 2]).
  public var spacing: [Double]
  /// The standard deviation of noise, as a part of the marrow's intensity (0.05).
  public var noise: Float
  /// How strongly sensitivity varies over the picture, as a part (0.25).
  public var bias: Float
  /// How the array axes of the written files run ("RAS").
  public var orientation: String
  /// The seed of everything (1).
  public var seed: UInt64

  /// The settings, each with its default.
  public init(
    shape: [Int] = [56, 36, 56], spacing: [Double] = [2, 2.8, 2], noise: Float = 0.05,
    bias: Float = 0.25, orientation: String = "RAS", seed: UInt64 = 1
  ) {
    self.shape = shape
    self.spacing = spacing
    self.noise = noise
    self.bias = bias
    self.orientation = orientation
    self.seed = seed
  }

  /// Refuses settings that make no sense.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    guard shape.count == 3, shape.allSatisfy({ (4...1024).contains($0) }) else {
      throw VolumeError(
        .setting, "phantom.shape", "is \(shape), but must be three extents from 4 to 1024")
    }
    guard spacing.count == 3, spacing.allSatisfy({ $0 >= 0.01 && $0 <= 100 }) else {
      throw VolumeError(
        .setting, "phantom.spacing", "is \(spacing), but must be three sizes from 0.01 to 100 mm")
    }
    guard (0...1).contains(noise), (0...1).contains(bias) else {
      throw VolumeError(.setting, "phantom.noise and bias", "must be from 0 to 1")
    }
    _ = try Orientation(code: orientation)
  }

  /// One scan.
  public struct Subject: Sendable {
    /// Such as "patient001_t1".
    public let id: String
    /// The patient, who is scanned twice: folds must not part the two.
    public let group: String
    /// The grade of bone loss: "normal", "osteopenia" or "osteoporosis".
    public let stratum: String
    /// The image, one channel.
    public let image: Volume
    /// The labels: 1 femur (shaft, trochanters, neck), 2 head.
    public let labels: LabelVolume
  }

  /// The names of the labels, 0 first.
  public static let labelNames = ["background", "femur", "head"]

  private static let grades: [(name: String, cortex: Double, marrow: Float)] = [
    ("normal", 4.5, 0.9), ("osteopenia", 3.2, 1.0), ("osteoporosis", 2.2, 1.1),
  ]

  /// Makes subject number `index` (from 0): patient `index / 2`, time point `index % 2`.
  ///
  /// - Throws: ``VolumeError`` for settings that make no sense.
  public func subject(_ index: Int) throws -> Subject {
    try validate()
    precondition(index >= 0, "subjects count from 0")
    let (patient, visit) = index.quotientAndRemainder(dividingBy: 2)
    let grade = Self.grades[patient % Self.grades.count]
    var shaping = RandomStream(seed: seed, "phantom.patient", patient)
    let anatomy = anatomy(cortex: grade.cortex, stream: &shaping)
    let isLeft = shaping.uniform() < 0.5
    var scanning = RandomStream(seed: seed, "phantom.visit", patient, visit)
    let pose = Pose(
      phantom: self, patientScale: shaping.between(0.93, 1.05), isLeft: isLeft,
      stream: &scanning)
    let (image, labels) = render(
      anatomy, pose: pose, marrow: grade.marrow, stream: &scanning)
    let (id, group) = Self.name(of: index)
    let target = try Orientation(code: orientation)
    return Subject(
      id: id, group: group, stratum: grade.name,
      image: image.oriented(to: target), labels: labels.oriented(to: target))
  }

  /// The id of subject number `index`, and its patient.
  static func name(of index: Int) -> (id: String, group: String) {
    let (patient, visit) = index.quotientAndRemainder(dividingBy: 2)
    let number = String(patient + 1)
    let group = "patient" + String(repeating: "0", count: max(0, 3 - number.count)) + number
    return ("\(group)_t\(visit + 1)", group)
  }

  private func anatomy(cortex: Double, stream: inout RandomStream) -> FemurAnatomy {
    // The angle between shaft and neck is about 127 degrees; the neck points a little forward.
    let angle = stream.between(32, 44) * .pi / 180
    let forward = stream.between(6, 20) * .pi / 180
    let length = stream.between(47, 56)
    let flat = length * cos(angle)
    return FemurAnatomy(
      headCenter: SIMD3(-flat * cos(forward), flat * sin(forward), length * sin(angle)),
      headRadius: stream.between(21, 25), neckRadius: stream.between(12, 15),
      shaftRadius: stream.between(12, 15), trochanterRadius: stream.between(14, 18),
      cortex: cortex)
  }

  /// The grid in the canonical orientation, its middle at the origin of space.
  private var geometry: Geometry {
    let size = SIMD3(spacing[0], spacing[1], spacing[2])
    let middle = SIMD3(Double(shape[0] - 1), Double(shape[1] - 1), Double(shape[2] - 1)) / 2
    return Geometry(shape: shape, affine: Affine(spacing: size, origin: -middle * size))
  }

  /// Fills the grid: tissue from 2x2x2 points a voxel, then bias, gain and noise.
  private func render(
    _ anatomy: FemurAnatomy, pose: Pose, marrow: Float, stream: inout RandomStream
  ) -> (image: Volume, labels: LabelVolume) {
    let geometry = geometry
    let texture = PhantomTexture(stream: &stream)
    let field = PhantomBias(strength: bias, stream: &stream)
    let gain = Float(stream.between(300, 1500))
    var draws = [Float](repeating: 0, count: 2 * geometry.count)
    var drawing = draws.mutableSpan
    stream.fillNormal(&drawing)

    var image = [Float](repeating: 0, count: geometry.count)
    var labels = [UInt8](repeating: 0, count: geometry.count)
    let half = SIMD3(spacing[0], spacing[1], spacing[2]) / 4
    var place = 0
    for d in 0..<shape[0] {
      for h in 0..<shape[1] {
        for w in 0..<shape[2] {
          let center = geometry.affine(SIMD3(Double(d), Double(h), Double(w)))
          let variation = texture(pose.toFemur(center))
          var sum: Float = 0
          var counts = (femur: 0, head: 0)
          for corner in 0..<8 {
            let offset = SIMD3(
              corner & 4 == 0 ? -half.x : half.x, corner & 2 == 0 ? -half.y : half.y,
              corner & 1 == 0 ? -half.z : half.z)
            let point = pose.toFemur(center + offset)
            let (head, femur) = anatomy.distances(point)
            let socket = anatomy.socketDistance(point, headDistance: head)
            sum += Self.tissue(
              bone: min(head, femur), head: head, socket: socket, cortex: anatomy.cortex,
              marrow: marrow, variation: variation)
            if head < 0 { counts.head += 1 } else if femur < 0 { counts.femur += 1 }
          }
          if counts.head + counts.femur >= 4 { labels[place] = counts.head >= counts.femur ? 2 : 1 }
          let relative = SIMD3(
            Float(2 * d) / Float(shape[0] - 1) - 1, Float(2 * h) / Float(shape[1] - 1) - 1,
            Float(2 * w) / Float(shape[2] - 1) - 1)
          let signal = sum / 8 * field(relative)
          let (real, imaginary) = (signal + noise * draws[2 * place], noise * draws[2 * place + 1])
          image[place] = (gain * (real * real + imaginary * imaginary).squareRoot()).rounded()
          place += 1
        }
      }
    }
    return (
      Volume(voxels: image, geometry: geometry), LabelVolume(voxels: labels, geometry: geometry)
    )
  }

  /// The intensity of a point, given its distances (mm) to borders; muscle is 0.4, marrow about 1.
  private static func tissue(
    bone: Double, head: Double, socket: Double, cortex: Double, marrow: Float, variation: Float
  ) -> Float {
    if bone < 0 { return bone > -cortex ? 0.12 : marrow * (1 + 0.5 * variation) }
    if socket < 0 { return socket > -1.5 ? 0.12 : 0.85 * (1 + 0.5 * variation) }
    return head < 4 ? 0.55 : 0.4 * (1 + variation)
  }
}

extension RandomStream {
  /// A number between `low` and `high`.
  mutating func between(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(uniform())
  }
}
