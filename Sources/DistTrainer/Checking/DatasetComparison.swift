internal import Foundation

/// What only shows when subjects are compared with each other.
///
/// Outliers are sought among five subjects or more, against the median; what varies between all
/// subjects is no outlier.
struct DatasetComparison {
  private let reports: [SubjectReport]
  private let dataset: Dataset
  private let subjects: [String: Subject]
  private(set) var findings: [Finding] = []

  private static let least = 5

  /// Compares subjects; `reports` are sorted by name.
  init(_ reports: [SubjectReport], of dataset: Dataset) {
    self.reports = reports
    self.dataset = dataset
    subjects = Dictionary(
      dataset.subjects.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    compareNames()
    compareGrids()
    compareIntensities()
    compareLabels()
    findDuplicates()
  }

  private mutating func note(_ kind: Finding.Kind, _ report: SubjectReport, _ words: String) {
    findings.append(Finding(kind, report.subject, "\(report.image): \(words)."))
  }

  /// On file systems that do not tell capitals apart, one of the two overwrites the other's results.
  private mutating func compareNames() {
    var first: [String: String] = [:]
    for subject in dataset.subjects {
      guard let other = first.updateValue(subject.name, forKey: subject.name.lowercased()) else {
        continue
      }
      findings.append(
        Finding(
          .similarNames, subject.name,
          "The subjects \(other) and \(subject.name) differ by capitals alone: rename one of them.")
      )
    }
  }

  // MARK: Grids

  private mutating func compareGrids() {
    let placed = reports.filter { $0.orientation != nil }
    guard placed.count >= Self.least else { return }
    if let usual = Self.mostFrequent(placed.compactMap(\.orientation)) {
      for report in placed where report.orientation != usual.value && !report.has(.unplaced) {
        note(
          .orientation, report,
          "has axes that run \(report.orientation ?? "") where \(usual.count) of \(placed.count) run "
            + "\(usual.value); preparation.orientation brings all to one, so only look whether left "
            + "is left")
      }
    }
    if let usual = Self.mostFrequent(placed.compactMap(\.elements.first)),
      placed.count - usual.count <= max(1, placed.count / 20)
    {
      for report in placed {
        guard let element = report.elements.first, element != usual.value else { continue }
        note(
          .elementType, report,
          "is stored as \(element) where \(usual.count) of \(placed.count) are \(usual.value); see "
            + "whether it was exported alike")
      }
    }
    let extents = Self.medians(placed.compactMap { $0.canonicalShape?.map(Double.init) })
    let sizes = Self.medians(placed.compactMap(\.canonicalSpacing))
    for report in placed where !report.has(.singleSlice) {
      guard let shape = report.canonicalShape, let spacing = report.canonicalSpacing else {
        continue
      }
      if let axis = (0..<3).first(where: { Self.isFar(spacing[$0], from: sizes[$0]) }) {
        note(
          .spacing, report,
          "has voxels of \(SubjectInspection.list(spacing)) mm (right, anterior, superior) where the "
            + "median along axis \(axis) is \(SubjectInspection.rounded(sizes[axis])) mm; see whether "
            + "its header is right, or leave it out")
      } else if let axis = (0..<3).first(where: { Self.isFar(Double(shape[$0]), from: extents[$0]) }
      ) {
        note(
          .extent, report,
          "has \(SubjectInspection.text(shape)) voxels (right, anterior, superior) where the median "
            + "along axis \(axis) is \(Int(extents[axis])); see whether it is cut off, or shows "
            + "something else")
      }
    }
  }

  private static func isFar(_ value: Double, from median: Double) -> Bool {
    value > 2 * median || 2 * value < median
  }

  private static func mostFrequent(_ values: [String]) -> (value: String, count: Int)? {
    Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
      .max { ($0.value, $1.key) < ($1.value, $0.key) }
      .map { (value: $0.key, count: $0.value) }
  }

  /// The median of each of three components.
  private static func medians(_ rows: [[Double]]) -> [Double] {
    (0..<3).map { axis in median(rows.map { $0[axis] }) }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
  }

  // MARK: Intensities

  /// Scanners scale as they like, so that contrasts may differ by orders of magnitude; a few that
  /// stand alone, ten times from all others, were not exported like them.
  private mutating func compareIntensities() {
    for channel in dataset.channels.indices {
      let contrasts = reports.compactMap { report -> (report: SubjectReport, decades: Double)? in
        guard report.levels.count > channel, report.levels[channel].count == 3,
          !report.has(.fewValues)
        else { return nil }
        let contrast = report.levels[channel][2] - report.levels[channel][0]
        return contrast > 0 ? (report, log10(contrast)) : nil
      }.sorted { $0.decades < $1.decades }
      guard contrasts.count >= Self.least else { continue }
      var clusters: [[(report: SubjectReport, decades: Double)]] = []
      for one in contrasts {
        if let last = clusters.last?.last, one.decades - last.decades < 1 {
          clusters[clusters.count - 1].append(one)
        } else {
          clusters.append([one])
        }
      }
      let usual = pow(10, Self.median(contrasts.map(\.decades)))
      for cluster in clusters where cluster.count <= max(1, contrasts.count / 20) {
        for (report, decades) in cluster.sorted(by: {
          $0.report.subject.precedes($1.report.subject)
        }) {
          note(
            .intensity, report,
            "spans \(Self.significant(pow(10, decades))) from the 1st to the 99th percentile"
              + (dataset.channels.count > 1 ? " of channel \(channel)" : "")
              + " where the median of all subjects is \(Self.significant(usual)); export it like the "
              + "others, or normalize each image by itself")
        }
      }
    }
  }

  /// Three digits.
  private static func significant(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return "\(value)" }
    let unit = pow(10, (log10(value)).rounded(.down) - 2)
    let rounded = (value / unit).rounded() * unit
    return rounded >= 100 ? "\(Int(min(rounded, 1e15)))" : "\(Float(rounded))"
  }

