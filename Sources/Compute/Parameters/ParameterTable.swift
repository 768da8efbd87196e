public import CounterRandom

/// The named slices of a network's parameter arena, in the order they were declared.
///
/// Values lie in one contiguous arena of float32 and gradients in a second of the same layout, so
/// that optimizer, all-reduce, norm and checkpoint are loops over one buffer.
public struct ParameterTable: Sendable {
  /// What a parameter is for; decides who may change it.
  public enum Role: Hashable, Sendable {
    /// Multiplies inputs: optimized, decayed.
    case weight
    /// Is added: optimized, usually not decayed.
    case bias
    /// Scales a normalized map or shapes an activation: optimized, usually not decayed.
    case scale
    /// A running statistic: saved, not optimized; moves toward each step's observation by the
    /// fraction `momentum`, as `value = (1 - momentum) * value + momentum * observation`.
    case statistic(momentum: Float)

    /// Whether the optimizer may change it.
    public var isTrainable: Bool {
      if case .statistic = self { false } else { true }
    }
  }

  /// One parameter: name, shape, role, initial values, and its place in the arena.
  public struct Entry: Sendable {
    /// The path, spelled as PyTorch would: `encoder.0.conv1.weight`.
    public let name: String
    /// The extents, outermost first; a convolution's weight is `[O, I, k…]`.
    public let shape: Shape
    /// What it is for.
    public fileprivate(set) var role: Role
    /// What fills it at the start.
    public let initializer: any ParameterInitializer
    /// The index of its first element in the arena.
    public fileprivate(set) var offset = 0

    /// The elements of the arena that belong to it.
    public var range: Range<Int> { offset..<(offset + shape.count) }

    init(name: String, shape: Shape, role: Role, initializer: any ParameterInitializer) {
      self.name = name
      self.shape = shape
      self.role = role
      self.initializer = initializer
    }
  }

  /// The parameters in arena order.
  public private(set) var entries: [Entry] = []
  private var indices: [String: Int] = [:]

  /// An empty table.
  public init() {}

  /// The number of parameters.
  public var count: Int { entries.count }

  /// The length of the arena in elements, padding included.
  public private(set) var elementCount = 0

  /// The number of elements that the optimizer may change.
  public var trainableCount: Int {
    entries.reduce(0) { $0 + ($1.role.isTrainable ? $1.shape.count : 0) }
  }

  /// The parameter at a place in the table.
  public subscript(index: Int) -> Entry { entries[index] }

  /// The place of the parameter with this name.
  public func index(of name: String) -> Int? { indices[name] }

  /// Elements between slice starts are a multiple of this: 64 bytes, a cache line, so that
  /// vector instructions on any slice are aligned. Padding stays zero in values and gradients.
  static let alignment = 16

  mutating func append(_ entry: Entry) {
    var entry = entry
    entry.offset = elementCount
    indices[entry.name] = entries.count
    let padded = (entry.shape.count + Self.alignment - 1) / Self.alignment * Self.alignment
    elementCount += padded
    entries.append(entry)
  }

  /// Changes how far a statistic moves toward an observation.
  mutating func setMomentum(_ momentum: Float, at index: Int) {
    entries[index].role = .statistic(momentum: momentum)
  }

  /// Writes every parameter's initial values into `values`, an arena of ``elementCount`` elements.
  ///
  /// Each parameter draws from a stream of its own, keyed by `seed` and its name: adding a layer
  /// does not change the others' values, and every rank obtains the same bits.
  public func initialize(_ values: inout MutableSpan<Float>, seed: UInt64) {
    precondition(values.count == elementCount, "the arena does not fit the table")
    for index in values.indices { values[index] = 0 }
    for entry in entries {
      var stream = RandomStream(seed: seed, "parameter:" + entry.name)
      var slice = values._mutatingExtracting(entry.range)
      entry.initializer.fill(&slice, shape: entry.shape, using: &stream)
    }
  }
}

/// Fills a parameter at the start of training.
public protocol ParameterInitializer: Sendable {
  /// Writes initial values.
  ///
  /// - Parameters:
  ///   - values: the parameter's slice, row-major.
  ///   - shape: its extents; a convolution's weight is `[O, I, k…]`.
  ///   - stream: the parameter's own random numbers.
  func fill(_ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream)
}

/// Fills a parameter with one value.
public struct ConstantInitializer: ParameterInitializer {
  /// The value.
  public let value: Float

  /// An initializer that writes `value` everywhere.
  public init(_ value: Float) { self.value = value }

  /// Writes the value into every element.
  public func fill(
    _ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream
  ) {
    for index in values.indices { values[index] = value }
  }
}
