/// One metric of one structure as a system was measured on it, subject by subject.
public struct MeasuredLabel: Sendable, Equatable {
  /// The structure's name, or its number where it has none.
  public var name: String
  /// The structure's number as it stands in the table; may be empty.
  public var number: String
  /// The subjects with a value.
  public var values: [String: Double]
  /// The subjects without one, with the reason.
  public var undefined: [String: String]

  /// What was measured on one structure.
  public init(
    name: String, number: String = "", values: [String: Double] = [:],
    undefined: [String: String] = [:]
  ) {
    self.name = name
    self.number = number
    self.values = values
    self.undefined = undefined
  }

  /// The values in case order.
  public var ordered: [Double] { values.sorted { $0.key.precedes($1.key) }.map(\.value) }
}

/// A system to compare with others: a run, or a table of metrics from anywhere.
public struct MeasuredSystem: Sendable, Equatable {
  /// What reports call it.
  public var name: String
  /// The run folder or the table.
  public let path: String
  /// How many subjects it was trained on, the mean over folds; `nil` where that is not known.
  public var trainingSubjects: Double?
  /// The structures measured, in the order of the table.
  public let labels: [MeasuredLabel]

  /// A system put together from values.
  public init(
    name: String, path: String = "", trainingSubjects: Double? = nil, labels: [MeasuredLabel]
  ) {
    self.name = name
    self.path = path
    self.trainingSubjects = trainingSubjects
    self.labels = labels
  }

  /// The structure of that name or number, if it was measured.
  public func label(_ name: String) -> MeasuredLabel? {
    labels.first { $0.name == name } ?? labels.first { $0.number == name }
  }
}

extension MeasuredSystem {
  /// Reads what command lines name: `PATH`, or `PATH=N` with a number of training subjects.
  ///
  /// - Parameters:
  ///   - arguments: run folders, folders with `metrics.csv`, or such tables.
  ///   - names: what to call them, in the same order; nil takes the last parts of the paths.
  ///   - metric: the column to read.
  /// - Returns: the systems, in the order of the arguments.
  /// - Throws: ``ComparisonError`` for what cannot be read, and for two systems of one name.
  public static func read(
    _ arguments: [String], names: [String]? = nil, metric: String
  ) throws(ComparisonError) -> [MeasuredSystem] {
    if let names, names.count != arguments.count {
      throw ComparisonError([
        "There are \(arguments.count) systems and \(names.count) names: give one name a system."
      ])
    }
    let sources = arguments.map(Source.init)
    var given = names ?? sources.map(\.shortName)
    // Where short names coincide the paths must tell.
    if names == nil, Set(given).count < given.count { given = sources.map(\.path) }
    guard Set(given).count == given.count else {
      throw ComparisonError([
        "Two systems are called alike (\(given.joined(separator: ", "))): give --names."
      ])
    }
    var systems: [MeasuredSystem] = []
    var faults: [String] = []
    for (source, name) in zip(sources, given) {
      do throws(ComparisonError) {
        systems.append(try source.read(name: name, metric: metric))
      } catch {
        faults += error.faults
      }
    }
    guard faults.isEmpty else { throw ComparisonError(faults) }
    return systems
  }
}
