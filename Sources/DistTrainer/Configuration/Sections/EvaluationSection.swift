public import Evaluation

/// `evaluation`: what is measured of validation subjects beside the overlap of labels.
///
/// Surfaces are measured once, after the last step, on the grids of the files; validation on the way
/// needs Dice only.
public struct EvaluationSection: ConfigurationSection {
  /// What a surface is (`voxel`, `surfel`); `null`: no distances are measured.
  public var surface: SurfaceFamily? = .voxel
  /// The tolerances of the normalized surface Dice, in mm.
  public var tolerances = [1.0, 2.0]
  /// Whether voxels are counted by the probability of each label, for ROC and precision-recall
  /// curves and for the choice of thresholds.
  public var curves = true
  /// Groups of labels that are measured as one, by numbers or names: `{whole: [1, 2]}`.
  public var groups = NamedGroups()

  /// All keys at their defaults.
  public init() {}
}

/// A group of labels, as it is written.
public struct NamedGroup: Sendable, Equatable {
  /// Its name.
  public var name: String
  /// Its labels, by name or number.
  public var labels: [String]

  /// A group.
  public init(name: String, labels: [String]) {
    self.name = name
    self.labels = labels
  }

  /// The group's labels by number, or the first that is none of `labels` (the background is none).
  ///
  /// A name goes before a number. With `orAnyNumber` numbers may be others than those of `labels`.
  func resolved(among labels: [DatasetLabel], orAnyNumber: Bool = false) -> Resolved {
    var numbers: [UInt8] = []
    for text in self.labels {
      let number = UInt8(text)
      let found =
        labels.first { $0.name == text }?.number
        ?? labels.first { $0.number == number }?.number ?? (orAnyNumber ? number : nil)
      guard let found, found != 0 else { return .stray(text) }
      numbers.append(found)
    }
    return .numbers(numbers)
  }

  enum Resolved {
    case numbers([UInt8])
    case stray(String)
  }
}

/// `evaluation.groups`: names and labels, in the order written.
public struct NamedGroups: ConfigurationSection {
  /// The groups.
  public var groups: [NamedGroup] = []

  /// No group.
  public init() {}

  /// These groups.
  public init(_ groups: [NamedGroup]) { self.groups = groups }

  /// Reads a mapping of names to lists of labels.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: NameKey.self)
    for name in container.allKeys {
      let labels = try container.decode([String].self, forKey: name)
      groups.append(NamedGroup(name: name.stringValue, labels: labels))
    }
  }

  /// Writes the mapping, in order.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: NameKey.self)
    for group in groups {
      try container.encode(group.labels, forKey: NameKey(stringValue: group.name))
    }
  }
}
