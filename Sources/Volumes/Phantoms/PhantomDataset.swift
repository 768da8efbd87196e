extension Phantom {
  /// What ``write(to:count:progress:)`` wrote.
  public struct Entry: Sendable, Equatable {
    /// The subject's id.
    public let subject: String
    /// The image's path, relative to the folder.
    public let image: String
    /// The label's path, relative to the folder.
    public let label: String
    /// The patient.
    public let group: String
    /// The grade of bone loss.
    public let stratum: String
  }

  /// Writes subjects 0..<`count` in nnU-Net v2's layout: `imagesTr/ID_0000.nii.gz`,
  /// `labelsTr/ID.nii.gz`, `dataset.json`, and beside these `manifest.csv` with the columns
  /// subject, image, label, group, stratum. `dataset.json` comes last, so a folder that has it is
  /// complete.
  ///
  /// Two subjects make a patient. `progress` hears the number of subjects written.
  ///
  /// - Throws: ``VolumeError`` for settings that make no sense, or a folder that cannot be written.
  @discardableResult
  public func write(
    to folder: String, count: Int, progress: (Int) -> Void = { _ in }
  ) throws -> [Entry] {
    try validate()
    guard (1...100_000).contains(count) else {
      throw VolumeError(.setting, "phantom.count", "is \(count), but must be from 1 to 100000")
    }
    try FileAccess.makeFolder(folder + "/imagesTr")
    try FileAccess.makeFolder(folder + "/labelsTr")
    var entries: [Entry] = []
    for index in 0..<count {
      let made = try subject(index)
      let entry = Entry(
        subject: made.id, image: "imagesTr/\(made.id)_0000.nii.gz",
        label: "labelsTr/\(made.id).nii.gz", group: made.group, stratum: made.stratum)
      try VolumeFiles.write(made.image, to: "\(folder)/\(entry.image)", as: .int16)
      try VolumeFiles.write(made.labels, to: "\(folder)/\(entry.label)")
      entries.append(entry)
      progress(index + 1)
    }
    var table = "subject,image,label,group,stratum\n"
    for entry in entries {
      table += "\(entry.subject),\(entry.image),\(entry.label),\(entry.group),\(entry.stratum)\n"
    }
    try FileAccess.writeAtomically(Array(table.utf8), to: folder + "/manifest.csv")
    let description = """
      {
        "name": "Phantom",
        "description": "Synthetic proximal femurs, seed \(seed)",
        "channel_names": {"0": "MRI"},
        "labels": {\(Self.labelNames.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", "))},
        "numTraining": \(count),
        "file_ending": ".nii.gz"
      }

      """
    try FileAccess.writeAtomically(Array(description.utf8), to: folder + "/dataset.json")
    return entries
  }
}