  // MARK: Labels

  private mutating func compareLabels() {
    // A label of another image would say nothing about these.
    let labeled = reports.filter { !$0.labelVoxels.isEmpty && $0.isWhole }
    guard !labeled.isEmpty else { return }
    for (place, label) in dataset.labels.enumerated() where label.number > 0 {
      let name = "\(label.number) (\(label.name))"
      let present = labeled.filter { $0.labelVoxels[place] > 0 }
      if present.isEmpty {
        // A file that is amiss may hold it.
        guard labeled.count == reports.count || labeled.count >= Self.least else { continue }
        findings.append(
          Finding(
            .labelNowhere, nil,
            "The label \(name) occurs in none of \(labeled.count) subjects: take it out of the "
              + "declaration, or mend the label files."))
        continue
      }
      guard labeled.count >= Self.least else { continue }
      if present.count == 1 {
        findings.append(
          Finding(
            .labelRare, present[0].subject,
            "The label \(name) occurs in the subject \(present[0].subject) only: it can be trained or "
              + "validated, not both; segment more, or take it out."))
        continue
      }
      compareVolumes(of: present.filter { !$0.has(.singleSlice) }, place, name)
    }
  }

  private mutating func compareVolumes(of present: [SubjectReport], _ place: Int, _ name: String) {
    guard present.count >= Self.least else { return }
    let volumes = present.map { report in
      Double(report.labelVoxels[place]) * (report.spacing ?? [1, 1, 1]).reduce(1, *)
    }
    let decades = volumes.map { log10($0) }
    let middle = Self.median(decades)
    // 1.4826 makes the median deviation of normal numbers their standard deviation; four times the
    // volume is never an outlier.
    let deviation = 1.4826 * Self.median(decades.map { abs($0 - middle) })
    let limit = max(6 * deviation, log10(4))
    for (report, decade) in zip(present, decades) where abs(decade - middle) > limit {
      findings.append(
        Finding(
          .labelVolume, report.subject,
          "\(subjects[report.subject]?.label ?? report.subject): holds "
            + "\(Self.significant(pow(10, decade))) mm\u{B3} of the label \(name) where the median is "
            + "\(Self.significant(pow(10, middle))); look at the segmentation."))
    }
  }

  // MARK: Duplicates

  /// Subjects whose images are the same voxels: one would validate what another trained on.
  private mutating func findDuplicates() {
    var images: [String: SubjectReport] = [:]
    var labels: [String: SubjectReport] = [:]
    for report in reports {
      if let content = report.content {
        if let other = images[content] {
          note(
            .duplicateImage, report,
            "has the same voxels as \(other.image); leave one of the two subjects out")
          continue
        }
        images[content] = report
      }
      guard let content = report.labelContent else { continue }
      if let other = labels[content] {
        findings.append(
          Finding(
            .duplicateLabel, report.subject,
            "\(subjects[report.subject]?.label ?? report.subject): has the same voxels as "
              + "\(subjects[other.subject]?.label ?? other.subject), though the images differ; see "
              + "which of them it belongs to."))
        continue
      }
      labels[content] = report
    }
  }
}
