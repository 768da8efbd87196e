internal import Compute
internal import Foundation

/// Weights of a file on their way into a network: what is loaded, what is left, what is skipped.
struct WeightTransfer: Sendable {
  /// A parameter of the network that is loaded or left, or a tensor of the file that is skipped.
  struct Row: Sendable, Equatable {
    enum State: String, Sendable {
      case loaded
      case left
      case skipped
    }

    var state: State
    /// The parameter of the network; nil for a tensor that becomes none.
    var parameter: String?
    /// The tensor of the file; nil for a parameter that gets none.
    var source: String?
    /// The elements of the parameter or tensor.
    var elements: Int
    /// How it was loaded, or why not.
    var note: String
  }

  /// Parameters in the network's order, then skipped tensors by name.
  let rows: [Row]
  /// What the file is called.
  let name: String
  /// The values of the parameters that are loaded, by their place in the table.
  private let values: [Int: [Float]]

  /// Finds what of a file goes where.
  ///
  /// - Parameters:
  ///   - section: the rules.
  ///   - file: the file's contents.
  ///   - name: how messages call it.
  ///   - table: the network's parameters.
  /// - Throws: ``ConfigurationError`` with every rule that matches nothing or leads nowhere and every
  ///   tensor that does not fit.
  init(
    _ section: InitializeSection, file: Safetensors, name: String, table: ParameterTable
  ) throws {
    try section.requireMatches(in: table)
    self.name = name
    var matching = Matching(section, name: name, table: table)
    // In a checkpoint, names with a slash are the optimizer's state and other weights.
    let isCheckpoint = file.metadata["format"]?.hasPrefix("segmpi") ?? false
    for source in file.tensors.keys.sorted() where !isCheckpoint || !source.contains("/") {
      if let tensor = file.tensors[source] { matching.take(source, tensor) }
    }
    (rows, values) = try matching.finish()
  }

  /// Writes the loaded parameters into an arena.
  func apply(to arena: inout MutableSpan<Float>, table: ParameterTable) {
    for (place, loaded) in values {
      let offset = table[place].offset
      for index in loaded.indices { arena[offset + index] = loaded[index] }
    }
  }

  /// `initialization.csv`: a row a parameter and skipped tensor.
  var csv: String {
    "state,parameter,tensor,elements,note\n"
      + rows.map { row in
        [
          row.state.rawValue, row.parameter ?? "", row.source ?? "", "\(row.elements)", row.note,
        ].map { $0.contains(",") ? "\"\($0)\"" : $0 }.joined(separator: ",") + "\n"
      }.joined()
  }

  /// What happens, in a line.
  var summary: String {
    func count(_ state: Row.State) -> (rows: Int, elements: Int) {
      let some = rows.filter { $0.state == state }
      return (some.count, some.reduce(0) { $0 + $1.elements })
    }
    let (loaded, left, skipped) = (count(.loaded), count(.left), count(.skipped))
    return "\(loaded.rows) of \(loaded.rows + left.rows) parameters "
      + "(\(loaded.elements) of \(loaded.elements + left.elements) numbers) loaded from \(name), "
      + "\(left.rows) left as drawn, \(skipped.rows) tensors of the file skipped"
  }
}

/// The matching of tensors to parameters, under way.
private struct Matching {
  private let section: InitializeSection
  private let name: String
  private let table: ParameterTable
  private let rules: [(pattern: NamePattern, replacement: NamePattern)]
  private let only: [NamePattern]
  private var used: Set<Int> = []
  private var loaded: [Int: (source: String, note: String, values: [Float])] = [:]
  private var skipped: [WeightTransfer.Row] = []
  private var names: [String] = []
  private var faults: [ConfigurationFault] = []

  init(_ section: InitializeSection, name: String, table: ParameterTable) {
    self.section = section
    self.name = name
    self.table = table
    rules = section.map.rules.map { (NamePattern($0.pattern), NamePattern($0.replacement)) }
    only = section.only.map { NamePattern($0) }
  }

