internal import Yams

extension ConfigurationNode {
  /// Reads one YAML document.
  ///
  /// - Parameters:
  ///   - yaml: the document; an empty one is `null`.
  ///   - name: how messages call the document, usually the file's name.
  /// - Throws: ``ConfigurationError`` for what is not YAML, a key given twice, a key that is no
  ///   text, and documents larger than any experiment needs (a mebibyte, 100,000 nodes counting
  ///   what aliases repeat, 64 levels).
  public init(yaml: String, name: String) throws(ConfigurationError) {
    guard yaml.utf8.count <= 1 << 20 else {
      throw ConfigurationError([
        ConfigurationFault("", "has more than a mebibyte (\(name)): give the experiment's file")
      ])
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw ConfigurationError(Self.faults(of: error, name: name))
    } catch {
      throw ConfigurationError([ConfigurationFault("", "cannot be read (\(name)): \(error)")])
    }
    var conversion = Conversion(name: name)
    let node = root.map { conversion.convert($0, path: "", depth: 0) }
    guard conversion.faults.isEmpty else { throw ConfigurationError(conversion.faults) }
    self = node ?? ConfigurationNode(.null)
  }

  private static func faults(of error: YamlError, name: String) -> [ConfigurationFault] {
    func place(_ mark: Mark) -> ConfigurationMark {
      .file(name: name, line: mark.line, column: mark.column)
    }
    switch error {
    case .duplicatedKeysInMapping(let duplicates, let context):
      return duplicates.sorted().map {
        ConfigurationFault(
          $0, "is given more than once in its mapping: keep one", at: place(context.mark))
      }
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return [ConfigurationFault("", "is not YAML: \(problem)", at: place(mark))]
    default:
      return [ConfigurationFault("", "is not YAML (\(name)): \(error)")]
    }
  }

  /// Turns Yams' nodes into ours, within bounds.
  private struct Conversion {
    let name: String
    var faults: [ConfigurationFault] = []
    private var nodes = 0

    init(name: String) { self.name = name }

    mutating func convert(_ node: Node, path: String, depth: Int) -> ConfigurationNode {
      let mark = node.mark.map {
        ConfigurationMark.file(name: name, line: $0.line, column: $0.column)
      }
      nodes += 1
      guard nodes <= 100_000, depth <= 64 else {
        // Said once: everything below would only repeat it.
        if !faults.contains(where: { $0.problem.hasPrefix("nests") }) {
          faults.append(
            ConfigurationFault(path, "nests too deeply or repeats aliases too often", at: mark))
        }
        return ConfigurationNode(.null, mark: mark)
      }
      switch node {
      case .scalar(let scalar):
        return ConfigurationNode(Self.content(of: scalar), mark: mark)
      case .sequence(let sequence):
        let elements = sequence.enumerated().map { index, element in
          convert(element, path: path.appending(key: "\(index)"), depth: depth + 1)
        }
        return ConfigurationNode(.sequence(elements), mark: mark)
      case .mapping(let mapping):
        return ConfigurationNode(
          .mapping(mapping.compactMap { entry($0.key, $0.value, path: path, depth: depth) }),
          mark: mark)
      case .alias:
        // The composer resolves aliases; one left over would be a fault of the document.
        faults.append(ConfigurationFault(path, "is an alias of nothing", at: mark))
        return ConfigurationNode(.null, mark: mark)
      }
    }

    private mutating func entry(
      _ key: Node, _ value: Node, path: String, depth: Int
    ) -> Entry? {
      let mark = key.mark.map {
        ConfigurationMark.file(name: name, line: $0.line, column: $0.column)
      }
      guard case .scalar(let scalar) = key else {
        faults.append(ConfigurationFault(path, "has a key that is no text", at: mark))
        return nil
      }
      let text = scalar.string
      return Entry(
        key: text, keyMark: mark,
        value: convert(value, path: path.appending(key: text), depth: depth + 1))
    }

    private static func content(of scalar: Node.Scalar) -> Content {
      let isPlain = scalar.style == .plain || scalar.style == .any
      return isPlain && PlainScalar.isNull(scalar.string)
        ? .null : .scalar(scalar.string, isQuoted: !isPlain)
    }
  }
}

extension String {
  /// The dotted path of a key below this path.
  func appending(key: String) -> String { isEmpty ? key : "\(self).\(key)" }
}
