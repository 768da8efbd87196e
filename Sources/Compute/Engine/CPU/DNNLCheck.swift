internal import CDNNL

/// Runs one oneDNN call and turns a failure into an error that names the call.
///
/// Every call into the library goes through here; the lowering adds the path of the node.
@inline(__always)
func check(_ call: StaticString, _ body: () -> dnnl_status_t) throws {
  let status = body()
  guard status == dnnl_success else {
    let meaning =
      switch status {
      case dnnl_out_of_memory: "out of memory"
      case dnnl_invalid_arguments: "invalid arguments"
      case dnnl_unimplemented: "not supported on this processor"
      default: "status \(status.rawValue)"
      }
    throw EngineError("oneDNN's \(call) failed: \(meaning)")
  }
}