  /// Finds the parameter of one tensor.
  mutating func take(_ source: String, _ tensor: Safetensors.Tensor) {
    names.append(source)
    var target = source
    var rule: Int?
    for (index, candidate) in rules.enumerated() {
      guard let captures = candidate.pattern.match(source) else { continue }
      used.insert(index)
      if rule == nil {
        rule = index
        target = candidate.replacement.filled(with: captures)
      }
    }
    func skip(_ reason: String) {
      skipped.append(
        .init(
          state: .skipped, parameter: nil, source: source, elements: tensor.count, note: reason))
    }
    let path = rule.map { "initialize.map".appending(key: rules[$0].pattern.text) }
    guard let place = table.index(of: target) else {
      guard let path else { return skip("no parameter has this name") }
      faults.append(
        ConfigurationFault(
          path,
          "makes \(target) of \(source), which is no parameter of the network: "
            + (NearestKey.suggestion(for: target, among: table.entries.map(\.name)).map {
              "did you mean \($0)?"
            } ?? "its parameters are named like \(table.entries.prefix(3).map(\.name))")))
      return
    }
    guard only.isEmpty || only.contains(where: { $0.matches(target) }) else {
      return skip("initialize.only leaves out \(target)")
    }
    if let other = loaded[place] {
      faults.append(
        ConfigurationFault(
          path ?? "initialize.map",
          "lets both \(other.source) and \(source) become \(target): mend the rules so that one does"
        ))
      return
    }
    guard let (values, note) = fit(tensor, table[place].shape) else {
      faults.append(
        ConfigurationFault(
          path ?? "initialize.from",
          "brings \(source), \(tensor.type.rawValue) \(tensor.shape), to \(target), "
            + "F32 \(table[place].shape): name what fits in initialize.only"
            + (canSum(tensor, table[place].shape)
              ? ", or set initialize.sumInputChannels: true" : "")))
      return
    }
    loaded[place] = (source, note, values)
  }

  /// The tensor's elements as the parameter has them; nil where it does not fit.
  private func fit(_ tensor: Safetensors.Tensor, _ shape: Shape) -> ([Float], String)? {
    guard let floats = tensor.floats else { return nil }
    if tensor.shape == shape.extents { return (floats, "") }
    guard section.sumInputChannels, canSum(tensor, shape) else { return nil }
    let (outputs, inputs) = (tensor.shape[0], tensor.shape[1])
    let taps = shape.extents.dropFirst(2).reduce(1, *)
    var sums = [Float](repeating: 0, count: outputs * taps)
    for output in 0..<outputs {
      for tap in 0..<taps {
        var sum = 0.0
        for input in 0..<inputs { sum += Double(floats[(output * inputs + input) * taps + tap]) }
        sums[output * taps + tap] = Float(sum)
      }
    }
    return (sums, "sum over \(inputs) input channels")
  }

  /// Whether the parameter is the tensor but for its one input channel.
  private func canSum(_ tensor: Safetensors.Tensor, _ shape: Shape) -> Bool {
    tensor.type == .float32 && shape.rank >= 3 && tensor.shape.count == shape.rank
      && shape[1] == 1 && tensor.shape[0] == shape[0]
      && tensor.shape[2...] == shape.extents[2...]
  }

  /// The rows and the values.
  func finish() throws -> ([WeightTransfer.Row], [Int: [Float]]) {
    var faults = faults
    for (index, rule) in rules.enumerated() where !used.contains(index) {
      faults.append(
        ConfigurationFault(
          "initialize.map".appending(key: rule.pattern.text),
          "matches none of the \(names.count) tensors of \(name) (such as "
            + "\(names.prefix(3).joined(separator: ", "))): mend the pattern or remove the rule"))
    }
    if faults.isEmpty, loaded.isEmpty {
      faults.append(
        ConfigurationFault(
          "initialize.from",
          "is \(name), of which nothing would be loaded: its names (such as "
            + "\(names.prefix(3).joined(separator: ", "))) are none of the network's (such as "
            + "\(table.entries.prefix(3).map(\.name).joined(separator: ", "))); "
            + "translate them in initialize.map"))
    }
    guard faults.isEmpty else { throw ConfigurationError(faults) }
    let parameters = table.entries.enumerated().map { place, entry in
      let found = loaded[place]
      let isMeant = only.isEmpty || only.contains { $0.matches(entry.name) }
      return WeightTransfer.Row(
        state: found == nil ? .left : .loaded, parameter: entry.name, source: found?.source,
        elements: entry.shape.count,
        note: found?.note
          ?? (isMeant ? "no tensor has this name" : "initialize.only leaves it out"))
    }
    return (parameters + skipped, loaded.mapValues(\.values))
  }
}
