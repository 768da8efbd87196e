internal import Evaluation
internal import Volumes

/// Pictures of the subjects that a run did worst and best on.
struct SubjectPictures: Sendable {
  /// A slice, with and without the segmentations over it.
  struct Picture: Sendable {
    var plane: AnatomicalPlane
    /// The slice's number among those of its axis, from 1, and how many there are.
    var slice: Int
    var slices: Int
    /// The name of its file.
    var file: String
    var width: Int
    var height: Int
    var png: [UInt8]
  }

  /// One subject.
  struct Subject: Sendable {
    var name: String
    var fold: Int
    /// Its Dice by structure; nil where not defined.
    var dice: [(structure: String, value: Double?)]
    var pictures: [Picture]
    /// Why there are no pictures, in a sentence.
    var fault: String?
  }

  /// The subjects with the lowest Dice, the lowest first.
  var worst: [Subject] = []
  /// The subjects with the highest Dice, the highest first.
  var best: [Subject] = []

  /// Pixels of a picture's longer side.
  static let longSide = 224

  /// Subjects and their mean Dice over structures where it is defined, worst first; of equal ones in
  /// case order.
  static func ranking(_ table: MeasuredTable) -> [(subject: String, fold: Int, dice: Double)] {
    guard let place = table.metrics.firstIndex(of: "dice") else { return [] }
    var sums: [String: (fold: Int, sum: Double, count: Int)] = [:]
    for row in table.rows {
      guard let value = row.values[place].number, let fold = row.fold else { continue }
      let old = sums[row.subject] ?? (fold, 0, 0)
      sums[row.subject] = (fold, old.sum + value, old.count + 1)
    }
    return table.subjects.compactMap { subject in
      sums[subject].map { (subject, $0.fold, $0.sum / Double($0.count)) }
    }.enumerated().sorted { left, right in
      left.element.2 == right.element.2
        ? left.offset < right.offset : left.element.2 < right.element.2
    }.map { (subject: $0.element.0, fold: $0.element.1, dice: $0.element.2) }
  }

  /// Pictures of so many worst and best subjects of a run.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - number: the run's number in the report, for the names of files.
  ///   - dataset: where images and references lie.
  ///   - count: how many worst and how many best ones; no subject is shown twice.
  init(_ run: ReportedRun, number: Int, dataset: Dataset, count: Int) {
    let ranking = Self.ranking(run.table)
    let lowest = min(count, (ranking.count + 1) / 2)
    let highest = min(count, ranking.count - lowest)
    func subjects(
      _ entries: some Sequence<(subject: String, fold: Int, dice: Double)>, _ kind: String
    )
      -> [Subject]
    {
      entries.enumerated().map { place, entry in
        Self.subject(
          entry.subject, fold: entry.fold, of: run, dataset: dataset,
          files: "\(number)-\(kind)-\(place + 1)")
      }
    }
    worst = subjects(ranking.prefix(lowest), "worst")
    best = subjects(ranking.suffix(highest).reversed(), "best")
  }

  private static func subject(
    _ name: String, fold: Int, of run: ReportedRun, dataset: Dataset, files: String
  ) -> Subject {
    let dice = run.table.structures.map { structure in
      (
        structure: structure.name,
        value: run.table.values("dice", structure).first { $0.row.subject == name }?.value.number
      )
    }
    var subject = Subject(name: name, fold: fold, dice: dice, pictures: [], fault: nil)
    guard let source = dataset.subjects.first(where: { $0.name == name }) else {
      subject.fault = "\(dataset.name) has no subject of this name."
      return subject
    }
    do {
      subject.pictures = try pictures(
        of: source, in: dataset, prediction: run.prediction(of: name, fold: fold), files: files)
    } catch {
      subject.fault = "\(error)"
    }
    return subject
  }

  private static func pictures(
    of subject: DistTrainer.Subject, in dataset: Dataset, prediction: String, files: String
  ) throws -> [Picture] {
    guard let path = subject.images.first else { return [] }
    let image = try VolumeFiles.readImage(path, finite: false).oriented()
    let reference = try dataset.reference(of: subject).oriented()
    let prediction = try VolumeFiles.readLabels(prediction).oriented()
    guard image.geometry.shape == reference.shape, reference.shape == prediction.shape else {
      throw ComparisonError([
        "Image, reference and prediction of \(subject.name) lie on different grids: predict again on "
          + "the data set's."
      ])
    }
    let overlay = try Overlay(
      image: Array(image.voxels.prefix(image.geometry.count)), prediction: prediction.voxels,
      reference: reference.voxels, shape: reference.shape, spacing: reference.geometry.spacing)
    let slices = overlay.slices()
    return try AnatomicalPlane.allCases.map { plane in
      let slice = slices[plane.rawValue]
      let picture = overlay.picture(plane, at: slice, longSide: longSide)
      let png = try PNGImage(
        width: picture.width, height: picture.height, color: .rgb, bytes: picture.bytes
      ).png()
      return Picture(
        plane: plane, slice: slice + 1, slices: reference.shape[plane.rawValue],
        file: "\(files)-\(plane.name).png", width: picture.width, height: picture.height, png: png)
    }
  }
}

extension Dataset {
  /// A subject's reference, its labels numbered as the data set numbers them.
  func reference(of subject: Subject) throws -> LabelVolume {
    guard !subject.labelMap.isEmpty else { return try VolumeFiles.readLabels(subject.label) }
    let numbers = Dictionary(labels.map { (Int($0.number), $0.number) }) { first, _ in first }
    return try VolumeFiles.readLabels(subject.label, map: subject.meanings(of: numbers))
  }
}
