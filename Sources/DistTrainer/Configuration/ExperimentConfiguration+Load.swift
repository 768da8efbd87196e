internal import Foundation

extension ExperimentConfiguration {
  /// Reads an experiment's file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - overrides: keys set on the command line, `section.key=value`, the last winning.
  /// - Returns: the configuration with every choice's settings written out.
  /// - Throws: ``ConfigurationError`` with every fault of the file and the overrides.
  public static func load(
    contentsOf path: String, overrides: [String] = []
  ) throws(ConfigurationError) -> ExperimentConfiguration {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ConfigurationError([ConfigurationFault("", unreadable(path))])
    }
    return try load(yaml: text, name: path, overrides: overrides)
  }

  /// Reads an experiment from text.
  ///
  /// - Parameters:
  ///   - yaml: the document.
  ///   - name: how messages call it.
  ///   - overrides: keys set on the command line, `section.key=value`, the last winning.
  /// - Returns: the configuration with every choice's settings written out.
  /// - Throws: ``ConfigurationError`` with every fault: of form, of kinds, and of meaning.
  public static func load(
    yaml: String, name: String = "the configuration", overrides: [String] = []
  ) throws(ConfigurationError) -> ExperimentConfiguration {
    var node = try ConfigurationNode(yaml: yaml, name: name)
    if node.isNull { node = ConfigurationNode(.mapping([])) }
    var faults: [ConfigurationFault] = []
    for override in overrides {
      do {
        try node.apply(ConfigurationOverride(override))
      } catch {
        faults += error.faults
      }
    }
    try checkSchema(of: node)
    let (decoded, formFaults) = node.decodeCollecting(ExperimentConfiguration.self, path: "")
    faults += formFaults
    guard let configuration = decoded else { throw ConfigurationError(faults) }
    // Faults of meaning are looked for even so, except where a placeholder stands.
    let broken = Set(faults.map(\.path))
    faults += configuration.problems().filter { problem in
      !broken.contains {
        problem.path == $0 || problem.path.hasPrefix("\($0).") || $0.hasPrefix("\(problem.path).")
      }
    }.map { ConfigurationFault($0.path, $0.problem, at: node.mark(at: $0.path)) }
    guard faults.isEmpty else { throw ConfigurationError(faults) }
    return configuration
  }

  /// Why a file could not be read, and the remedy.
  private static func unreadable(_ path: String) -> String {
    guard FileManager.default.fileExists(atPath: path) else {
      return "\(path) does not exist: correct the path, or copy one of recipes/ there"
    }
    let isFolder = (try? FileManager.default.contentsOfDirectory(atPath: path)) != nil
    return isFolder
      ? "\(path) is a folder: name the YAML file in it"
      : "\(path) cannot be read: it must be text in UTF-8, and its permissions must allow it"
  }

  /// Another schema would make every other message misleading, so this fault comes alone.
  private static func checkSchema(of node: ConfigurationNode) throws(ConfigurationError) {
    guard case .mapping = node.content else {
      throw ConfigurationError([
        ConfigurationFault(
          "", "must be a mapping of sections, not \(node.summary)", at: node.mark)
      ])
    }
    guard let schema = node["schema"] else {
      throw ConfigurationError([
        ConfigurationFault("schema", "is missing: add the line schema: \(supportedSchema)")
      ])
    }
    guard schema.content == .scalar("\(supportedSchema)", isQuoted: false) else {
      throw ConfigurationError([
        ConfigurationFault(
          "schema",
          "is \(schema.summary), but this program reads schema \(supportedSchema): "
            + "use the program the file was written for, or rewrite the file",
          at: schema.mark)
      ])
    }
  }
}
