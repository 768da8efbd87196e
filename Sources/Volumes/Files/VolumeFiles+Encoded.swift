extension VolumeFiles {
  /// Reads a file as it stores its voxels: header and bytes together, for programs that look at
  /// both.
  ///
  /// - Throws: ``VolumeError``.
  public static func readEncoded(
    _ path: String, in files: any FileSource = Disk()
  ) throws -> EncodedVolume {
    try format(reading: path, in: files).read(path, headerOnly: false, in: files)
  }
}

extension EncodedVolume {
  /// The values as an image, NaN and infinity as they are; the bytes must have been read.
  public func decoded() throws -> Volume { try image(finite: false) }
}
