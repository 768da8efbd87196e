extension NIfTIHeader {
  /// What the header says about the volume; the path is still empty.
  func describe(single: Bool, source: String) throws(NIfTIFault) -> EncodedVolume {
    switch arrangement {
    case .single where single, .pair where !single: break
    case .single:
      throw NIfTIFault(
        .malformed, "is one part of a pair by name, but a single file by its magic; name it .nii")
    case .pair:
      throw NIfTIFault(
        .malformed, "is a single file by name, but one part of a pair by its magic; name it .hdr")
    case nil:
      throw NIfTIFault(
        .unsupported,
        "has no NIfTI magic (Analyze 7.5 does not say which side is left); export it as NIfTI")
    }
    let element = try elementType()
    let (shape, channels) = try extents(element)
    let geometry = Geometry(shape: shape, affine: try affine(shape: shape))
    let (slope, intercept) = try scaling()
    return EncodedVolume(
      path: "", geometry: geometry, channels: channels, element: element, bigEndian: bigEndian,
      slope: slope, intercept: intercept, bytes: [],
      source: SourceHeader(format: source, bytes: bytes), notes: notes(on: geometry))
  }

  /// Where the voxels start in their file.
  func dataOffset(single: Bool) throws(NIfTIFault) -> Int {
    let least = single ? singleOffset : 0
    guard let offset = integer(.dataOffset), offset == 0 || offset >= least else {
      throw NIfTIFault(
        .malformed,
        "says that its voxels start at byte \(real(.dataOffset)), which is inside the header or no "
          + "whole number; export it again")
    }
    return max(offset, least)
  }

  private func elementType() throws(NIfTIFault) -> ElementType {
    let code = integer(.datatype) ?? 0
    if let element = Self.elements[code] { return element }
    if let name = Self.refused[code] {
      throw NIfTIFault(
        .unsupported, "holds \(name), not one number a voxel; convert it to an integer or float32")
    }
    throw NIfTIFault(.malformed, "has the unknown data type \(code); export it again")
  }

  private static let elements: [Int: ElementType] = [
    2: .uint8, 4: .int16, 8: .int32, 16: .float32, 64: .float64, 256: .int8, 512: .uint16,
    768: .uint32, 1024: .int64, 1280: .uint64,
  ]

  private static let refused: [Int: String] = [
    1: "single bits", 32: "complex numbers (complex64)", 128: "colors (RGB24)",
    1536: "128-bit floating-point numbers", 1792: "complex numbers (complex128)",
    2048: "complex numbers (complex256)", 2304: "colors (RGBA32)",
  ]

  /// Extents (i, j, k) and the number of channels: one further dimension may exceed 1.
  private func extents(
    _ element: ElementType
  ) throws(NIfTIFault) -> (shape: [Int], channels: Int) {
    guard let rank = integer(.dim), (1...7).contains(rank) else {
      throw NIfTIFault(
        .malformed, "has \(integer(.dim) ?? 0) dimensions (1 to 7 expected); export it again")
    }
    var extents = [Int](repeating: 1, count: 7)
    var count = 1
    for axis in 1...rank {
      guard let extent = integer(.dim, axis), extent >= 1 else {
        throw NIfTIFault(
          .malformed,
          "has the extent \(integer(.dim, axis) ?? 0) along dimension \(axis); export it again")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= EncodedVolume.maximumCount else {
        throw NIfTIFault(
          .unsupported, "declares more than \(EncodedVolume.maximumCount) voxels; crop it first")
      }
      extents[axis - 1] = extent
      count = product
    }
    let further = extents[3...].filter { $0 > 1 }
    guard further.count <= 1 else {
      let shape = extents[..<rank].map(String.init).joined(separator: "x")
      throw NIfTIFault(
        .unsupported,
        "has the shape \(shape), more than three dimensions and channels; split it into several files"
      )
    }
    return (Array(extents[..<3]), further.first ?? 1)
  }

  /// Slope and intercept; a slope of 0, or not finite, means that there are none (as in nibabel).
  private func scaling() throws(NIfTIFault) -> (slope: Double, intercept: Double) {
    let slope = real(.slope)
    guard slope != 0 && slope.isFinite else { return (1, 0) }
    let intercept = real(.intercept)
    guard intercept.isFinite else {
      throw NIfTIFault(
        .malformed, "has the intercept \(intercept) (scl_inter); set it to a number, 0 for none")
    }
    return (slope, intercept)
  }

  // MARK: Writing

  /// The header for `content`: that of its source where it describes the same grid, so that its
  /// transforms, codes, voxel sizes and units stay bit for bit, else a new one.
  init(for content: VolumeContent, as element: ElementType, single: Bool) {
    let shape = content.geometry.shape
    let fits = shape.allSatisfy { $0 <= Int16.max } && content.channels <= Int16.max
    var header: NIfTIHeader
    if let source = content.source, source.format == "nifti",
      let template = NIfTIHeader(source.bytes), template.version == 2 || fits,
      let grid = try? template.describe(single: template.arrangement == .single, source: ""),
      grid.geometry == content.geometry
    {
      header = template
    } else {
      header = NIfTIHeader(version: fits ? 1 : 2)
      // Millimeters (2) and seconds (8).
      header.set(.units, to: 10)
      for axis in 4..<8 { header.set(.pixdim, axis, to: 1) }
      header.set(.dim, to: 3)
      header.place(content.geometry.affine)
    }
    // A template of lower rank may hold anything along the axes that it lacks.
    for axis in 1...3 where axis > header.integer(.dim) ?? 3 { header.set(.pixdim, axis, to: 1) }
    let extents = shape + [content.channels]
    header.set(.dim, to: content.channels > 1 ? 4 : 3)
    for axis in 1...7 { header.set(.dim, axis, to: axis <= 4 ? Double(extents[axis - 1]) : 1) }
    if let code = Self.elements.first(where: { $0.value == element })?.key {
      header.set(.datatype, to: Double(code))
    }
    header.set(.bitpix, to: Double(8 * element.size))
    header.set(.slope, to: 1)
    header.set(.intercept, to: 0)
    // The display range was the input's.
    header.set(.maximum, to: 0)
    header.set(.minimum, to: 0)
    header.mark(as: single ? .single : .pair)
    header.set(.dataOffset, to: single ? Double(header.singleOffset) : 0)
    self = header
  }
}
