/// Decodes one node, and remembers which keys were asked for.
struct NodeDecoder: Decoder {
  let place: DecodingPlace

  var codingPath: [any CodingKey] { place.codingPath }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .mapping = place.node.content else {
      // What stands for `null` in a list or for a required section is told apart from a scalar.
      place.note("must be a mapping of keys and values, not \(place.node.summary)")
      throw Abandoned()
    }
    return KeyedDecodingContainer(KeyedNodeContainer<Key>(place: place))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .sequence = place.node.content else {
      place.note("must be a list such as [1, 2], not \(place.node.summary)")
      throw Abandoned()
    }
    return UnkeyedNodeContainer(place: place)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    SingleNodeContainer(place: place)
  }
}

/// The node itself, for types that wrap one value.
private struct SingleNodeContainer: SingleValueDecodingContainer {
  let place: DecodingPlace

  var codingPath: [any CodingKey] { place.codingPath }

  func decodeNil() -> Bool { place.node.isNull }
  func decode(_ type: Bool.Type) throws -> Bool { try place.probe(type) }
  func decode(_ type: String.Type) throws -> String { try place.probe(type) }
  func decode(_ type: Double.Type) throws -> Double { try place.probe(type) }
  func decode(_ type: Float.Type) throws -> Float { try place.probe(type) }
  func decode(_ type: Int.Type) throws -> Int { try place.probe(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try place.probe(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try place.probe(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try place.probe(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try place.probe(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try place.probe(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try place.probe(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try place.probe(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try place.probe(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try place.probe(type) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try place.probe(type) }
}
