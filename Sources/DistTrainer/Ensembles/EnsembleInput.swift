/// The files of several models that belong together, matched by the names of their subjects.
struct EnsembleInput: Sendable, Equatable {
  /// One subject.
  struct Item: Sendable, Equatable {
    var name: String
    /// One file a model, in the order of the models.
    var files: [String]
  }

  /// The subjects, sorted by name.
  let items: [Item]
  /// Whether each model gave one file, not a folder.
  let isSingle: Bool

  /// Matches files.
  ///
  /// - Parameters:
  ///   - paths: one folder or file a model, at least two.
  ///   - vote: decides whether volumes of probabilities or of labels are looked for.
  /// - Throws: ``EnsembleError`` where a model lacks a subject that another has, and
  ///   ``PredictionError`` for a path that holds nothing.
  init(_ paths: [String], for vote: EnsembleVote) throws {
    guard paths.count > 1 else {
      throw EnsembleError(
        "An ensemble takes the predictions of several models: name two folders or more.")
    }
    let found = try paths.map { path in
      try vote == .mean ? LabelFiles.probabilities(at: path) : LabelFiles.labels(at: path)
    }
    let areFiles = paths.map { !VolumeNames.exists($0.appending(file: ".")) }
    if areFiles.allSatisfy(\.self) {
      isSingle = true
      let name = VolumeNames.stem(of: paths[0].lastComponent)
      items = [Item(name: name, files: paths)]
      return
    }
    if let file = areFiles.firstIndex(of: true) {
      throw EnsembleError("\(paths[file]) is a file among folders: name folders, or files only.")
    }
    isSingle = false
    for (path, files) in zip(paths, found).dropFirst() {
      for (mine, yours, here, there) in [
        (found[0], files, paths[0], path), (files, found[0], path, paths[0]),
      ] {
        let missing = mine.keys.filter { yours[$0] == nil }.sorted { $0.precedes($1) }
        guard let first = missing.first else { continue }
        let more = missing.count > 1 ? " and \(missing.count - 1) more" : ""
        throw EnsembleError(
          "\(there) lacks \(first)\(more), which \(here) has: predict the same subjects with every "
            + "model.")
      }
    }
    items = found[0].keys.sorted { $0.precedes($1) }.map { name in
      Item(name: name, files: found.compactMap { $0[name] })
    }
  }
}

/// Why predictions cannot be put together.
public struct EnsembleError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}
