internal import CPNG

/// Pictures through libpng.
enum PNGCodec {
  /// What a file's header says.
  struct Header: Equatable {
    var width: Int
    var height: Int
    var color: PNGImage.Color
    /// Bits a sample as it comes out: 8 or 16.
    var depth: Int

    /// Bytes of all samples; the sides are limited to 2^20 each.
    var size: Int { width * height * color.rawValue * (depth / 8) }
  }

  /// The header of the PNG file `content`.
  ///
  /// - Throws: ``VolumeError`` about `name` where it is none, or can hold no such picture.
  static func header(_ content: [UInt8], name: String) throws -> Header {
    var info = segmpi_png_info()
    let status = unsafe content.withUnsafeBufferPointer {
      unsafe segmpi_png_read($0.baseAddress, $0.count, &info, nil, 0)
    }
    guard status == 0 else { throw failure(words(of: info), name) }
    let color = info.color
    let isIndexed = color & PNG_COLOR_MASK_PALETTE != 0
    return Header(
      width: Int(info.width), height: Int(info.height),
      color: color & PNG_COLOR_MASK_COLOR != 0 && !isIndexed ? .rgb : .gray,
      depth: info.depth == 16 ? 16 : 8)
  }

  /// Reads the PNG file `content`.
  ///
  /// - Throws: ``VolumeError`` about `name`.
  static func decode(_ content: [UInt8], name: String) throws -> PNGImage {
    let header = try header(content, name: name)
    // Samples of one bit come out as eight, and deflate expands at most 1032-fold.
    guard header.size / (8 * 1032) <= content.count else {
      throw failure("its data cannot hold \(header.width) x \(header.height) pixels", name)
    }
    var info = segmpi_png_info()
    var status: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: header.size) { target, count in
      unsafe target.initialize(repeating: 0)
      status = unsafe content.withUnsafeBufferPointer {
        unsafe segmpi_png_read(
          $0.baseAddress, $0.count, &info, target.baseAddress, target.count)
      }
      count = target.count
    }
    guard status == 0 else { throw failure(words(of: info), name) }
    return PNGImage(
      width: header.width, height: header.height, color: header.color, depth: header.depth,
      bytes: bytes)
  }

  /// The PNG file of `image`.
  static func encode(_ image: PNGImage) throws -> [UInt8] {
    guard image.width <= 1 << 20, image.height <= 1 << 20 else {
      throw VolumeError(
        .setting, "a picture of \(image.width) x \(image.height) pixels",
        "is too large for PNG here (2^20 a side at most); make it smaller")
    }
    var info = segmpi_png_info()
    var sink = unsafe segmpi_png_sink()
    defer { unsafe segmpi_png_free(&sink) }
    let color = image.color == .gray ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB
    let status = unsafe image.bytes.withUnsafeBufferPointer {
      unsafe segmpi_png_write(
        $0.baseAddress, UInt32(image.width), UInt32(image.height), color, Int32(image.depth),
        &info, &sink)
    }
    guard status == 0 else {
      throw VolumeError(
        .setting, "a picture",
        "cannot be written as PNG (\(words(of: info))); make it smaller")
    }
    return unsafe [UInt8](UnsafeBufferPointer(start: sink.bytes, count: sink.count))
  }

  /// What libpng said.
  private static func words(of info: borrowing segmpi_png_info) -> String {
    unsafe withUnsafeBytes(of: info.message) { message in
      unsafe String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private static func failure(_ words: String, _ name: String) -> VolumeError {
    VolumeError(
      .damaged, name, "cannot be read as PNG (\(words)); copy it again, or export it anew")
  }
}
