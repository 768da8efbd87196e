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
  /// Neighboring slices that a network of two axes sees as channels.
  public let slices: Int
  /// The axis that a network of two axes does not see; nil for one of three.
  public let sliceAxis: Int?

  /// The voxels of a patch.
  public var count: Int { extents.reduce(1, *) }
  /// The voxels of an output.
  public var outputCount: Int { outputExtents.reduce(1, *) }
  /// Voxels by which the output falls short of the patch at the end of each axis.
  public var marginsAfter: [Int] {
    extents.indices.map { extents[$0] - outputExtents[$0] - margins[$0] }
  }

  /// The shape of a configured patch.
  ///
  /// - Parameters:
  ///   - patch: three extents, one of them 1 for a network of two axes; or the two that such a
  ///     network sees, of slices along the first axis.
  ///   - slices: how many neighboring slices a network of two axes sees as channels; the patch has
  ///     so many along the axis where it was given as 1, and the output is that of the middle one.
  ///   - network: what it is for.
  /// - Throws: ``ConfigurationFault`` at `training.patch`, or the network's own, with the nearest
  ///   extents that fit.
  public init(
    _ patch: [Int], slices: Int = 1, for network: any NetworkConfiguration
  ) throws {
    var extents = patch.count == 2 && network.dimensions == 2 ? [1] + patch : patch
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
    guard slices == 1 || network.dimensions == 2 else {
      throw ConfigurationError([
        ConfigurationFault(
          "training.slices",
          "is \(slices), but a network of three axes sees slices as an axis; give "
            + "them in training.patch and set slices to 1")
      ])
    }
    networkExtents = extents.indices.filter { $0 != flat }.map { extents[$0] }
    var output: [Int]
    do {
      output = try network.outputExtents(of: networkExtents)
    } catch let problem as ConfigurationProblem {
      throw ConfigurationError([ConfigurationFault("training.\(problem.key)", problem.message)])
    }
    if let flat {
      output.insert(1, at: flat)
      extents[flat] = slices
    }
    self.extents = extents
    self.slices = slices
    sliceAxis = flat
    outputExtents = output
    margins = zip(extents, output).map { ($0 - $1) / 2 }
  }

  /// Brings a patch `[C, D, H, W]` into the order in which the network sees it: `[C · slices, …]`, the
  /// slices of a channel one after another.
  ///
  /// - Parameters:
  ///   - patch: as many elements as `channels` patches have voxels.
  ///   - channels: C.
  ///   - scratch: room that is kept from call to call.
  func arrange(_ patch: inout MutableSpan<Float>, channels: Int, scratch: inout [Float]) {
    guard slices > 1, let axis = sliceAxis, axis > 0 else { return }
    if scratch.count < patch.count { scratch = Array(repeating: 0, count: patch.count) }
    var copy = scratch.mutableSpan
    for index in patch.indices { copy[index] = patch[index] }
    // [outer, slices, inner] becomes [slices, outer, inner] in each channel.
    let outer = extents[..<axis].reduce(1, *)
    let inner = extents[(axis + 1)...].reduce(1, *)
    var to = 0
    for channel in 0..<channels {
      for slice in 0..<slices {
        for row in 0..<outer {
          let from = ((channel * outer + row) * slices + slice) * inner
          for place in 0..<inner { patch[to + place] = copy[from + place] }
          to += inner
        }
      }
    }
  }
}
