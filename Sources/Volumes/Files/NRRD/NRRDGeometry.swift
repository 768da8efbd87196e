extension NRRDHeader {
  /// What the axes of an NRRD file are, in the order of the file.
  struct Axes {
    /// The numbers of the axes of space, the fastest first.
    var spatial: [Int]
    /// The number of the axis of channels.
    var channel: Int?
    /// The grid.
    var geometry: Geometry
    var channels: Int
    var order: VoxelOrder
    var notes: [VolumeNote]
  }

  /// Kinds of axes along which numbers are no samples by themselves.
  private static let refused = ["complex", "quaternion", "matrix", "masked"]

  /// The axes.
  ///
  /// An axis of channels is one whose direction is `none` or whose kind is not of space; without either,
  /// it is the fourth.
  ///
  /// - Throws: ``VolumeError``.
  func axes() throws -> Axes {
    let sizes = try extents()
    let directions = try directions(sizes.count)
    let kinds = try perAxis("kinds", sizes.count)?.map { $0.lowercased() }
    for kind in kinds ?? [] where Self.refused.contains(where: kind.contains) {
      throw VolumeError(
        .unsupported, path,
        "holds numbers of the kind \(kind), not intensities; convert it to a scalar map")
    }
    let isSpatial = (0..<sizes.count).map { axis in
      if let directions { return directions[axis] != nil }
      if let kinds { return ["domain", "space", "?", "???"].contains(kinds[axis]) }
      return axis < 3
    }
    // A fourth axis of space can but be channels or time.
    let spatial = Array((0..<sizes.count).filter { isSpatial[$0] }.prefix(3))
    let others = (0..<sizes.count).filter { !spatial.contains($0) && sizes[$0] > 1 }
    guard !spatial.isEmpty, others.count <= 1 else {
      let shape = sizes.map(String.init).joined(separator: "x")
      throw VolumeError(
        .unsupported, path,
        "has the shape \(shape), \(spatial.count) axes of space and \(others.count) others; one of "
          + "channels is allowed, split it into several files")
    }
    let channel = others.first
    let order: VoxelOrder
    switch channel {
    case nil: order = .planar
    case let axis? where spatial.allSatisfy { $0 > axis }: order = .interleaved
    case let axis? where spatial.allSatisfy { $0 < axis || sizes[$0] == 1 }: order = .planar
    default:
      throw VolumeError(
        .unsupported, path,
        "has its channels between axes of space; move them to the first axis, with teem's unu permute "
          + "for instance")
    }
    let (affine, notes) = try placement(spatial, directions)
    guard affine.isInvertible else {
      throw VolumeError(
        .geometry, path,
        "has space directions that are not an invertible transform to millimeters; set them anew")
    }
    let shape = spatial.map { sizes[$0] } + [1, 1]
    return Axes(
      spatial: spatial, channel: channel,
      geometry: Geometry(shape: Array(shape[..<3]), affine: affine),
      channels: channel.map { sizes[$0] } ?? 1, order: order, notes: notes)
  }

  private func extents() throws -> [Int] {
    let text = try required("dimension")
    guard let dimension = Int(text), (1...16).contains(dimension) else {
      throw malformed("dimension", text)
    }
    let sizes = try required("sizes")
    guard let extents = HeaderText.integers(sizes), extents.count == dimension,
      extents.allSatisfy({ $0 >= 1 })
    else { throw malformed("sizes", sizes) }
    guard EncodedVolume.count(extents) != nil else {
      throw VolumeError(
        .unsupported, path,
        "declares more than \(EncodedVolume.maximumCount) voxels; crop it first")
    }
    return extents
  }

  /// The words of a field that has one for each axis.
  private func perAxis(_ name: String, _ count: Int) throws -> [Substring]? {
    guard let text = fields[name] else { return nil }
    let words = HeaderText.words(text)
    guard words.count == count else { throw malformed(name, text) }
    return words
  }

  /// The space directions as they are in the file, nil for an axis without one; nil where the field is
  /// absent.
  private func directions(_ count: Int) throws -> [SIMD3<Double>?]? {
    guard let vectors = vectors("spacedirections") else { return nil }
    guard vectors.count == count else {
      throw malformed("space directions", fields["spacedirections"] ?? "")
    }
    return try vectors.map { vector in
      if vector.lowercased() == "none" { return nil }
      let numbers = try numbers(vector, "space directions")
      return numbers.allSatisfy(\.isNaN) ? nil : SIMD3(numbers[0], numbers[1], numbers[2])
    }
  }

  /// Three numbers; the third is 0 where space has two dimensions.
  private func numbers(_ vector: Substring, _ name: String) throws -> [Double] {
    guard let numbers = Self.numbers(vector), (2...3).contains(numbers.count) else {
      throw malformed(name, vector)
    }
    return numbers.count == 3 ? numbers : numbers + [numbers.allSatisfy(\.isNaN) ? .nan : 0]
  }

  /// The map to RAS+, and what was assumed.
  private func placement(
    _ spatial: [Int], _ directions: [SIMD3<Double>?]?
  ) throws -> (Affine, notes: [VolumeNote]) {
    var notes: [VolumeNote] = []
    var columns: [SIMD3<Double>]
    if let directions {
      columns = spatial.compactMap { directions[$0] }
    } else {
      let spacings = try fields["spacings"].map { text in
        guard let spacings = HeaderText.numbers(text), spacings.count > spatial[spatial.count - 1]
        else { throw malformed("spacings", text) }
        return spacings
      }
      if spatial.contains(where: { spacings?[$0].isNaN ?? true }) {
        notes.append(
          VolumeNote(
            .spacing,
            spacings == nil
              ? "it has no spacing: 1 mm is assumed"
              : "it has no spacing along every axis: 1 mm is assumed"))
      }
      columns = spatial.enumerated().map { place, axis in
        var column = SIMD3<Double>.zero
        let spacing = spacings?[axis] ?? 1
        column[place] = spacing.isNaN ? 1 : spacing
        return column
      }
    }
    var origin = SIMD3<Double>.zero
    if let text = fields["spaceorigin"] {
      let numbers = try numbers(Substring(text), "space origin")
      // Without an origin, pynrrd writes NaN.
      if !numbers.contains(where: \.isNaN) { origin = SIMD3(numbers[0], numbers[1], numbers[2]) }
    }
    let affine = Affine(someColumns: columns, origin: origin)
    switch fields["space"]?.lowercased() {
    case "left-posterior-superior", "lps": return (affine.changingLPS, notes)
    case "right-anterior-superior", "ras": return (affine, notes)
    case "left-anterior-superior", "las":
      return (Affine(rows: [0 - affine.rows[0], affine.rows[1], affine.rows[2]]), notes)
    case let other?
    where ["scanner-xyz", "3d-right-handed", "3d-left-handed"].contains(other):
      return (
        affine.changingLPS,
        notes + [
          VolumeNote(
            .directions,
            "its space is \"\(other)\": left-posterior-superior is assumed, as ITK assumes")
        ]
      )
    case nil:
      return (
        affine.changingLPS,
        notes + [
          VolumeNote(
            .directions,
            "it does not name its space: left-posterior-superior is assumed, as ITK assumes")
        ]
      )
    case let other?:
      throw VolumeError(
        .unsupported, path,
        "lies in the space \"\(other.prefix(80))\"; export it as left-posterior-superior")
    }
  }
}
