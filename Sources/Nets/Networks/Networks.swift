public import Compute

/// A network as a configuration describes it; tracing it records its layers in a graph.
public protocol NetworkConfiguration: CatalogueEntry {
  /// The number of spatial axes: 2 or 3.
  var dimensions: Int { get }

  /// What each spatial extent of a patch must be a multiple of, where convolutions are padded.
  var patchMultiple: [Int] { get }

  /// The spatial extents of the logits for a patch of these extents.
  ///
  /// - Throws: ``ConfigurationProblem`` with the key `patch` that names the nearest extents that
  ///   fit, where these do not.
  func outputExtents(of patch: [Int]) throws -> [Int]

  /// Whether the network's graphs have the input ``NetworkGraphs/position`` beside the image.
  var readsPosition: Bool { get }

  /// The weight of each output's loss in the training loss, full resolution first.
  var outputWeights: [Float] { get }

  /// Records the network applied to an image.
  ///
  /// - Parameters:
  ///   - image: `[N, C, spatial…]`; C is the number of input channels.
  ///   - classes: the number of classes, background included.
  ///   - g: the graph that it is recorded in.
  /// - Returns: logits `[N, classes, spatial…]`, full resolution first; a graph for training also
  ///   has the side outputs, from fine to coarse, at the same extents as the first.
  /// - Throws: `GraphError` with the path of the layer that does not fit.
  func trace(_ image: Symbol, classes: Int, in g: inout GraphBuilder) throws -> [Symbol]
}

extension NetworkConfiguration {
  /// The default sees the image alone.
  public var readsPosition: Bool { false }

  /// The default is one output.
  public var outputWeights: [Float] { [1] }

  /// How many voxels the output lacks at each end of each axis; 0 where convolutions are padded.
  public func margins(of patch: [Int]) throws -> [Int] {
    zip(patch, try outputExtents(of: patch)).map { ($0 - $1) / 2 }
  }
}

/// The networks that a configuration may name. Add one: a file in this folder, a line here.
public enum Networks: Catalogue {
  /// Any network's configuration.
  public typealias Entry = any NetworkConfiguration
  /// What errors call an entry.
  public static let subject = "network"
  /// The networks.
  public static var catalogue: [any CatalogueEntry.Type] {
    [
      UNet.self,
      KayalibayNet.self,
      DeeplySupervisedUNet.self,
      VNet.self,
      ImperialUNet3D.self,
      AttentionUNet.self,
      R2UNet.self,
      MultiResUNet.self,
      FCDenseNet.self,
      SegNet.self,
      DeepLabV3Plus.self,
    ]
  }
}

/// A network as a configuration writes it: `{kind: unet, features: 16, …}`.
public typealias NetworkChoice = Choice<Networks>
