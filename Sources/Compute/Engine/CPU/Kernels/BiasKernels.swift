internal import CDNNL

// The bias of a transposed convolution, added and differentiated apart from it: oneDNN 2.6 spends
// more time on it than on the convolution (32 to 16 maps at 64^3 with 2 threads: 5.8 ms of 7 in
// float32, 40 of 41 in bfloat16).

extension Lowering {
  /// Adds `bias [C]` to every voxel of a feature map, in place.
  func emitBias(_ bias: Symbol, onto map: Int) throws {
    let dst = descriptor(ofBuffer: map)
    let shape = Shape(
      [1, bias.shape.count] + Array(repeating: 1, count: dst.shape.rank - 2))
    // A single channel stays a single number: oneDNN 2.6 adds nothing where it is padded to a block.
    let block = bias.shape.count > 1 ? try dst.channelBlock() ?? 1 : 1
    let wanted = try MemoryDescriptor.channelBlocked(shape, dnnl_f32, block: block)
    let engine = unsafe runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("binary") { made, attributes in
      unsafe cdnnl_binary(
        made, engine, dnnl_binary_add, dst.raw, wanted.raw, dst.raw, attributes)
    }
    try emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC_0), map), (Int32(DNNL_ARG_SRC_1), buffer(bias, viewedAs: wanted)),
        (Int32(DNNL_ARG_DST), map),
      ])
  }
}
