internal import Evaluation
internal import Volumes

/// Dice over the place of the slice, from the predictions of a run and the references of its data set.
enum FieldOfViewFigures {
  /// The curve of each structure: mean and standard deviation over subjects at 1001 places.
  ///
  /// Volumes are turned to right, anterior, superior first, so that 0 % is the left, back or lower end
  /// for every subject.
  ///
  /// - Parameters:
  ///   - run: the run; its finished folds are read.
  ///   - number: the run's number in the report.
  ///   - dataset: where references lie.
  ///   - plane: the slices.
  /// - Returns: one figure; nil where no subject can be read.
  /// - Throws: `VolumeError` for a volume that cannot be read.
  /// - Complexity: O(voxels) of all subjects: every prediction and reference is read.
  static func figure(
    _ run: ReportedRun, number: Int, dataset: Dataset, plane: AnatomicalPlane
  ) throws -> NamedFigure? {
    let structures = run.table.structures.compactMap { structure in
      labels(structure.label).map { (structure: structure, labels: $0) }
    }
    var profiles = structures.map { _ in
      [(subject: String, profile: SliceProfile, isReversed: Bool)]()
    }
    let sources = Dictionary(dataset.subjects.map { ($0.name, $0) }) { first, _ in first }
    for (subject, fold) in run.foldOfSubject {
      guard let source = sources[subject] else { continue }
      let reference = try dataset.reference(of: source).oriented()
      let prediction = try VolumeFiles.readLabels(run.prediction(of: subject, fold: fold))
        .oriented()
      for (place, entry) in structures.enumerated() {
        let profile = try SliceProfile(
          prediction: prediction.voxels.span, reference: reference.voxels.span,
          shape: reference.shape, axis: plane.rawValue, labels: entry.labels)
        profiles[place].append((subject, profile, false))
      }
    }
    let curves = zip(structures, profiles).compactMap { entry, profiles -> LineChart.Curve? in
      FieldOfViewCurve(profiles).mean.map {
        LineChart.Curve(
          "\(entry.structure.name) (n = \($0.count))", x: $0.abscissae, y: $0.mean,
          deviation: $0.standardDeviation)
      }
    }
    guard !curves.isEmpty else { return nil }
    let chart = LineChart.fieldOfView(
      curves, title: "\(run.name): Dice over \(plane.name) slices")
    return NamedFigure(name: "field-of-view-\(number)", figure: chart.figure)
  }

  /// The labels of a structure: `2`, or `1+2` for a group.
  private static func labels(_ text: String) -> Set<UInt8>? {
    let labels = text.split(separator: "+").map { UInt8($0) }
    guard !labels.isEmpty, !labels.contains(nil) else { return nil }
    return Set(labels.compactMap(\.self))
  }
}

extension ReportedRun {
  /// The measured subjects in case order, each with its fold.
  fileprivate var foldOfSubject: [(subject: String, fold: Int)] {
    var seen: Set<String> = []
    return table.rows.compactMap { row in
      guard let fold = row.fold, seen.insert(row.subject).inserted else { return nil }
      return (row.subject, fold)
    }
  }
}
