import ArgumentParser
import DistTrainer

/// Labels as `--largest` names them: `1,2`, `1+2`, `all`, `foreground`.
struct LabelGroups: ExpressibleByArgument {
  /// Labels that are treated in one step.
  struct Group: Equatable {
    /// Their numbers; nil for every foreground label.
    var labels: [Int]?
    /// Whether they are one structure.
    var together: Bool
  }

  /// The groups, in the order written.
  let groups: [Group]

  /// Reads the option; nil where it means nothing.
  init?(argument: String) {
    switch argument {
    case "all": groups = [Group(labels: nil, together: false)]
    case "foreground": groups = [Group(labels: nil, together: true)]
    default:
      var groups: [Group] = []
      for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
        let labels = part.split(separator: "+", omittingEmptySubsequences: false).map { Int($0) }
        guard labels.allSatisfy({ $0.map((1...255).contains) ?? false }) else { return nil }
        groups.append(Group(labels: labels.compactMap(\.self), together: labels.count > 1))
      }
      self.groups = groups
    }
  }

  /// What help calls a value.
  static var defaultCompletionKind: CompletionKind { .list(["all", "foreground"]) }
}

/// A size as `--minimum-size` names it: `50mm3`, `20voxels`.
struct ComponentSize: ExpressibleByArgument {
  /// How many.
  let minimum: Double
  /// Of what.
  let unit: SmallComponents.Unit

  /// Reads the option; nil where it means nothing.
  init?(argument: String) {
    for unit in SmallComponents.Unit.allCases where argument.hasSuffix(unit.rawValue) {
      guard let minimum = Double(argument.dropLast(unit.rawValue.count)),
        SmallComponents(minimum: minimum, unit: unit).problems().isEmpty
      else { return nil }
      self.minimum = minimum
      self.unit = unit
      return
    }
    return nil
  }
}
