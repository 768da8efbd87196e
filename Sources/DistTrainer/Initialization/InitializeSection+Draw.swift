internal import Compute
internal import CounterRandom
internal import Nets

extension InitializeSection {
  /// Draws the parameters that `draw` names, each from a stream of its own.
  ///
  /// - Parameters:
  ///   - values: an arena in which all parameters have been drawn.
  ///   - table: its slices.
  ///   - seed: the training's.
  func redraw(_ values: inout MutableSpan<Float>, of table: ParameterTable, seed: UInt64) {
    for rule in draw {
      let patterns = rule.parameters.map { NamePattern($0) }
      // Rules know nothing of activations: He's takes a rectifier's slope of 0 unless it is given one.
      let initializer = rule.initializer.value.initializer(activationSlope: 0)
      for entry in table.entries where entry.role.isTrainable {
        guard patterns.contains(where: { $0.matches(entry.name) }) else { continue }
        var stream = RandomStream(seed: seed, "parameter redrawn:" + entry.name)
        var slice = values._mutatingExtracting(entry.range)
        initializer.fill(&slice, shape: entry.shape, using: &stream)
      }
    }
  }

  /// Requires that every pattern of `draw` and `only` names a parameter.
  ///
  /// - Throws: ``ConfigurationError`` with a sentence for each that does not.
  func requireMatches(in table: ParameterTable) throws {
    var lists = draw.enumerated().map { ("initialize.draw.\($0).parameters", $1.parameters) }
    lists.append(("initialize.only", only))
    var faults: [ConfigurationFault] = []
    for (path, patterns) in lists {
      for (index, text) in patterns.enumerated() {
        let pattern = NamePattern(text)
        guard !table.entries.contains(where: { pattern.matches($0.name) }) else { continue }
        faults.append(
          ConfigurationFault(
            "\(path).\(index)",
            "is \(text), which matches none of the network's \(table.count) parameters (such as "
              + "\(table.entries.prefix(3).map(\.name).joined(separator: ", "))): mend the pattern")
        )
      }
    }
    guard faults.isEmpty else { throw ConfigurationError(faults) }
  }

  /// What is wrong with the section, whatever the network.
  func problems() -> [ConfigurationFault] {
    var faults: [ConfigurationFault] = []
    func require(_ condition: Bool, _ path: String, _ problem: String) {
      if !condition { faults.append(ConfigurationFault("initialize.\(path)", problem)) }
    }
    require(from != "", "from", "must name a file or a run's folder, or be null for none")
    require(
      from != nil || map.rules.isEmpty, "map",
      "has rules but no file to apply them to: set "
        + "initialize.from")
    require(
      from != nil || only.isEmpty, "only",
      "has patterns but there is no file to load them from: set "
        + "initialize.from")
    for rule in map.rules {
      let (found, wanted) = (
        NamePattern(rule.pattern).wildcards, NamePattern(rule.replacement).wildcards
      )
      if wanted > found {
        faults.append(
          ConfigurationFault(
            "initialize.map".appending(key: rule.pattern),
            "is \(rule.replacement), which has \(wanted) * where the pattern has \(found): "
              + "give as many or fewer"))
      }
    }
    for (index, rule) in draw.enumerated() {
      require(
        !rule.parameters.isEmpty, "draw.\(index).parameters",
        "is empty: name parameters, as in [\"*.bias\"]")
      for problem in rule.initializer.problems() {
        require(false, "draw.\(index).initializer.\(problem.key)", problem.message)
      }
    }
    return faults
  }
}
