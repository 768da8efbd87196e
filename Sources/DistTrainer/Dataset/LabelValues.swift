/// The values that label files store, where they are not the labels' own numbers.
enum LabelValues {
  /// Reads a map from stored values to labels.
  ///
  /// - Parameters:
  ///   - raw: the values as text, each with the number of its label.
  ///   - labels: the labels there are.
  ///   - name: what the map is called, for messages.
  /// - Returns: the labels by value.
  /// - Throws: ``DatasetError`` for a value that is no whole number, or a label that is not there.
  static func map(
    _ raw: [String: Int], to labels: [DatasetLabel], named name: String
  ) throws(DatasetError) -> [Int: UInt8] {
    var map: [Int: UInt8] = [:]
    var faults: [String] = []
    let known = labels.map { "\($0.number)" }.joined(separator: ", ")
    for (text, number) in raw.sorted(by: { $0.key.precedes($1.key) }) {
      guard let value = Int(text) else {
        faults.append("\(name) has the value \(text), which is no whole number: mend it.")
        continue
      }
      guard let label = labels.first(where: { Int($0.number) == number }) else {
        faults.append(
          "\(name) makes \(value) the label \(number), which is not declared: map it to one of "
            + "\(known).")
        continue
      }
      map[value] = label.number
    }
    guard faults.isEmpty else { throw DatasetError(name, faults) }
    return map
  }

  /// Labels 0, 1, … of these names.
  ///
  /// - Throws: ``DatasetError`` about `path` for fewer than 2 or more than 256 names.
  static func numbered(_ names: [String], of path: String) throws(DatasetError) -> [DatasetLabel] {
    guard (2...256).contains(names.count) else {
      throw DatasetError(path, ["\(path) needs 2 to 256 label names, background first."])
    }
    return names.enumerated().map { DatasetLabel(number: UInt8($0), name: $1) }
  }
}
