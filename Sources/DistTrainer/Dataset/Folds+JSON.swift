internal import Evaluation
internal import Foundation

extension Folds {
  /// The splits in the shape of nnU-Net's `splits_final.json`.
  public var json: String {
    func names(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
    return JSONValue.array(
      splits.map { split in
        .object(
          [("train", names(split.train)), ("val", names(split.val))]
            + (split.test.isEmpty ? [] : [("test", names(split.test))]))
      }
    ).indented
  }

  /// Reads a `splits_final.json`, which may come from nnU-Net.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - dataset: the data set whose subjects it divides.
  /// - Throws: ``FoldsError`` for a file that cannot be read, a subject that the data set lacks, one
  ///   named twice in a fold, and a fold that trains on or validates nothing.
  public init(contentsOf path: String, dataset: Dataset) throws(FoldsError) {
    let splits: [Split]
    do {
      splits = try JSONDecoder().decode(
        [Split].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw FoldsError([
        "\(path) cannot be read as splits: it must be a list of {\"train\": […], \"val\": […]}."
      ])
    }
    let known = Set(dataset.subjects.map(\.name))
    var faults: [String] = []
    for (fold, split) in splits.enumerated() {
      let here = "Fold \(fold) of \(path)"
      if split.train.isEmpty { faults.append("\(here) trains on nothing: fill train.") }
      if split.val.isEmpty { faults.append("\(here) validates nothing: fill val.") }
      var seen: Set<String> = []
      for name in split.train + split.val + split.test {
        if !known.contains(name) {
          faults.append("\(here) names \(name), which \(dataset.name) lacks: remove it.")
        }
        if !seen.insert(name).inserted {
          faults.append("\(here) names \(name) twice: a subject trains, validates or tests, once.")
        }
      }
    }
    if splits.isEmpty { faults.append("\(path) has no fold: write it anew with split.") }
    guard faults.isEmpty else { throw FoldsError(faults) }
    self.init(splits: splits)
  }
}
