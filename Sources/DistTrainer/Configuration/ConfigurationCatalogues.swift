/// The catalogues of all sections whose kind is chosen; a section without one keeps its settings as
/// they are, unchecked.
public struct ConfigurationCatalogues: Sendable {
  /// Kinds of `network`.
  public var networks: ConfigurationCatalogue?
  /// Kinds of `loss`.
  public var losses: ConfigurationCatalogue?
  /// Kinds of `optimizer`.
  public var optimizers: ConfigurationCatalogue?
  /// Kinds of `schedule`.
  public var schedules: ConfigurationCatalogue?
  /// Kinds of the elements of `augmentation`.
  public var augmentations: ConfigurationCatalogue?
  /// Kinds of `preparation.normalization`.
  public var normalizations: ConfigurationCatalogue?

  /// No catalogue yet.
  public init() {}

  /// Writes out the settings of every choice, and collects what is wrong with them.
  func resolve(_ configuration: inout ExperimentConfiguration) -> [ConfigurationFault] {
    var faults: [ConfigurationFault] = []
    func resolve(
      _ choice: inout ConfigurationChoice, _ catalogue: ConfigurationCatalogue?, _ path: String
    ) {
      // An empty kind stands for a choice whose own fault is already noted.
      guard let catalogue, !choice.kind.isEmpty else { return }
      let result = catalogue.resolve(choice, path: path)
      choice = result.choice
      faults += result.faults
    }
    resolve(
      &configuration.preparation.normalization, normalizations, "preparation.normalization")
    resolve(&configuration.network, networks, "network")
    resolve(&configuration.loss, losses, "loss")
    resolve(&configuration.optimizer, optimizers, "optimizer")
    resolve(&configuration.schedule, schedules, "schedule")
    for index in configuration.augmentation.indices {
      resolve(&configuration.augmentation[index], augmentations, "augmentation.\(index)")
    }
    return faults
  }
}
