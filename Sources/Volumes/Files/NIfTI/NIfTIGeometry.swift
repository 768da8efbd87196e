extension NIfTIHeader {
  /// The affine map by nibabel's precedence: the sform where its code is positive, else the qform
  /// where its code is, else voxel sizes alone.
  ///
  /// Units of length (`xyzt_units`) are taken for millimeters, whatever they say, as nibabel
  /// takes them.
  ///
  /// - Throws: a sentence of what is wrong with the transform that counts.
  func affine(shape: [Int]) throws(NIfTIFault) -> Affine {
    let map: Affine
    let name: String
    if real(.sformCode) > 0 {
      map = sform
      name = "sform"
    } else if real(.qformCode) > 0 {
      map = try qform()
      name = "qform"
    } else {
      map = fallback(shape: shape)
      name = "voxel size (pixdim)"
    }
    guard map.isInvertible else {
      throw NIfTIFault(
        .geometry,
        "the \(name) is not an invertible transform to millimeters; set it anew, for instance with "
          + "nibabel's set_sform")
    }
    return map
  }

  /// What ``affine(shape:)`` had to assume about the grid that it gave.
  func notes(on geometry: Geometry) -> [VolumeNote] {
    let rank = integer(.dim) ?? 3
    let (hasSform, hasQform) = (real(.sformCode) > 0, real(.qformCode) > 0)
    var notes: [VolumeNote] = []
    if !hasSform {
      let unsized = (1...min(rank, 3)).filter {
        real(.pixdim, $0) == 0 && geometry.shape[$0 - 1] > 1
      }
      if !unsized.isEmpty {
        notes.append(
          VolumeNote(
            .spacing,
            "its voxel size (pixdim) is 0 along axis \(unsized.map(String.init).joined(separator: ", "))"
              + ": 1 mm is assumed"))
      }
    }
    if !hasSform && !hasQform {
      notes.append(
        VolumeNote(
          .directions,
          "it has neither sform nor qform, so voxel sizes (pixdim) alone: axes to the left, anterior "
            + "and superior are assumed, with the middle of the grid at 0, as nibabel assumes"))
    } else if hasSform && hasQform, let qform = try? qform(),
      let distance = geometry.cornerDisagreement(
        with: Geometry(shape: geometry.shape, affine: qform)),
      distance > 0.1 * (geometry.spacing.min() ?? 0)
    {
      notes.append(
        VolumeNote(
          .directions,
          "its sform and qform lie \((distance * 100).rounded() / 100) mm apart (the farthest corner): "
            + "the sform is taken, as nibabel takes it"))
    }
    return notes
  }

  /// The rows of the sform as they stand.
  var sform: Affine {
    Affine(
      rows: (0..<3).map { row in
        SIMD4(
          real(.srow, 4 * row), real(.srow, 4 * row + 1), real(.srow, 4 * row + 2),
          real(.srow, 4 * row + 3))
      })
  }

  /// The rotation of the quaternion, times voxel sizes, with the third axis reversed where
  /// pixdim[0] is negative ("method 2" of nifti1.h).
  func qform() throws(NIfTIFault) -> Affine {
    let (b, c, d) = (real(.quaternion, 0), real(.quaternion, 1), real(.quaternion, 2))
    let square = 1 - (b * b + c * c + d * d)
    let tolerance = 3 * (version == 1 ? Double(Float.ulpOfOne) : Double.ulpOfOne)
    guard square > -tolerance else {
      throw NIfTIFault(
        .geometry,
        "the qform's quaternion (\(b), \(c), \(d)) is longer than 1; set the qform anew, for "
          + "instance with nibabel's set_qform")
    }
    let a = abs(square) < tolerance ? 0 : square.squareRoot()
    // Normalized, as rounding may leave the quaternion a little off the unit sphere.
    let s = 2 / (a * a + b * b + c * c + d * d)
    let handedness: Double = real(.pixdim, 0) == -1 ? -1 : 1
    let sizes = spatialSizes
    return Affine(
      columns: [
        SIMD3(1 - s * (c * c + d * d), s * (b * c + a * d), s * (b * d - a * c)) * sizes[0],
        SIMD3(s * (b * c - a * d), 1 - s * (b * b + d * d), s * (c * d + a * b)) * sizes[1],
        SIMD3(s * (b * d + a * c), s * (c * d - a * b), 1 - s * (b * b + c * c)) * sizes[2]
          * handedness,
      ],
      origin: SIMD3(real(.qoffset, 0), real(.qoffset, 1), real(.qoffset, 2)))
  }

  /// Voxel sizes alone: the first axis runs to the left (the convention of Analyze), the center of
  /// the grid lies at 0.
  private func fallback(shape: [Int]) -> Affine {
    let sizes = spatialSizes
    let columns = [SIMD3(-sizes[0], 0, 0), SIMD3(0, sizes[1], 0), SIMD3(0, 0, sizes[2])]
    let center = (0..<3).map { columns[$0] * (Double(shape[$0] - 1) / 2) }
    return Affine(columns: columns, origin: -(center[0] + center[1] + center[2]))
  }

  /// pixdim[1...3], mended as nibabel mends them: 0 (and absent axes) to 1, negative to positive.
  private var spatialSizes: [Double] {
    let rank = integer(.dim) ?? 3
    return (1...3).map { axis in
      let size = abs(real(.pixdim, axis))
      return size == 0 || axis > rank ? 1 : size
    }
  }

  /// Places the grid anew: the sform is `affine`; the qform is the same where it can be (a rotation
  /// and voxel sizes), else absent.
  mutating func place(_ affine: Affine) {
    let sizes = affine.spacing
    for row in 0..<3 {
      for column in 0..<4 { set(.srow, 4 * row + column, to: affine.rows[row][column]) }
    }
    set(.sformCode, to: 2)
    for axis in 0..<3 { set(.pixdim, axis + 1, to: sizes[axis]) }
    var columns = zip(affine.columns, sizes).map { $0 / $1 }
    let handedness: Double = affine.determinant < 0 ? -1 : 1
    columns[2] *= handedness
    set(.pixdim, 0, to: handedness)
    let isRotation = (0..<3).allSatisfy { first in
      (0..<first).allSatisfy { abs((columns[first] * columns[$0]).sum()) < 1e-5 }
    }
    guard isRotation else {
      set(.qformCode, to: 0)
      return
    }
    let quaternion = Self.quaternion(columns)
    for index in 0..<3 {
      set(.quaternion, index, to: quaternion[index])
      set(.qoffset, index, to: affine.origin[index])
    }
    set(.qformCode, to: 2)
  }

  /// The (b, c, d) of the unit quaternion with a ≥ 0 of the rotation with the given columns
  /// (Shepperd's choice of the largest divisor, J. Guidance and Control 1978).
  private static func quaternion(_ columns: [SIMD3<Double>]) -> SIMD3<Double> {
    func r(_ row: Int, _ column: Int) -> Double { columns[column][row] }
    let (xx, yy, zz) = (r(0, 0), r(1, 1), r(2, 2))
    // Four times the squares of a, b, c, d.
    let squares = [1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz]
    let largest = squares.indices.max { squares[$0] < squares[$1] } ?? 0
    let divisor = 2 * squares[largest].squareRoot()
    let a: Double
    var result: SIMD3<Double>
    switch largest {
    case 0:
      a = squares[0] / divisor
      result = SIMD3(r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1)) / divisor
    case 1:
      a = (r(2, 1) - r(1, 2)) / divisor
      result = SIMD3(squares[1], r(0, 1) + r(1, 0), r(0, 2) + r(2, 0)) / divisor
    case 2:
      a = (r(0, 2) - r(2, 0)) / divisor
      result = SIMD3(r(0, 1) + r(1, 0), squares[2], r(1, 2) + r(2, 1)) / divisor
    default:
      a = (r(1, 0) - r(0, 1)) / divisor
      result = SIMD3(r(0, 2) + r(2, 0), r(1, 2) + r(2, 1), squares[3]) / divisor
    }
    if a < 0 { result = -result }
    return result
  }
}

/// A fault in a header, before the file's name is known.
struct NIfTIFault: Error {
  let kind: VolumeError.Kind
  let reason: String

  init(_ kind: VolumeError.Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }

  func at(_ path: String) -> VolumeError { VolumeError(kind, path, reason) }
}
