import DistTrainer

/// Stand-ins for what other rooms list in their catalogues, in the ways they may write `Codable`.
protocol SomeNetwork: Codable, Sendable {
  static var kind: String { get }
}

enum Activation: String, Codable, Sendable, CaseIterable {
  case relu, leakyReLU, prelu
}

/// Hand-written `decodeIfPresent`, defaults at the properties.
struct TestUNet: SomeNetwork, Equatable {
  static let kind = "unet"
  var features = 16
  var levels = 4
  var activation = Activation.leakyReLU
  var dropout: Float? = 0.25

  init() {}

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    features = try keys.decodeIfPresent(Int.self, forKey: .features) ?? features
    levels = try keys.decodeIfPresent(Int.self, forKey: .levels) ?? levels
    activation = try keys.decodeIfPresent(Activation.self, forKey: .activation) ?? activation
    dropout = keys.contains(.dropout) ? try keys.decode(Float?.self, forKey: .dropout) : dropout
  }
}

/// A section with synthesized `Codable`.
struct TestVNet: SomeNetwork, ConfigurationSection {
  static let kind = "vnet"
  var features = 8
}

/// A type that reads and writes its own kind, and has a required key.
struct TestSGD: Codable, Sendable, Equatable {
  var kind: String
  var learningRate: Float
}

enum TestKinds {
  static let networks: [any SomeNetwork.Type] = [TestUNet.self, TestVNet.self]

  static var catalogues: ConfigurationCatalogues {
    var catalogues = ConfigurationCatalogues()
    catalogues.networks = ConfigurationCatalogue("network", networks.map { ($0.kind, $0) })
    catalogues.optimizers = ConfigurationCatalogue("optimizer", [("sgd", TestSGD.self)])
    return catalogues
  }
}
