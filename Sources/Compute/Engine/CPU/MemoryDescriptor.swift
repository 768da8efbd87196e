internal import CDNNL

/// Shape, element type and layout of a tensor, as oneDNN describes them. Immutable.
@safe final class MemoryDescriptor {
  let raw: cdnnl_md
  /// The extents; a tensor without axes is described as `[1]`.
  let shape: Shape
  /// Bytes occupied, padding included.
  let byteCount: Int

  /// Takes ownership of `raw`.
  private init(owning raw: cdnnl_md, shape: Shape) {
    unsafe self.raw = raw
    self.shape = shape
    byteCount = unsafe Int(dnnl_memory_desc_get_size(raw))
  }

  deinit { unsafe cdnnl_md_destroy(raw) }

  /// A tensor in the format that `tag` names; `dnnl_format_tag_any` leaves it to the primitive.
  convenience init(_ shape: Shape, _ type: dnnl_data_type_t, _ tag: dnnl_format_tag_t) throws {
    let shape = shape.rank == 0 ? [1] : shape
    var out: cdnnl_md?
    let extents = shape.extents.map { Int64($0) }
    try check("memory_desc_by_tag") {
      unsafe cdnnl_md_by_tag(&out, Int32(shape.rank), extents, type, tag)
    }
    guard let made = unsafe out else { throw EngineError("oneDNN returned no memory descriptor") }
    unsafe self.init(owning: made, shape: shape)
  }

  /// A tensor with these strides in elements.
  convenience init(_ shape: Shape, _ type: dnnl_data_type_t, strides: [Int]) throws {
    var out: cdnnl_md?
    let extents = shape.extents.map { Int64($0) }
    let steps = strides.map { Int64($0) }
    try check("memory_desc_by_strides") {
      unsafe cdnnl_md_by_strides(&out, Int32(shape.rank), extents, type, steps)
    }
    guard let made = unsafe out else { throw EngineError("oneDNN returned no memory descriptor") }
    unsafe self.init(owning: made, shape: shape)
  }

  /// A copy of a descriptor that a primitive descriptor owns.
  convenience init(copying raw: cdnnl_const_md, shape: Shape) throws {
    var out: cdnnl_md?
    try check("memory_desc_clone") { unsafe cdnnl_md_clone(&out, raw) }
    guard let made = unsafe out else { throw EngineError("oneDNN returned no memory descriptor") }
    unsafe self.init(owning: made, shape: shape)
  }

  /// Dense, row-major.
  static func dense(_ shape: Shape, _ type: dnnl_data_type_t = dnnl_f32) throws -> MemoryDescriptor
  {
    let shape: Shape = shape.rank == 0 ? [1] : shape
    var strides = Array(repeating: 1, count: shape.rank)
    for axis in stride(from: shape.rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * max(1, shape[axis + 1])
    }
    return try MemoryDescriptor(shape, type, strides: strides)
  }

  /// The layout is the primitive's choice.
  static func any(_ shape: Shape, _ type: dnnl_data_type_t) throws -> MemoryDescriptor {
    try MemoryDescriptor(shape, type, dnnl_format_tag_any)
  }

  /// A feature map whose channels are grouped by `block`; 1 is dense row-major.
  static func channelBlocked(
    _ shape: Shape, _ type: dnnl_data_type_t, block: Int
  ) throws -> MemoryDescriptor {
    switch (block, shape.rank) {
    case (8, 4): try MemoryDescriptor(shape, type, dnnl_aBcd8b)
    case (16, 4): try MemoryDescriptor(shape, type, dnnl_aBcd16b)
    case (8, 5): try MemoryDescriptor(shape, type, dnnl_aBcde8b)
    case (16, 5): try MemoryDescriptor(shape, type, dnnl_aBcde16b)
    default: try dense(shape, type)
    }
  }

  /// The part of the tensor that starts at `offsets`, with the same strides.
  func part(_ shape: Shape, at offsets: [Int]) throws -> MemoryDescriptor {
    var out: cdnnl_md?
    let extents = shape.extents.map { Int64($0) }
    let starts = offsets.map { Int64($0) }
    try check("memory_desc_submemory") {
      unsafe cdnnl_md_submemory(&out, raw, extents, starts)
    }
    guard let made = unsafe out else { throw EngineError("oneDNN returned no memory descriptor") }
    return unsafe MemoryDescriptor(owning: made, shape: shape)
  }

  /// The element type.
  var type: dnnl_data_type_t { unsafe cdnnl_md_type(raw) }

  /// Bytes of one element.
  var elementSize: Int {
    switch type {
    case dnnl_bf16, dnnl_f16: 2
    case dnnl_u8, dnnl_s8: 1
    default: 4
    }
  }

  /// Whether both describe the same bytes.
  func matches(_ other: MemoryDescriptor) -> Bool {
    unsafe dnnl_memory_desc_equal(raw, other.raw) != 0
  }

  /// Whether the elements lie dense in row-major order.
  func isDense() throws -> Bool { try matches(.dense(shape, type)) }

  /// How many channels lie together innermost, where the layout is one of
  /// ``channelBlocked(_:_:block:)``'s; nil for any other.
  func channelBlock() throws -> Int? {
    guard shape.rank >= 3 else { return try isDense() ? 1 : nil }
    var strides = [Int64](repeating: 0, count: 12)
    var blocks = [Int64](repeating: 0, count: 12)
    var axes = [Int64](repeating: 0, count: 12)
    let count = unsafe cdnnl_md_blocking(raw, &strides, &blocks, &axes)
    let block: Int
    switch count {
    case 0: block = 1
    case 1 where axes[0] == 1: block = Int(blocks[0])
    default: return nil
    }
    let expected = try MemoryDescriptor.channelBlocked(shape, type, block: block)
    return matches(expected) ? block : nil
  }
}
