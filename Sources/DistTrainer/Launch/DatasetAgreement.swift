internal import Collective

/// Whether all hosts have the same data set.
struct DatasetAgreement {
  let check: LaunchCheck

  /// What differs, in a sentence, the same on every rank; nil where nothing does.
  ///
  /// Collective over `world`.
  /// - Parameters:
  ///   - dataset: the data set as this rank sees it.
  ///   - world: all ranks.
  ///   - threads: how many this rank may read with.
  /// - Returns: the sentence, or nil.
  /// - Throws: `AgreedError` where a file cannot be read; `MPIError`.
  func difference(
    of dataset: Dataset, world: any Communicator, threads: Int
  ) throws -> String? {
    guard world.size > 1 else { return nil }
    let facts = dataset.facts
    let digests = try world.gatherTexts(
      SHA256.hex(of: facts.map { "\($0.name)\t\($0.value)" }.joined(separator: "\n")))
    let stray = try world.broadcast(
      digests?.firstIndex { $0 != digests?[0] } ?? -1, root: 0)
    guard stray < 0 else { return try sentence(about: facts, rank: stray, world) }
    let comparison = FileComparison(check, rank: world.rank)
    return try comparison.difference(
      of: dataset.subjects.flatMap(FileComparison.items), world: world, threads: threads,
      remedy: "copy the data set to that host anew")
  }

  /// The first fact in which a rank differs from rank 0; collective.
  private func sentence(
    about facts: [(name: String, value: String)], rank: Int, _ world: any Communicator
  ) throws -> String {
    let first = try world.broadcast(
      facts.map { "\($0.name)\t\($0.value)" }.joined(separator: "\n"), root: 0
    )
    .split(separator: "\n").map { $0.split(separator: "\t", maxSplits: 1).map(String.init) }
    var text = ""
    if world.rank == rank {
      for (own, first) in zip(facts, first) where first != [own.name, own.value] {
        text =
          "\(own.name) differs on host \(check.ranks[rank].host) (rank \(rank)): "
          + Self.difference(own.value, first.last ?? "")
          + " on host \(check.ranks[0].host) (rank 0); copy the data set to that host anew"
        break
      }
    }
    return try world.broadcast(text, root: rank)
  }

  /// Two lists by what only one of them has.
  private static func difference(_ own: String, _ first: String) -> String {
    let (a, b) = (own.split(separator: ", "), first.split(separator: ", "))
    let missing = b.filter { !a.contains($0) }
    let added = a.filter { !b.contains($0) }
    if let one = missing.first { return "it lacks '\(one)', which is there" }
    if let one = added.first { return "it has '\(one)', which is not there" }
    return "it has the same in another order than"
  }
}

extension Dataset {
  /// What a data set's description says, in an order in which the first difference names the cause.
  var facts: [(name: String, value: String)] {
    [
      ("the list of channels", channels.joined(separator: ", ")),
      (
        "the list of labels",
        labels.map { "\($0.number) \($0.name)" }.joined(separator: ", ")
      ),
      ("the list of subjects", subjects.map(\.name).joined(separator: ", ")),
    ]
      + subjects.map { subject in
        let attributes = subject.attributes.sorted { $0.key.precedes($1.key) }
          .map { "\($0.key) \($0.value)" }
        let map = subject.labelMap.sorted { $0.key < $1.key }.map { "\($0.key) is \($0.value)" }
        let fold = subject.fold.map { ["fold \($0)"] } ?? []
        return (
          "what is said of subject \(subject.name)",
          (["\(count(subject.images.count, "image"))"] + attributes + map + fold)
            .joined(separator: ", ")
        )
      }
  }
}

extension FileComparison {
  /// The files of a subject.
  static func items(of subject: Subject) -> [Item] {
    subject.images.enumerated().map { index, path in
      let which = subject.images.count > 1 ? "image \(index)" : "the image"
      return Item(name: "\(which) of subject \(subject.name)", path: path)
    } + [Item(name: "the label of subject \(subject.name)", path: subject.label)]
  }
}
