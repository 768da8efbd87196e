extension ParameterTable {
  /// The tensors of an arena, each called `prefix` followed by the parameter's name.
  ///
  /// - Parameters:
  ///   - values: an arena of ``elementCount`` elements: values, or an optimizer's state.
  ///   - prefix: empty for weights; a state's name and a slash, for example `adam.m/`.
  /// - Returns: the tensors by name, to be written into a file.
  public func tensors(
    of values: Span<Float>, prefix: String = ""
  ) -> [String: Safetensors.Tensor] {
    precondition(values.count == elementCount, "the arena does not fit the table")
    var tensors: [String: Safetensors.Tensor] = [:]
    for entry in entries {
      tensors[prefix + entry.name] = Safetensors.Tensor(
        values.extracting(entry.range), shape: entry.shape.extents)
    }
    return tensors
  }

  /// Fills an arena from a file's tensors, all of them or none.
  ///
  /// Strict: every parameter must be there with its shape as float32, and nothing else under the
  /// prefix. Names with a slash belong to other prefixes.
  ///
  /// - Parameters:
  ///   - file: the contents of a file.
  ///   - prefix: as in ``tensors(of:prefix:)``.
  ///   - values: an arena of ``elementCount`` elements; unchanged where an error is thrown.
  /// - Throws: ``SafetensorsError`` that lists every missing, unexpected or misshapen tensor.
  public func load(
    _ file: Safetensors, prefix: String = "", into values: inout MutableSpan<Float>
  ) throws {
    precondition(values.count == elementCount, "the arena does not fit the table")
    var faults: [String] = []
    for entry in entries {
      let name = prefix + entry.name
      guard let tensor = file.tensors[name] else {
        faults.append("\(name) \(entry.shape) is missing")
        continue
      }
      if tensor.type != .float32 || tensor.shape != entry.shape.extents {
        faults.append(
          "\(name) must be F32 \(entry.shape) but is \(tensor.type.rawValue) \(tensor.shape)")
      }
    }
    for name in file.tensors.keys.sorted() where name.hasPrefix(prefix) {
      let rest = String(name.dropFirst(prefix.count))
      if !rest.contains("/"), index(of: rest) == nil { faults.append("\(name) is not expected") }
    }
    guard faults.isEmpty else {
      throw SafetensorsError(
        "the file does not hold this network's parameters; use the configuration it was written "
          + "with: " + faults.joined(separator: "; "))
    }
    for entry in entries {
      guard let tensor = file.tensors[prefix + entry.name] else { continue }
      for i in 0..<entry.shape.count { values[entry.offset + i] = tensor.float(i) }
    }
  }
}
