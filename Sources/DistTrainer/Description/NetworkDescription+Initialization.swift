internal import Evaluation
internal import Nets

extension NetworkDescription {
  /// Where the initial weights come from, line by line; none where the network's own rule draws all.
  var initializationLines: [String] {
    let begin = initialize
    guard begin != InitializeSection() else { return [] }
    var lines = begin.draw.map { draw in
      "initial weights of \(draw.parameters.joined(separator: ", ")) drawn by \(draw.initializer.kind)"
    }
    if let from = begin.from {
      var line = "initial weights from \(from) (of a run: checkpoint \(begin.checkpoint.rawValue))"
      if !begin.only.isEmpty { line += ", only \(begin.only.joined(separator: ", "))" }
      if begin.sumInputChannels { line += ", summed over input channels" }
      lines.append(line)
      lines += begin.map.rules.map { "  \($0.pattern) there is \($0.replacement) here" }
    }
    return lines
  }

  /// The same as JSON: null where the network's own rule draws all.
  var initializationJSON: JSONValue {
    let begin = initialize
    guard begin != InitializeSection() else { return .null }
    func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
    return .object([
      (
        "draw",
        .array(
          begin.draw.map { draw in
            .object([
              ("parameters", texts(draw.parameters)),
              ("initializer", .string(draw.initializer.kind)),
            ])
          })
      ),
      ("from", begin.from.map { .string($0) } ?? .null),
      ("checkpoint", .string(begin.checkpoint.rawValue)), ("only", texts(begin.only)),
      ("map", .object(begin.map.rules.map { ($0.pattern, .string($0.replacement)) })),
      ("sumInputChannels", .bool(begin.sumInputChannels)),
    ])
  }
}
