extension ConfigurationNode: Codable {
  /// Takes the node as it is; only this room's decoder can give it.
  public init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? NodeDecoder else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "a configuration node is decoded from a configuration only"))
    }
    decoder.place.asked.takesAll = true
    self = decoder.place.node
  }

  /// Writes the node as it is; only this room's encoder can take it.
  public func encode(to encoder: any Encoder) throws {
    guard let encoder = encoder as? NodeEncoder else {
      throw EncodingError.invalidValue(
        self,
        EncodingError.Context(
          codingPath: encoder.codingPath,
          debugDescription: "a configuration node is encoded into a configuration only"))
    }
    try encoder.slot.encode(self, codingPath: encoder.codingPath)
  }
}
