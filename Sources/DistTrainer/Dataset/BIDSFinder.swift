/// Matches the images of BIDS' visits with their segmentations.
struct BIDSFinder {
  private let section: BIDSSection
  private let labels: [String: BIDSFolder.Visit]
  /// The suffixes that are channels, in order.
  private(set) var modalities: [String] = []
  private(set) var findings: [Finding] = []

  /// A finder for these segmentations.
  init(_ section: BIDSSection, labels: [BIDSFolder.Visit]) {
    self.section = section
    self.labels = Dictionary(uniqueKeysWithValues: labels.map { ($0.name, $0) })
  }

  /// The subjects among visits that are whole; ``findings`` says what is amiss with the others.
  mutating func subjects(among visits: [BIDSFolder.Visit]) -> [Subject] {
    let images = visits.map { visit in
      var visit = visit
      visit.files = visit.files.filter {
        $0.suffix != section.label && !BIDSFolder.masks.contains($0.suffix)
      }
      return visit
    }.filter { !$0.files.isEmpty }
    modalities = chosenModalities(of: images)
    let known = Set(images.map(\.name))
    for (name, visit) in labels.sorted(by: { $0.key.precedes($1.key) }) where !known.contains(name)
    {
      findings.append(
        Finding(
          .labelWithoutImage, name,
          "The label \(visit.files[0].path) has no image: add \(visit.participant)"
            + "\(visit.session.map { "/\($0)" } ?? "")/anat or remove the label."))
    }
    return images.compactMap { subject($0) }
  }

  private func chosenModalities(of images: [BIDSFolder.Visit]) -> [String] {
    if let chosen = section.modalities { return chosen }
    let labeled = images.filter { labels[$0.name] != nil }
    return Set(labeled.flatMap { $0.files.map(\.suffix) }).sorted { $0.precedes($1) }
  }

  private mutating func subject(_ visit: BIDSFolder.Visit) -> Subject? {
    guard let segmented = labels[visit.name] else {
      findings.append(
        Finding(
          .unlabeled, visit.name,
          "The subject \(visit.name) has no segmentation and is left out: add one if it is to "
            + "train."))
      return nil
    }
    let label = choose(among: segmented.files, section.label, of: visit.name)
    var files: [String] = []
    for suffix in modalities {
      let candidates = visit.files.filter { $0.suffix == suffix }
      if candidates.isEmpty {
        findings.append(
          Finding(
            .missingChannel, visit.name,
            "The subject \(visit.name) has no image \(suffix): add it, or list the images that all "
              + "have in data.bids.modalities."))
      } else if let file = choose(among: candidates, suffix, of: visit.name) {
        files.append(file)
      }
    }
    guard let label, files.count == modalities.count, !files.isEmpty else { return nil }
    return Subject(name: visit.name, images: files, label: label)
  }

  /// The one file of a suffix, by the entities asked for where there are several.
  private mutating func choose(
    among files: [BIDSFolder.File], _ suffix: String, of name: String
  ) -> String? {
    if files.count == 1 { return files[0].path }
    let wanted = Set(section.entities)
    // What asks for most of the entities is meant; a tie is not for us to break.
    let scores = files.map { wanted.intersection($0.entities).count }
    let best = scores.max() ?? 0
    let chosen = zip(files, scores).filter { $0.1 == best }.map(\.0)
    if best > 0, chosen.count == 1 { return chosen[0].path }
    findings.append(
      Finding(
        .ambiguousFile, name,
        "The subject \(name) has \(files.count) files \(suffix) "
          + "(\(files.map(\.path).joined(separator: ", "))): choose with data.bids.entities, such "
          + "as [\(Self.example(files))]."))
    return nil
  }

  /// An entity that tells the first file from the others.
  private static func example(_ files: [BIDSFolder.File]) -> String {
    let others = Set(files.dropFirst().flatMap(\.entities))
    return files[0].entities.first { !others.contains($0) } ?? others.sorted().first ?? "run-1"
  }
}
