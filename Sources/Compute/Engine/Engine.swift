/// Executes graphs on one kind of hardware.
///
/// An engine turns a ``Graph`` into a ``Plan`` once, and the plan runs many times. Seam: a GPU
/// engine is a new target with one type that conforms to this protocol.
public protocol Engine: Sendable {
  /// A name for logs and provenance, for example `cpu-onednn-2.6.3`.
  var name: String { get }

  /// The instructions it uses, for example `avx512_core_bf16`; results may differ in bits between
  /// two of them.
  var instructionSet: String { get }

  /// What ``Precision/automatic`` means on this hardware: float32 or bfloat16.
  var preferredPrecision: Precision { get }

  /// Room for the parameters of a network and their gradients.
  func makeParameterStore(for table: ParameterTable) -> any ParameterStore

  /// Chooses primitives and layouts, and plans memory, without allocating it.
  ///
  /// - Throws: ``EngineError`` with the path of the node that cannot be run.
  func estimateMemory(of graph: Graph, precision: Precision) throws -> MemoryEstimate

  /// Creates primitives, chooses layouts, plans and allocates memory.
  ///
  /// - Parameters:
  ///   - graph: what to run.
  ///   - parameters: what it reads its parameters from and leaves its gradients in; a store made
  ///     by this engine for a table with the same entries. Several plans may share one store.
  ///   - precision: how activations are kept and multiplied.
  /// - Returns: a plan that can be run at once and as often as needed.
  /// - Throws: ``EngineError`` with the path of the node that cannot be run.
  func compile(
    _ graph: Graph, parameters: any ParameterStore, precision: Precision
  ) throws -> any Plan

  /// Calls `body` with every index below `count`, on the host's threads that otherwise compute, and
  /// waits for all; between two runs of a plan, from the thread that runs it.
  ///
  /// Threads that just ran a plan still spin, waiting for more: other threads would have to share
  /// their cores with them. Which thread takes an index changes nothing that `body` may compute.
  func perform(_ count: Int, _ body: @Sendable (Int) -> Void)
}

/// How activations and the weights they meet are kept; sums are float32 either way.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// What the hardware does best: bfloat16 where it multiplies it natively, else float32.
  case automatic = "auto"
  case float32
  case bfloat16
}

/// The values and gradients of a network's parameters, each one contiguous arena.
public protocol ParameterStore: AnyObject {
  /// The slices.
  var table: ParameterTable { get }

  /// Lends the gradients that the last run left (and the observed statistics), to read or change.
  func withGradients<R>(_ body: (inout MutableSpan<Float>) throws -> R) rethrows -> R

  /// Lends the values to read.
  func withValues<R>(_ body: (Span<Float>) throws -> R) rethrows -> R

  /// Lends values and gradients, to change the values; plans notice before their next run.
  func update<R>(
    _ body: (_ values: inout MutableSpan<Float>, _ gradients: inout MutableSpan<Float>) throws -> R
  ) rethrows -> R
}

/// A compiled graph: fixed shapes, fixed memory. Running it allocates nothing and throws nothing.
///
/// Not for use by two threads at once.
public protocol Plan: AnyObject {
  /// What the plan occupies.
  var memory: MemoryEstimate { get }

  /// Fills a dense input; the number of elements must be the input's.
  func write(_ values: Span<Float>, to input: String)

  /// Fills a label input; the number of elements must be the input's.
  func write(_ labels: Span<UInt8>, to input: String)

  /// Runs every node once.
  ///
  /// Every input must have been written since the last run: a run reuses the bytes of inputs that
  /// it has read.
  ///
  /// - Parameter key: names the random numbers of this run (dropout).
  func run(key: RunKey)

  /// Runs every node once, and lends the gradients as they become known: the same bits as
  /// ``run(key:)``.
  ///
  /// - Parameters:
  ///   - key: names the random numbers of this run (dropout).
  ///   - during: called many times in the course of the run, on the calling thread, with all
  ///     gradients and the elements of them that have become known since the last call: none,
  ///     or some, each element once in a run, usually from the end to the beginning.
  /// - Throws: what `during` throws; the gradients are useless then.
  func run(
    key: RunKey, during: (_ gradients: Span<Float>, _ known: Range<Int>) throws -> Void
  ) rethrows

  /// Copies an output, row-major; the number of elements must be the output's.
  func read(_ output: String, into values: inout MutableSpan<Float>)
}

extension Plan {
  /// The value of a scalar output.
  public func scalar(_ output: String) -> Float {
    var value: [Float] = [0]
    var span = value.mutableSpan
    read(output, into: &span)
    return value[0]
  }
}

/// Names the random numbers of one run: a seed and coordinates such as step and shard.
public struct RunKey: Sendable {
  /// The seed of the training run.
  public var seed: UInt64
  /// What distinguishes this run from the others: step and shard, never the rank.
  public var coordinates: [Int]

  /// A key; inference, which draws nothing, takes the default.
  public init(seed: UInt64 = 0, coordinates: [Int] = []) {
    self.seed = seed
    self.coordinates = coordinates
  }
}

/// What a plan occupies, in bytes.
public struct MemoryEstimate: Sendable, Equatable {
  /// Activations, gradients of activations, and scratch, after sharing by liveness.
  public var arena: Int
  /// The same without sharing: what an engine that frees nothing would need.
  public var unshared: Int
  /// Parameters in the layouts the primitives want.
  public var weights: Int
}

/// Why a graph cannot be compiled.
public struct EngineError: Error, CustomStringConvertible {
  /// The sentence: path of the node, what failed, remedy where there is one.
  public let description: String

  /// An error with this sentence.
  public init(_ description: String) { self.description = description }
}
