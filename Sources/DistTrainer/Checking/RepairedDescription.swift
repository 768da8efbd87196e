internal import Evaluation

/// What a mended data set says of itself: nnU-Net's `dataset.json`, which lists its files, and a
/// table of groups, strata and folds.
struct RepairedDescription {
  let dataset: Dataset
  /// Whether label files hold the labels' own numbers now.
  let isMapped: Bool
  let subjects: [(subject: Subject, files: SubjectRepair)]

  /// `dataset.json`.
  var json: String {
    let endings = subjects.map { _, files in
      String(files.label.dropFirst(VolumeNames.stem(of: files.label).count))
    }
    let counts = Dictionary(endings.map { ($0, 1) }, uniquingKeysWith: +)
    let ending = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ".nii.gz"
    let map = isMapped ? [:] : subjects.first?.subject.labelMap ?? [:]
    var members: [(String, JSONValue)] = [
      ("name", .string(dataset.name)),
      (
        "channel_names",
        .object(dataset.channels.enumerated().map { ("\($0)", .string($1)) })
      ),
      ("labels", .object(dataset.labels.map { ($0.name, .integer(Int($0.number))) })),
      ("numTraining", .integer(subjects.count)), ("file_ending", .string(ending)),
      (
        "dataset",
        .object(
          subjects.map { subject, files in
            (
              subject.name,
              .object([
                ("images", .array(files.images.map { .string($0) })),
                ("label", .string(files.label)),
              ])
            )
          })
      ),
    ]
    if !map.isEmpty {
      members.append(
        (
          "map",
          .object(map.sorted { $0.key < $1.key }.map { ("\($0.key)", .integer(Int($0.value))) })
        ))
    }
    return JSONValue.object(members).indented
  }

  /// `manifest.csv`; nil where there was no table.
  var table: String? {
    guard let columns = dataset.columns else { return nil }
    let hasFolds = subjects.contains { $0.subject.fold != nil }
    let header = CSV.line(["subject"] + columns + (hasFolds ? ["fold"] : []))
    return subjects.reduce(header) { text, item in
      let values = columns.map { item.subject.attributes[$0] ?? "" }
      let fold = hasFolds ? [item.subject.fold.map { "\($0)" } ?? ""] : []
      return text + CSV.line([item.subject.name] + values + fold)
    }
  }
}
