/// A picture: gray or RGB samples of 8 or 16 bits, and their way into and out of PNG.
public struct PNGImage: Sendable, Equatable {
  /// What a pixel consists of.
  public enum Color: Int, Sendable {
    /// One sample.
    case gray = 1
    /// Red, green and blue.
    case rgb = 3
  }

  /// Pixels a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// What a pixel consists of.
  public let color: Color
  /// Bits a sample: 8 or 16.
  public let depth: Int
  /// The samples: rows from top to bottom, pixels from left to right, the samples of a pixel side by
  /// side; samples of 16 bits with the most significant byte first.
  public let bytes: [UInt8]

  /// A picture of `bytes`, `height` rows of `width` pixels.
  public init(width: Int, height: Int, color: Color = .gray, depth: Int = 8, bytes: [UInt8]) {
    precondition(depth == 8 || depth == 16, "a sample has 8 or 16 bits")
    precondition(
      width > 0 && height > 0 && bytes.count == width * height * color.rawValue * (depth / 8),
      "the bytes do not fill the picture")
    self.width = width
    self.height = height
    self.color = color
    self.depth = depth
    self.bytes = bytes
  }

  /// Reads a PNG file's content; `name` is the file's, for messages.
  ///
  /// Samples come as they are stored, whatever gamma the file names: a palette's as indices, those of
  /// fewer than 8 bits as bytes of the same value; transparency is left out.
  ///
  /// - Throws: ``VolumeError``.
  public init(png content: [UInt8], named name: String) throws {
    self = try PNGCodec.decode(content, name: name)
  }

  /// The picture as a PNG file's content; equal pictures give equal bytes with one libpng and zlib.
  ///
  /// - Throws: ``VolumeError`` for a side of more than 2^20 pixels.
  public func png() throws -> [UInt8] { try PNGCodec.encode(self) }

  /// Writes the picture to the file `path`, whole or not at all.
  ///
  /// - Throws: ``VolumeError``.
  public func write(to path: String) throws {
    try FileAccess.writeAtomically(png(), to: path)
  }
}
