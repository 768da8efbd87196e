/// The elements of a list.
struct UnkeyedNodeContainer: UnkeyedDecodingContainer {
  let place: DecodingPlace
  private(set) var currentIndex = 0

  init(place: DecodingPlace) { self.place = place }

  var codingPath: [any CodingKey] { place.codingPath }
  var count: Int? { place.node.elements.count }
  var isAtEnd: Bool { currentIndex >= place.node.elements.count }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, place.node.elements[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next().decode(type)
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try next().decode(type) }
  mutating func decode(_ type: String.Type) throws -> String { try next().decode(type) }
  mutating func decode(_ type: Double.Type) throws -> Double { try next().decode(type) }
  mutating func decode(_ type: Float.Type) throws -> Float { try next().decode(type) }
  mutating func decode(_ type: Int.Type) throws -> Int { try next().decode(type) }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try next().decode(type) }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try next().decode(type) }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try next().decode(type) }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try next().decode(type) }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try next().decode(type) }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next().decode(type) }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next().decode(type) }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next().decode(type) }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next().decode(type) }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try NodeDecoder(place: next()).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try NodeDecoder(place: next()).unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { NodeDecoder(place: try next()) }

  /// The next element, past which the container moves.
  private mutating func next() throws -> DecodingPlace {
    guard !isAtEnd else {
      place.note("has \(place.node.elements.count) elements, too few")
      throw Abandoned()
    }
    defer { currentIndex += 1 }
    let key = IndexKey(intValue: currentIndex)
    return DecodingPlace(
      node: place.node.elements[currentIndex], defaults: nil,
      path: place.path.appending(key: key.stringValue), codingPath: place.codingPath + [key],
      asked: place.asked.child(key.stringValue), reading: place.reading)
  }
}

/// An element's position as a key.
struct IndexKey: CodingKey {
  let position: Int

  init(intValue: Int) { position = intValue }
  init?(stringValue: String) {
    guard let position = Int(stringValue) else { return nil }
    self.position = position
  }

  var intValue: Int? { position }
  var stringValue: String { "\(position)" }
}

/// A key that the configuration's author chose: the name of a group, a pattern of names.
struct NameKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
