internal import CMPI

/// The MPI library's own answers about its errors.
enum MPICall {
  /// Turns a call's result into an error that names the call and the communicator.
  static func check(_ result: Int32, _ operation: String, on communicator: String) throws(MPIError)
  {
    guard result != MPI_SUCCESS else { return }
    var errorClass: Int32 = MPI_ERR_OTHER
    _ = unsafe MPI_Error_class(result, &errorClass)
    throw MPIError(
      kind: kind(ofClass: errorClass), text: text(of: result), operation: operation,
      communicator: communicator)
  }

  private static func kind(ofClass errorClass: Int32) -> MPIError.Kind {
    switch errorClass {
    case MPI_ERR_TRUNCATE: .length
    case MPI_ERR_RANK: .rank
    case MPI_ERR_ROOT: .root
    case MPI_ERR_TAG: .tag
    default: .other(Int(errorClass))
    }
  }

  private static func text(of code: Int32) -> String {
    unsafe string(capacity: MPI_MAX_ERROR_STRING) { unsafe MPI_Error_string(code, $0, &$1) }
      ?? "error code \(code)"
  }

  /// The host that this rank runs on, as the library calls it.
  static var processorName: String {
    unsafe string(capacity: MPI_MAX_PROCESSOR_NAME) { unsafe MPI_Get_processor_name($0, &$1) }
      ?? "an unknown host"
  }

  /// The library's name and version, for example `Open MPI v4.1.4`.
  static var libraryVersion: String {
    let text = unsafe string(capacity: MPI_MAX_LIBRARY_VERSION_STRING) {
      unsafe MPI_Get_library_version($0, &$1)
    }
    // What follows the first comma or line is about its builder.
    return text?.split(whereSeparator: { $0 == "," || $0.isNewline }).first.map(String.init)
      ?? "an unknown MPI library"
  }

  /// A text that a call writes, with its length.
  private static func string(
    capacity: Int32, _ call: (UnsafeMutablePointer<CChar>?, inout Int32) -> Int32
  ) -> String? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(capacity)) { buffer in
      var length: Int32 = 0
      guard unsafe call(buffer.baseAddress, &length) == MPI_SUCCESS else { return nil }
      let bytes = unsafe buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

extension WireType {
  /// The library's name for the type.
  var datatype: MPI_Datatype {
    switch self {
    case .float32: unsafe cmpi_float()
    case .float64: unsafe cmpi_double()
    case .int32: unsafe cmpi_int32()
    case .int64: unsafe cmpi_int64()
    case .uint8: unsafe cmpi_uint8()
    case .uint32: unsafe cmpi_uint32()
    case .uint64: unsafe cmpi_uint64()
    }
  }
}

extension Reduction {
  /// The library's name for the reduction.
  var operation: MPI_Op {
    switch self {
    case .sum: unsafe cmpi_sum()
    case .minimum: unsafe cmpi_min()
    case .maximum: unsafe cmpi_max()
    }
  }
}
