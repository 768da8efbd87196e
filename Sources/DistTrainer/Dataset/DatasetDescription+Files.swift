internal import Foundation

extension DatasetDescription {
  /// Finds the subjects' files.
  ///
  /// - Parameter findings: receives what is amiss.
  /// - Returns: the data set with the subjects that are whole.
  func dataset(findings: inout [Finding]) -> Dataset {
    let folder = path.folder
    var finder = FileFinder(description: self, folder: folder)
    if let listed {
      finder.takeNamed(listed)
    } else if let training {
      finder.takeListed(training)
    } else {
      finder.discover()
    }
    if finder.subjects.isEmpty, finder.findings.isEmpty {
      finder.findings.append(
        Finding(
          .noSubject, nil,
          "\(path) has no training subject: put images into imagesTr and labels into labelsTr."))
    }
    findings += finder.findings
    return Dataset(
      name: name, channels: channels, labels: labels,
      subjects: finder.subjects.map { subject in
        var subject = subject
        subject.labelMap = map
        return subject
      })
  }
}

/// Matches image files with label files.
private struct FileFinder {
  let description: DatasetDescription
  let folder: String
  var subjects: [Subject] = []
  var findings: [Finding] = []

  init(description: DatasetDescription, folder: String) {
    self.description = description
    self.folder = folder
  }

  private mutating func note(_ kind: Finding.Kind, _ subject: String, _ sentence: String) {
    findings.append(Finding(kind, subject, sentence))
  }

  // MARK: Files that are listed

  /// nnU-Net's member `dataset`: each subject with its files, wherever they lie.
  mutating func takeNamed(_ listed: [String: DatasetDescription.Files]) {
    for (name, files) in listed.sorted(by: { $0.key.precedes($1.key) }) {
      if let fault = SubjectTable.fault(ofName: name) {
        note(.brokenRow, name, "\(description.path): \(fault)")
        continue
      }
      let images = files.images.map { folder.appending(file: $0) }
      let label = folder.appending(file: files.label)
      let lost = images.filter { !VolumeNames.exists($0) }
      for image in lost {
        note(
          .missingImage, name,
          "The image \(image) of the subject \(name) does not exist: \(Self.remedy)")
      }
      if images.isEmpty {
        note(
          .missingImage, name,
          "\(description.path) lists no image of the subject \(name): \(Self.remedy)")
      }
      if !VolumeNames.exists(label) {
        note(
          .missingLabel, name,
          "The label \(label) of the subject \(name) does not exist: \(Self.remedy)")
      }
      guard !images.isEmpty, lost.isEmpty, VolumeNames.exists(label) else { continue }
      subjects.append(Subject(name: name, images: images, label: label))
    }
  }

  /// The Decathlon's way: what is listed must exist, and what exists should be listed.
  mutating func takeListed(_ pairs: [DatasetDescription.Pair]) {
    var names: Set<String> = []
    var used: Set<String> = []
    for pair in pairs {
      let name = VolumeNames.stem(of: pair.image.lastComponent)
      if !names.insert(name).inserted {
        note(
          .repeatedSubject, name, "\(description.path) lists the subject \(name) twice: keep one.")
        continue
      }
      let image = folder.appending(file: pair.image)
      let label = folder.appending(file: pair.label)
      let images = files(ofListed: image)
      if images.isEmpty {
        note(
          .missingImage, name,
          "The image \(image) of the subject \(name) does not exist: \(Self.remedy)")
      }
      if !VolumeNames.exists(label) {
        note(
          .missingLabel, name,
          "The label \(label) of the subject \(name) does not exist: \(Self.remedy)")
      }
      used.formUnion(images + [label])
      guard !images.isEmpty, VolumeNames.exists(label) else { continue }
      subjects.append(Subject(name: name, images: images, label: label))
    }
    reportUnlisted(used: used)
  }

  private static let remedy = "add it or take the subject out of dataset.json."

  /// The listed file, or nnU-Net's files of its channels (nnU-Net 1 lists the name without them).
  private func files(ofListed image: String) -> [String] {
    if VolumeNames.exists(image) { return [image] }
    let name = image.lastComponent
    let stem = VolumeNames.stem(of: name)
    let ending = name.dropFirst(stem.count)
    let channels = description.channels.indices.map { channel in
      image.folder.appending(file: stem + VolumeNames.suffix(ofChannel: channel) + ending)
    }
    return channels.allSatisfy(VolumeNames.exists) ? channels : []
  }

