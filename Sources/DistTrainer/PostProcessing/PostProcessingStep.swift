internal import Evaluation
public import Nets
public import Volumes

/// A step of post-processing: a change of a segmentation that needs nothing but the segmentation.
///
/// Steps speak of labels by their numbers in the volume; 0 is the background.
public protocol PostProcessingStep: Nets.CatalogueEntry {
  /// The labels that are treated; nil: every foreground label.
  var labels: [Int]? { get }

  /// Changes a segmentation in place.
  ///
  /// - Throws: `ComponentsError` for a structure whose box has more than 2^31 - 1 voxels.
  func apply(to volume: inout LabelVolume) throws
}

/// The steps that a configuration may name. Add one: a file in this folder, a line here.
public enum PostProcessingSteps: Catalogue {
  /// Any step.
  public typealias Entry = any PostProcessingStep
  /// What errors call an entry.
  public static let subject = "step of post-processing"
  /// The steps.
  public static var catalogue: [any Nets.CatalogueEntry.Type] {
    [LargestComponent.self, SmallComponents.self, FillHoles.self]
  }
}

/// A step as a configuration writes it: `{kind: largestComponent, labels: [1, 2]}`.
public typealias PostProcessingChoice = Choice<PostProcessingSteps>

extension [PostProcessingChoice] {
  /// The choice of steps that code has made.
  public init(_ steps: [any PostProcessingStep]) { self = steps.map { PostProcessingChoice($0) } }

  /// Applies the steps in order.
  ///
  /// - Throws: `ComponentsError`, as the steps do.
  public func apply(to volume: inout LabelVolume) throws {
    for step in self { try step.value.apply(to: &volume) }
  }
}

extension PostProcessingStep {
  /// The sets of labels that are treated one after another: `labels`, or those that occur; all at
  /// once as one structure, or each by itself in ascending order.
  func structures(in volume: LabelVolume, together: Bool) -> [Set<UInt8>] {
    let occurring = volume.labels.filter { $0 != 0 }
    let treated =
      labels.map { labels in occurring.filter { labels.contains(Int($0)) } }
      ?? occurring
    guard !treated.isEmpty else { return [] }
    return together ? [Set(treated)] : treated.map { [$0] }
  }

  /// What is wrong with ``labels`` and a connectivity.
  func commonProblems(connectivity: Int) -> [ConfigurationProblem] {
    var problems: [ConfigurationProblem] = []
    if let labels, labels.isEmpty || !labels.allSatisfy((1...255).contains) {
      problems.append(
        ConfigurationProblem(
          "labels", "is \(labels); list label numbers from 1 to 255, or null for all"))
    }
    if !Neighborhood.allCases.map(\.rawValue).contains(connectivity) {
      problems.append(
        ConfigurationProblem("connectivity", "is \(connectivity); it must be 6, 18 or 26"))
    }
    return problems
  }

  /// The neighborhood of a checked connectivity.
  func neighborhood(_ connectivity: Int) -> Neighborhood {
    guard let neighborhood = Neighborhood(rawValue: connectivity) else {
      preconditionFailure("a connectivity of \(connectivity) has passed the checks")
    }
    return neighborhood
  }
}
