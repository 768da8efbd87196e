/// The keys of a mapping, laid over its defaults.
struct KeyedNodeContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let place: DecodingPlace

  var codingPath: [any CodingKey] { place.codingPath }

  var allKeys: [Key] {
    place.asked.takesAll = true
    return place.node.entries.compactMap { Key(stringValue: $0.key) }
  }

  func contains(_ key: Key) -> Bool { node(for: key) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { node(for: key)?.isNull ?? true }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    guard let child = child(key) else {
      place.reading.faults.append(
        ConfigurationFault(
          place.path.appending(key: key.stringValue), "is missing: add it", at: place.node.mark))
      guard let value = placeholder(for: type) ?? zero(of: type) else {
        place.asked.isIncomplete = true
        throw Abandoned()
      }
      return value
    }
    return try child.decode(type)
  }

  func decodeIfPresent<Value: Decodable>(
    _ type: Value.Type, forKey key: Key
  ) throws -> Value? {
    guard let child = child(key), !child.node.isNull else { return nil }
    // Abandoned here means that the fault is noted: the rest of the mapping can still be read.
    return try? child.decode(type)
  }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try scalar(type, key) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try scalar(type, key) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try scalar(type, key) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try scalar(type, key) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try scalar(type, key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try scalar(type, key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try scalar(type, key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try scalar(type, key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try scalar(type, key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try scalar(type, key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try scalar(type, key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try scalar(type, key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try scalar(type, key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try scalar(type, key) }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try superDecoder(forKey: key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try superDecoder(forKey: key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { NodeDecoder(place: place) }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    NodeDecoder(place: child(key) ?? place(key, node: ConfigurationNode(.null), defaults: nil))
  }

  private func scalar<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value {
    try decode(type, forKey: key)
  }

  /// A scalar's placeholder.
  private func zero<Value>(of type: Value.Type) -> Value? {
    let nowhere = DecodingPlace(
      node: ConfigurationNode(.null), defaults: nil, path: "", codingPath: [],
      asked: AskedKeys(), reading: Reading())
    return nowhere.decodeScalar(type)
  }

  /// The key's node in the document, or else among the defaults.
  private func node(for key: Key) -> ConfigurationNode? {
    place.asked.keys.insert(key.stringValue)
    return place.node[key.stringValue] ?? place.defaults?[key.stringValue]
  }

  private func child(_ key: Key) -> DecodingPlace? {
    node(for: key).map { node in
      var defaults = place.defaults?[key.stringValue]
      // A choice of another kind has its own defaults: SGD's learning rate is none for Adam.
      if let kind = node["kind"]?.text, let usual = defaults?["kind"]?.text, kind != usual {
        defaults = nil
      }
      return place(key, node: node, defaults: defaults)
    }
  }

  private func place(
    _ key: Key, node: ConfigurationNode, defaults: ConfigurationNode?
  ) -> DecodingPlace {
    DecodingPlace(
      node: node, defaults: defaults, path: place.path.appending(key: key.stringValue),
      codingPath: place.codingPath + [key], asked: place.asked.child(key.stringValue),
      reading: place.reading)
  }
}
