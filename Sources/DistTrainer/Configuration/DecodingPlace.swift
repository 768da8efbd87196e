/// One node being decoded: the node, the defaults under it, and where faults go.
struct DecodingPlace {
  let node: ConfigurationNode
  /// The values of keys that the node leaves out; `nil` where the type brings its own.
  let defaults: ConfigurationNode?
  let path: String
  let codingPath: [any CodingKey]
  let asked: AskedKeys
  let reading: Reading

  /// Notes a fault of this node, whose keys are then not known to be strays.
  func note(_ problem: String) {
    asked.isIncomplete = true
    reading.faults.append(ConfigurationFault(path, problem, at: node.mark))
  }

  /// Decodes a value; where that fails the fault is noted and a placeholder returned.
  ///
  /// - Throws: ``Abandoned`` when the type has no placeholder.
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let value = decodeScalar(type) { return value }
    if let names = names(of: type) {
      guard checkName(names, of: type) else { return try stand(for: type) }
    }
    if type == ConfigurationNode.self {
      asked.takesAll = true
      if let value = node as? Value { return value }
    }
    let place = try withDefaults(of: type)
    do {
      return try Value(from: NodeDecoder(place: place))
    } catch is Abandoned {
      // Its fault is noted where it arose.
    } catch let error as ProbeFailed {
      reading.faults += error.faults
    } catch let error as DecodingError {
      note(error)
    } catch {
      note("is not valid: \(error)")
    }
    asked.isIncomplete = true
    return try stand(for: type)
  }

  /// Decodes a value as one of several things it may be.
  ///
  /// - Throws: ``ProbeFailed`` with the faults, none of which is noted yet.
  func probe<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let wasIncomplete = asked.isIncomplete
    let attempt = DecodingPlace(
      node: node, defaults: defaults, path: path, codingPath: codingPath, asked: asked,
      reading: Reading())
    let value = try? attempt.decode(type)
    guard let value, attempt.reading.faults.isEmpty else {
      asked.isIncomplete = wasIncomplete
      throw ProbeFailed(faults: attempt.reading.faults)
    }
    return value
  }

  private func stand<Value>(for type: Value.Type) throws -> Value {
    guard let value = placeholder(for: type) else { throw Abandoned() }
    return value
  }

  /// This place with the type's defaults under it, if the type is a section.
  private func withDefaults(of type: Any.Type) throws -> DecodingPlace {
    guard let type = type as? any ConfigurationSection.Type else {
      // Defaults of a value that is no section are a whole, not something to lay keys over; an
      // optional passes them on to what it wraps.
      return DecodingPlace(
        node: node, defaults: type is any Placeholder.Type ? defaults : nil, path: path,
        codingPath: codingPath, asked: asked, reading: reading)
    }
    var known = defaults
    if defaults?.entries.isEmpty ?? true {
      known = try ConfigurationNode(encoding: type.init())
    }
    // A section whose lines are all commented out reads as null: all defaults.
    let written = node.isNull ? ConfigurationNode(.mapping([]), mark: node.mark) : node
    return DecodingPlace(
      node: written, defaults: known, path: path, codingPath: codingPath, asked: asked,
      reading: reading)
  }

  private func checkName(_ names: [String], of type: Any.Type) -> Bool {
    guard case .scalar(let text, _) = node.content else {
      note("must be one of \(names.joined(separator: ", ")), not \(node.summary)")
      return false
    }
    guard !names.contains(text) else { return true }
    let remedy = NearestKey.remedy(for: text, among: names, plural: "the choices")
    note("is \(text), which is no choice: \(remedy)")
    return false
  }

  /// Notes what a type's own `init(from:)` found, at the key it names if that lies below this node.
  private func note(_ error: DecodingError) {
    let (keys, problem): ([any CodingKey], String) =
      switch error {
      case .dataCorrupted(let context), .typeMismatch(_, let context),
        .valueNotFound(_, let context):
        (context.codingPath, context.debugDescription)
      case .keyNotFound(let key, let context):
        (context.codingPath, "lacks the key \(key.stringValue): \(context.debugDescription)")
      @unknown default: (codingPath, "is not valid: \(error)")
      }
    asked.isIncomplete = true
    let below = keys.dropFirst(codingPath.count).map(\.stringValue)
    let key = below.reduce(path) { $0.appending(key: $1) }
    // A fault noted at that very key left a placeholder there, which is all that this complains of.
    guard !reading.faults.contains(where: { $0.path == key }) else { return }
    reading.faults.append(
      ConfigurationFault(
        key, problem,
        at: node.mark(at: below.joined(separator: ".")) ?? node.mark))
  }
}
