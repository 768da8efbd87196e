public import Compute

/// How a configuration asks for initial weights.
public protocol InitializerConfiguration: CatalogueEntry {
  /// What fills a weight that is followed by an activation with this slope below zero (1 where the
  /// activation is none of the rectifiers).
  func initializer(activationSlope: Double) -> any ParameterInitializer
}

/// The initializers that a configuration may name. Add one: a file in this folder, a line here.
public enum Initializers: Catalogue {
  /// Any initializer's configuration.
  public typealias Entry = any InitializerConfiguration
  /// What errors call an entry.
  public static let subject = "initializer"
  /// The initializers.
  public static var catalogue: [any CatalogueEntry.Type] {
    [HeInitializer.self, XavierInitializer.self, GaussianInitializer.self, ConstantFill.self]
  }
}

/// An initializer as a configuration writes it.
public typealias InitializerChoice = Choice<Initializers>
