internal import CDNNL

/// A primitive before it is made: an algorithm chosen for shapes, types and attributes.
@safe final class PrimitiveDescriptor {
  let raw: dnnl_primitive_desc_t

  /// Makes a descriptor with `create`, one of the functions of the shim.
  ///
  /// - Parameters:
  ///   - call: the primitive's name, for errors.
  ///   - activation: applied to the result where the primitive can fuse it.
  ///   - create: makes the descriptor with the attributes it is given.
  /// - Throws: ``EngineError`` with the name of the call that failed.
  init(
    _ call: StaticString, fusing activation: Activation.Function? = nil,
    _ create: (UnsafeMutablePointer<dnnl_primitive_desc_t?>, dnnl_primitive_attr_t?)
      -> dnnl_status_t
  ) throws {
    var attributes: dnnl_primitive_attr_t?
    try check("primitive_attr_create") { unsafe dnnl_primitive_attr_create(&attributes) }
    defer { unsafe dnnl_primitive_attr_destroy(attributes) }
    // Scratch memory is ours to plan, so that a running plan allocates nothing.
    try check("primitive_attr_set_scratchpad_mode") {
      unsafe dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    }
    if let activation {
      var operations: dnnl_post_ops_t?
      try check("post_ops_create") { unsafe dnnl_post_ops_create(&operations) }
      defer { unsafe dnnl_post_ops_destroy(operations) }
      let (algorithm, alpha) = activation.forwardAlgorithm
      try check("post_ops_append_eltwise") {
        unsafe cdnnl_append_eltwise(operations, algorithm, alpha, 0)
      }
      try check("primitive_attr_set_post_ops") {
        unsafe dnnl_primitive_attr_set_post_ops(attributes, operations)
      }
    }
    var made: dnnl_primitive_desc_t?
    try check(call) { unsafe create(&made, attributes) }
    guard let made = unsafe made else { throw EngineError("oneDNN's \(call) returned nothing") }
    unsafe raw = made
  }

  deinit { unsafe dnnl_primitive_desc_destroy(raw) }

  /// The descriptor that the primitive wants for one of its tensors.
  func descriptor(_ what: dnnl_query_t, shape: Shape) throws -> MemoryDescriptor {
    guard let raw = unsafe cdnnl_pd_md(raw, what) else {
      throw EngineError("oneDNN describes no tensor \(what.rawValue)")
    }
    return try unsafe MemoryDescriptor(copying: raw, shape: shape)
  }

  /// The name of the chosen implementation, for example `jit:avx512_core`.
  var implementation: String {
    var name: UnsafePointer<CChar>?
    let status = unsafe dnnl_primitive_desc_query(raw, dnnl_query_impl_info_str, 0, &name)
    guard status == dnnl_success, let name = unsafe name else { return "" }
    return unsafe String(cString: name)
  }
}

extension Activation.Function {
  /// oneDNN's forward algorithm, and its alpha.
  var forwardAlgorithm: (dnnl_alg_kind_t, Float) {
    switch self {
    case .relu: (dnnl_eltwise_relu, 0)
    case .leakyReLU(let slope): (dnnl_eltwise_relu, slope)
    case .elu(let alpha): (dnnl_eltwise_elu, alpha)
    case .sigmoid: (dnnl_eltwise_logistic, 0)
    case .tanh: (dnnl_eltwise_tanh, 0)
    }
  }

  /// oneDNN's backward algorithm that reads the result of the forward one, and its alpha.
  var backwardAlgorithm: (dnnl_alg_kind_t, Float) {
    switch self {
    case .relu: (dnnl_eltwise_relu_use_dst_for_bwd, 0)
    case .leakyReLU(let slope): (dnnl_eltwise_relu_use_dst_for_bwd, slope)
    case .elu(let alpha): (dnnl_eltwise_elu_use_dst_for_bwd, alpha)
    case .sigmoid: (dnnl_eltwise_logistic_use_dst_for_bwd, 0)
    case .tanh: (dnnl_eltwise_tanh_use_dst_for_bwd, 0)
    }
  }
}
