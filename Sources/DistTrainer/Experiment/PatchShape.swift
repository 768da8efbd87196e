public import Nets

/// How a patch of a volume meets a network: a network of two axes sees one slice.
public struct PatchShape: Sendable, Equatable {
  /// The patch's extents along the prepared volume's axes (D, H, W).
  public let extents: [Int]
  /// The extents the network sees: (D, H, W), or two of them.
  public let networkExtents: [Int]
  /// Voxels by which the output falls short of the patch at each side, along (D, H, W).
  public let margins: [Int]
  /// The output's extents along (D, H, W).
  public let outputExtents: [Int]

  /// The voxels of a patch.
  public var count: Int { extents.reduce(1, *) }
  /// The voxels of an output.
  public var outputCount: Int { outputExtents.reduce(1, *) }

  /// The shape of a configured patch.
  ///
  /// - Parameters:
  ///   - patch: three extents, one of them 1 for a network of two axes; or the two that such a
  ///     network sees, of slices along the first axis.
  ///   - network: what it is for.
  /// - Throws: ``ConfigurationFault`` at `training.patch`, or the network's own, with the nearest
  ///   extents that fit.
  public init(_ patch: [Int], for network: any NetworkConfiguration) throws {
    let extents = patch.count == 2 && network.dimensions == 2 ? [1] + patch : patch
    let flat = network.dimensions == 2 ? extents.firstIndex(of: 1) : nil
    guard extents.count == 3, extents.allSatisfy({ $0 > 0 }),
      network.dimensions == 3 || flat != nil
    else {
      throw ConfigurationError([
        ConfigurationFault(
          "training.patch",
          "is \(patch), but a network of \(network.dimensions) axes needs three positive extents"
            + (network.dimensions == 2 ? ", one of them 1" : ""))
      ])
    }
    self.extents = extents
    networkExtents = extents.indices.filter { $0 != flat }.map { extents[$0] }
    var output: [Int]
    do {
      output = try network.outputExtents(of: networkExtents)
    } catch let problem as ConfigurationProblem {
      throw ConfigurationError([ConfigurationFault("training.\(problem.key)", problem.message)])
    }
    if let flat { output.insert(1, at: flat) }
    outputExtents = output
    margins = zip(extents, output).map { ($0 - $1) / 2 }
  }
}
