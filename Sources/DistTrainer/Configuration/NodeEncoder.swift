extension ConfigurationNode {
  /// Encodes a value with every key, those at their defaults and those that are `nil` included, so
  /// that the node says all there is to know about it.
  ///
  /// - Parameter value: the value to encode.
  /// - Throws: `EncodingError` for a number that is not finite.
  public init(encoding value: some Encodable) throws {
    let slot = EncodingSlot()
    try slot.encode(value, codingPath: [])
    self = slot.node
  }
}

/// A node under construction; containers of one value share it.
final class EncodingSlot {
  private enum Content {
    case node(ConfigurationNode)
    case sequence([EncodingSlot])
    case mapping([(key: String, value: EncodingSlot)])
  }

  private var content = Content.node(ConfigurationNode(.null))

  var node: ConfigurationNode {
    switch content {
    case .node(let node): node
    case .sequence(let slots): ConfigurationNode(.sequence(slots.map(\.node)))
    case .mapping(let entries):
      ConfigurationNode(
        .mapping(entries.map { ConfigurationNode.Entry(key: $0.key, value: $0.value.node) }))
    }
  }

  func encode(_ value: some Encodable, codingPath: [any CodingKey]) throws {
    switch value {
    case let value as ConfigurationNode: content = .node(value)
    case let value as String: scalar(value, isQuoted: !PlainScalar.isSafe(value))
    case let value as Bool: scalar(value ? "true" : "false")
    case let value as Float: scalar(try finite(value, codingPath))
    case let value as Double: scalar(try finite(value, codingPath))
    case let value as any FixedWidthInteger: scalar("\(value)")
    default: try value.encode(to: NodeEncoder(slot: self, codingPath: codingPath))
    }
  }

  func null() { content = .node(ConfigurationNode(.null)) }

  /// Makes the node a mapping, if it is not one already.
  func openMapping() {
    if case .mapping = content { return }
    content = .mapping([])
  }

  /// The slot of a key, new or the one it has.
  func slot(forKey key: String) -> EncodingSlot {
    guard case .mapping(var entries) = content else {
      openMapping()
      return slot(forKey: key)
    }
    if let entry = entries.first(where: { $0.key == key }) { return entry.value }
    let slot = EncodingSlot()
    entries.append((key: key, value: slot))
    content = .mapping(entries)
    return slot
  }

  /// Makes the node a list, if it is not one already.
  func openSequence() {
    if case .sequence = content { return }
    content = .sequence([])
  }

  var count: Int {
    if case .sequence(let slots) = content { slots.count } else { 0 }
  }

  /// A new slot at the end of the list.
  func appendSlot() -> EncodingSlot {
    openSequence()
    guard case .sequence(var slots) = content else { return self }
    let slot = EncodingSlot()
    slots.append(slot)
    content = .sequence(slots)
    return slot
  }

  private func scalar(_ text: String, isQuoted: Bool = false) {
    content = .node(ConfigurationNode(.scalar(text, isQuoted: isQuoted)))
  }

  private func finite<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ value: Value, _ codingPath: [any CodingKey]
  ) throws -> String {
    guard value.isFinite else {
      throw EncodingError.invalidValue(
        value,
        EncodingError.Context(
          codingPath: codingPath, debugDescription: "a configuration holds finite numbers"))
    }
    return PlainScalar.text(of: value)
  }
}

/// Encodes into a slot.
struct NodeEncoder: Encoder {
  let slot: EncodingSlot
  let codingPath: [any CodingKey]

  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    slot.openMapping()
    return KeyedEncodingContainer(KeyedSlotContainer<Key>(slot: slot, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.openSequence()
    return UnkeyedSlotContainer(slot: slot, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleSlotContainer(slot: slot, codingPath: codingPath)
  }
}
