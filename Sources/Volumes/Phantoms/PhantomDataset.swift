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
  /// Two subjects make a patient. `progress` hears the number of subjects written. A folder that is not
  /// empty must hold a whole data set of phantoms, all of whose files are written anew.
  ///
  /// - Throws: ``VolumeError`` for settings that make no sense, a folder that holds something else, or one
  ///   that cannot be written.
  @discardableResult
  public func write(
    to folder: String, count: Int, progress: (Int) -> Void = { _ in }
  ) throws -> [Entry] {
    try validate()
    guard (1...100_000).contains(count) else {
      throw VolumeError(.setting, "phantom.count", "is \(count), but must be from 1 to 100000")
    }
    try requireOwn(folder, count: count)
    try FileAccess.makeFolder(folder + "/imagesTr")
    try FileAccess.makeFolder(folder + "/labelsTr")
    var entries: [Entry] = []
    for index in 0..<count {
      let made = try subject(index)
      let entry = Entry(
        subject: made.id, image: Self.image(of: made.id), label: Self.label(of: made.id),
        group: made.group, stratum: made.stratum)
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
        "description": "\(Self.mark), seed \(seed)",
        "channel_names": {"0": "MRI"},
        "labels": {\(Self.labelNames.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", "))},
        "numTraining": \(count),
        "file_ending": ".nii.gz"
      }

      """
    try FileAccess.writeAtomically(Array(description.utf8), to: folder + "/dataset.json")
    return entries
  }

  /// What the description of every data set of phantoms starts with.
  private static let mark = "Synthetic proximal femurs"

  private static func image(of id: String) -> String { "imagesTr/\(id)_0000.nii.gz" }

  private static func label(of id: String) -> String { "labelsTr/\(id).nii.gz" }

  /// Refuses a folder in which something would lie beside what is written, or be lost by it.
  private func requireOwn(_ folder: String, count: Int) throws {
    guard let top = try FileAccess.names(in: folder), !top.isEmpty else { return }
    let remedy = "name a new folder, or remove this one first"
    let description = folder + "/dataset.json"
    guard FileAccess.exists(description),
      String(decoding: try FileAccess.read(description, limit: 1 << 12), as: UTF8.self)
        .contains("\"description\": \"\(Self.mark)")
    else {
      throw VolumeError(
        .setting, folder,
        "is not empty and holds no whole data set of phantoms (\(top[0]) lies there); \(remedy)")
    }
    let ids = (0..<count).map { Self.name(of: $0).id }
    let own = Set(ids.map(Self.image) + ids.map(Self.label) + ["dataset.json", "manifest.csv"])
    for name in top {
      let inside =
        ["imagesTr", "labelsTr"].contains(name)
        ? try FileAccess.names(in: "\(folder)/\(name)") : nil
      let paths = inside.map { $0.map { "\(name)/\($0)" } } ?? [name]
      if let other = paths.first(where: { !own.contains($0) }) {
        throw VolumeError(
          .setting, folder,
          "holds \(other), which would stay beside the \(count) scans of this data set; \(remedy)")
      }
    }
  }
}
