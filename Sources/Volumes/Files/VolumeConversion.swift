/// A volume, copied from one format to another.
public struct VolumeConversion: Sendable, Equatable {
  /// The grid that was written.
  public let geometry: Geometry
  /// The number of channels.
  public let channels: Int
  /// How a voxel is stored now.
  public let element: ElementType
  /// What had to be assumed because the input does not say it, what is unusual about its grid, and what
  /// the output cannot hold: a sentence each, that starts with the file.
  public let notes: [String]

  /// Copies the volume at `input` to the file `output`, whose ending says the format.
  ///
  /// Voxels are stored as `element`, or as in the input; where that scales its integers, as float32.
  /// Integers beyond 2^53 are rounded. `spacing` (mm, along the
  /// array axes) takes the place of the input's; without it the geometry is kept, bit for bit where both
  /// files are of one format.
  ///
  /// - Throws: ``VolumeError``.
  public init(
    _ input: String, to output: String, as element: ElementType? = nil, spacing: [Double]? = nil
  ) throws {
    guard !FileAccess.areSame(input, output) else {
      throw VolumeError(
        .setting, output, "is the input itself, which would be lost; name another output")
    }
    let encoded = try VolumeFiles.format(reading: input)
      .read(input, headerOnly: false, in: Disk())
    let isScaled = encoded.slope != 1 || encoded.intercept != 0
    let kept: ElementType = isScaled && encoded.element != .float64 ? .float32 : encoded.element
    self.element = element ?? kept
    var geometry = encoded.geometry
    if let spacing {
      guard spacing.count == 3, spacing.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw VolumeError(.setting, "spacing", "is not three positive numbers; write 0.5,0.5,2")
      }
      let columns = zip(zip(geometry.affine.columns, geometry.spacing), spacing).map {
        $0.0 * ($1 / $0.1)
      }
      geometry = Geometry(
        shape: geometry.shape,
        affine: Affine(columns: columns, origin: geometry.affine.origin))
    }
    self.geometry = geometry
    channels = encoded.channels
    let told = encoded.allNotes.filter { spacing == nil || $0.subject != .spacing }
    var notes = told.map { "\(input): \($0.words)" }
    let target = try VolumeFiles.format(of: output)
    if [NPYFormat().name, PNGFormat().name].contains(target.name),
      encoded.source.format != target.name
    {
      notes.append(
        "\(output): holds no geometry, neither voxel size nor directions; .npz keeps them")
    }
    self.notes = notes
    try VolumeFiles.write(
      VolumeContent(
        values: .numbers(try encoded.decode({ value, _ in value }, filler: 0)), channels: channels,
        geometry: geometry, source: encoded.source),
      to: output, as: self.element)
  }
}
