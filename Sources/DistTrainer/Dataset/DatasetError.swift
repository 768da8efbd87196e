/// Everything wrong with a data set's files and lists, found in one reading.
public struct DatasetError: Error, Equatable, CustomStringConvertible {
  /// The data set's folder or file.
  public let dataset: String
  /// The faults, one sentence each, with the file and the remedy.
  public let faults: [String]

  init(_ dataset: String, _ faults: [String]) {
    self.dataset = dataset
    self.faults = faults
  }

  /// The faults among findings.
  init(_ dataset: String, _ findings: [Finding]) { self.init(dataset, findings.faults) }

  /// One sentence a fault; of more than twenty, the first twenty and how many there are.
  public var description: String {
    var lines = Array(faults.prefix(20))
    if faults.count > lines.count {
      lines.append("These are the first \(lines.count) of \(faults.count) faults in \(dataset).")
    }
    return lines.joined(separator: "\n")
  }
}
