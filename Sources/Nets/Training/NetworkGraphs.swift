public import Compute

/// The graphs of a network with its loss, and the names of their inputs and outputs.
public enum NetworkGraphs {
  /// The image, dense `[N, C, spatial…]`.
  public static let image = "image"
  /// Where in its volume the patch lies, `[N, axes]`, for networks with
  /// ``NetworkConfiguration/readsPosition``.
  ///
  /// Along an axis of V voxels, a patch of S whose first voxel is o has 2 (o / (V - S) - 1/2): -1 at
  /// the start, 0 at the center, 1 at the end; 0 where V = S.
  public static let position = "position"
  /// The class of each voxel of the output, `[N, spatial…]`.
  public static let labels = "labels"
  /// The training loss, a scalar.
  public static let loss = "loss"
  /// What the softmax is taken of, `[N, classes, spatial…]`; full resolution only.
  public static let logits = "logits"
  /// The softmax, or the sigmoids, `[N, classes, spatial…]`.
  public static let probabilities = "probabilities"

  /// The graph of one training step on one shard: forward, loss, backward.
  ///
  /// Inputs: ``image``, ``labels``; outputs: ``loss``, ``logits``. Where convolutions are unpadded,
  /// labels have the extents of the output (see ``NetworkConfiguration/margins(of:)``).
  ///
  /// With side outputs, the loss is the sum over outputs of their weight times the loss between that
  /// output, interpolated to full resolution, and the same labels: L = Σ_o α_o L_o.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - loss: what it is trained to lower.
  ///   - input: the image's shape, `[N, C, spatial…]`.
  ///   - classes: the number of classes, background included.
  ///   - outputWeights: the weights α of the outputs, full resolution first; nil takes the network's.
  /// - Returns: the graph, with a gradient for every trainable parameter.
  /// - Throws: ``ConfigurationProblem`` or `GraphError` where network, loss and shape do not fit.
  public static func training(
    _ network: any NetworkConfiguration, loss: any LossConfiguration, input: Shape, classes: Int,
    outputWeights: [Float]? = nil
  ) throws -> Graph {
    try check(network, input: input, classes: classes)
    if let problem = loss.problems(classes: classes).first { throw problem.under("loss") }
    let weights = outputWeights ?? network.outputWeights
    guard weights.count == network.outputWeights.count else {
      throw ConfigurationProblem(
        "training.outputWeights",
        "has \(weights.count) numbers for a network of \(network.outputWeights.count) outputs; give "
          + "one for each, full resolution first, or null for the network's own "
          + "\(network.outputWeights)")
    }
    var g = GraphBuilder(mode: .training)
    let image = g.input(image, input, .dense)
    let outputs = try network.trace(image, classes: classes, in: &g)
    let labels = g.input(
      labels, Shape([input.batch] + outputs[0].shape.spatial), .labels)
    let logits = try g.dense(outputs[0])
    var total: Symbol?
    for (index, (weight, output)) in zip(weights, [logits] + outputs.dropFirst())
      .enumerated()
    {
      // One output needs no factor; more of them have one each, even where it is 1.
      let path = index == 0 ? "loss" : "loss.side.\(index)"
      let term = try g.scope(path) { g in
        let term = try loss.trace(logits: output, labels: labels, in: &g)
        return outputs.count == 1 && weight == 1
          ? term : try g.scaleShift(term, scale: weight)
      }
      total = try total.map { try g.add($0, term) } ?? term
    }
    guard let total else { throw GraphError(path: "", message: "has no output to train") }
    try g.output(Self.loss, total)
    try g.output(Self.logits, logits)
    return try g.finish(differentiating: total)
  }

  /// The graph that predicts: the image in, ``probabilities`` out; side outputs are left out.
  ///
  /// Its parameters are those of the training graph, in the same order.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - input: the image's shape, `[N, C, spatial…]`.
  ///   - classes: the number of classes, background included.
  ///   - activation: what makes probabilities of the logits: the loss's.
  /// - Returns: the graph.
  /// - Throws: ``ConfigurationProblem`` or `GraphError` where network and shape do not fit.
  public static func inference(
    _ network: any NetworkConfiguration, input: Shape, classes: Int,
    activation: OutputActivation = .softmax
  ) throws -> Graph {
    try check(network, input: input, classes: classes)
    var g = GraphBuilder(mode: .inference)
    let image = g.input(image, input, .dense)
    let outputs = try network.trace(image, classes: classes, in: &g)
    switch activation {
    case .softmax: try g.output(probabilities, g.softmax(outputs[0]))
    case .sigmoid: try g.output(probabilities, g.activate(g.dense(outputs[0]), .sigmoid))
    }
    return g.finish()
  }

  /// The graph that measures the loss of the network as it predicts: ``image`` and ``labels`` in,
  /// ``loss`` out, of the output at full resolution alone; nothing is differentiated.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - loss: what is measured.
  ///   - input: the image's shape, `[N, C, spatial…]`.
  ///   - classes: the number of classes, background included.
  /// - Returns: the graph.
  /// - Throws: ``ConfigurationProblem`` or `GraphError` where network, loss and shape do not fit.
  public static func evaluation(
    _ network: any NetworkConfiguration, loss: any LossConfiguration, input: Shape, classes: Int
  ) throws -> Graph {
    try check(network, input: input, classes: classes)
    if let problem = loss.problems(classes: classes).first { throw problem.under("loss") }
    var g = GraphBuilder(mode: .inference)
    let image = g.input(image, input, .dense)
    let logits = try network.trace(image, classes: classes, in: &g)[0]
    let labels = g.input(labels, Shape([input.batch] + logits.shape.spatial), .labels)
    try g.output(Self.loss, loss.trace(logits: logits, labels: labels, in: &g))
    return g.finish()
  }

  private static func check(
    _ network: any NetworkConfiguration, input: Shape, classes: Int
  ) throws {
    guard input.rank == network.dimensions + 2, input.extents.allSatisfy({ $0 > 0 }) else {
      throw ConfigurationProblem(
        "dimensions", "is \(network.dimensions), which does not fit an image of shape \(input)")
    }
    guard (1...256).contains(classes) else {
      throw ConfigurationProblem(
        "classes", "is \(classes); labels are bytes, so it must lie in 1 … 256")
    }
  }
}