  /// Files in the two folders that the list leaves out: a pair may be meant so, half a pair not.
  private mutating func reportUnlisted(used: Set<String>) {
    func unlisted(_ subfolder: String) -> [String: String] {
      let files = VolumeNames.volumes(in: folder.appending(file: subfolder))
        .map { folder.appending(file: subfolder).appending(file: $0) }
        .filter { !used.contains($0) }
      return Dictionary(
        files.map { (VolumeNames.stem(of: $0.lastComponent), $0) },
        uniquingKeysWith: { first, _ in first }
      )
    }
    let images = unlisted("imagesTr")
    let labels = unlisted("labelsTr")
    for (name, image) in images.sorted(by: { $0.key.precedes($1.key) }) {
      let base = labels[name] == nil ? VolumeNames.channel(of: name)?.subject ?? name : name
      if labels[base] == nil {
        note(
          .missingLabel, base,
          "The image \(image) has no label: add it to labelsTr or remove the image.")
      } else {
        note(
          .unlisted, base,
          "\(image) and its label are not listed in dataset.json and are left out: list them, or "
            + "take them away.")
      }
    }
    let bases = Set(images.keys.flatMap { [$0, VolumeNames.channel(of: $0)?.subject ?? $0] })
    for (name, label) in labels.sorted(by: { $0.key.precedes($1.key) })
    where !bases.contains(name) {
      note(
        .labelWithoutImage, name,
        "The label \(label) has no image: add it to imagesTr or remove the label.")
    }
  }

  // MARK: Files that are found

  /// nnU-Net's way: `imagesTr/NAME_0000.nii.gz`, … and `labelsTr/NAME.nii.gz`.
  mutating func discover() {
    let ending = description.fileEnding ?? ".nii.gz"
    let imageFolder = folder.appending(file: "imagesTr")
    let labelFolder = folder.appending(file: "labelsTr")
    var images: [String: [Int: String]] = [:]
    for file in VolumeNames.volumes(in: imageFolder) where file.hasSuffix(ending) {
      let path = imageFolder.appending(file: file)
      guard let (subject, channel) = VolumeNames.channel(of: String(file.dropLast(ending.count)))
      else {
        let stem = file.dropLast(ending.count)
        note(
          .unnamedChannel, String(stem),
          "The image \(path) has no channel in its name: call it \(stem)_0000\(ending).")
        continue
      }
      images[subject, default: [:]][channel] = path
    }
    var labels: [String: String] = [:]
    for file in VolumeNames.volumes(in: labelFolder) where file.hasSuffix(ending) {
      labels[String(file.dropLast(ending.count))] = labelFolder.appending(file: file)
    }
    for (subject, channels) in images.sorted(by: { $0.key.precedes($1.key) }) {
      add(subject, channels, label: labels.removeValue(forKey: subject), ending: ending)
    }
    for (subject, label) in labels.sorted(by: { $0.key.precedes($1.key) }) {
      note(
        .labelWithoutImage, subject,
        "The label \(label) has no image: add it to imagesTr or remove the label.")
    }
  }

  private mutating func add(
    _ subject: String, _ channels: [Int: String], label: String?, ending: String
  ) {
    let count = description.channels.count
    for channel in 0..<count where channels[channel] == nil {
      note(
        .missingChannel, subject,
        "The subject \(subject) has no image of channel \(channel) "
          + "(\(description.channels[channel])): add imagesTr/\(subject)"
          + "\(VolumeNames.suffix(ofChannel: channel))\(ending).")
    }
    for (channel, path) in channels.sorted(by: { $0.key < $1.key }) where channel >= count {
      note(
        .extraChannel, subject,
        "The image \(path) is of channel \(channel), but dataset.json names \(count): "
          + "add the channel there or remove the image.")
    }
    guard let label else {
      let image = channels.min { $0.key < $1.key }?.value ?? subject
      note(
        .missingLabel, subject,
        "The image \(image) has no label: add labelsTr/\(subject)\(ending) or remove the image.")
      return
    }
    let images = (0..<count).compactMap { channels[$0] }
    guard images.count == count else { return }
    subjects.append(Subject(name: subject, images: images, label: label))
  }
}
