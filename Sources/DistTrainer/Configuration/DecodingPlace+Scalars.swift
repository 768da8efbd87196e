extension DecodingPlace {
  /// Decodes the scalar types, or returns `nil` for every other type. A wrong type is noted and
  /// gives a placeholder.
  func decodeScalar<Value>(_ type: Value.Type) -> Value? {
    switch type {
    case is String.Type: text as? Value
    case is Bool.Type: truth as? Value
    case is Float.Type: number(Float.self) as? Value
    case is Double.Type: number(Double.self) as? Value
    case let type as any FixedWidthInteger.Type: integer(type) as? Value
    default: nil
    }
  }

  private var text: String {
    guard case .scalar(let text, _) = node.content else {
      note("must be a text, not \(node.summary)")
      return ""
    }
    return text
  }

  private var truth: Bool {
    if case .scalar(let text, false) = node.content, let value = PlainScalar.bool(text) {
      return value
    }
    note("must be true or false, not \(node.summary)")
    return false
  }

  private func number<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Value.Type
  ) -> Value {
    if case .scalar(let text, false) = node.content,
      let value: Value = PlainScalar.number(text)
    {
      return value
    }
    note("must be a finite number, not \(node.summary)")
    return 0
  }

  private func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
    if case .scalar(let text, false) = node.content {
      if let value: Value = PlainScalar.integer(text) { return value }
      if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }) {
        note("must be a whole number from \(Value.min) to \(Value.max), not \(text)")
        return 0
      }
    }
    note("must be a whole number, not \(node.summary)")
    return 0
  }
}
