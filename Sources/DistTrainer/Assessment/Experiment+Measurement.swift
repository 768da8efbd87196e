internal import Evaluation

extension Experiment {
  /// What an experiment measures of its validation subjects: every foreground label and the groups
  /// of its configuration, by label number.
  ///
  /// - Throws: ``ConfigurationError`` for a group with labels that the data set does not have.
  static func measurement(
    _ section: EvaluationSection, labels: [DatasetLabel]
  ) throws -> StructureMeasurement {
    var structures = labels.filter { $0.number != 0 }.map {
      MeasuredStructure(label: $0.number, name: $0.name)
    }
    var faults: [ConfigurationFault] = []
    for group in section.groups.groups {
      let path = "evaluation.groups".appending(key: group.name)
      switch group.resolved(among: labels) {
      case .stray(let text):
        let known = labels.filter { $0.number != 0 }.map { "\($0.number) (\($0.name))" }
        faults.append(
          ConfigurationFault(
            path,
            "holds \(text), which is none of the foreground labels of the data set: they are "
              + known.joined(separator: ", ")))
      case .numbers(let numbers):
        do {
          structures.append(try MeasuredStructure(group: group.name, labels: numbers))
        } catch {
          faults.append(ConfigurationFault(path, "is no group: \(error)"))
        }
      }
    }
    guard faults.isEmpty else { throw ConfigurationError(faults) }
    let surface = try section.surface.map {
      try SurfaceSettings(family: $0, tolerances: section.tolerances)
    }
    return StructureMeasurement(structures, surface: surface)
  }

  /// A measurement of volumes that hold classes instead of label numbers.
  func byClass(_ measurement: StructureMeasurement) -> StructureMeasurement {
    let classes = classOfLabel
    return StructureMeasurement(
      measurement.structures.map { structure in
        structure.relabeled { classes[Int($0)] ?? 0 }
      }, surface: measurement.surface)
  }
}
