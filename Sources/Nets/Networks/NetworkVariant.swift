/// Which of two readings of a published network is meant.
public enum NetworkVariant: String, NamedOption {
  /// The paper's, or that of its widespread implementation.
  case original
  /// That of the Imperial College knee segmentation project, where it differs.
  case imperial
}
