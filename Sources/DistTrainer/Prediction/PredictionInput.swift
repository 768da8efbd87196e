/// What is to be predicted: subjects found in files, folders or data sets.
public struct PredictionInput: Sendable, Equatable {
  /// One subject without a reference.
  public struct Item: Sendable, Equatable {
    /// The name that the result's file bears.
    public var name: String
    /// The image files, one a channel, or one file with all channels.
    public var images: [String]
  }

  /// The subjects, sorted by name.
  public let items: [Item]
  /// Whether the input is the image of one subject, whose result may have any name.
  public let isSingle: Bool

  /// Finds the subjects.
  ///
  /// - Parameters:
  ///   - paths: one image; the files of one image's channels; a folder of images, named after
  ///     nnU-Net (`NAME_0000.nii.gz`, …) or plainly; or a data set.
  ///   - experiment: what the networks were trained on.
  /// - Throws: ``PredictionError`` where there is nothing to predict or a channel is missing;
  ///   ``DatasetError`` for a data set with faults.
  public init(_ paths: [String], for experiment: Experiment) throws {
    guard let first = paths.first else {
      throw PredictionError("There is nothing to predict: name an image, a folder or a data set.")
    }
    for path in paths where !VolumeNames.exists(path) {
      throw PredictionError("There is no image or folder \(path): mend the path.")
    }
    let isFolder = VolumeNames.exists(first.appending(file: "."))
    isSingle = !isFolder && !Self.isTable(first)
    if isSingle {
      for path in paths where VolumeNames.exists(path.appending(file: ".")) {
        throw PredictionError("\(path) is a folder among files: name one folder, or files only.")
      }
      let stem = VolumeNames.stem(of: first.lastComponent)
      items = [Item(name: VolumeNames.channel(of: stem)?.subject ?? stem, images: paths)]
      return
    }
    guard paths.count == 1 else {
      throw PredictionError(
        "\(paths.joined(separator: ", ")) are several inputs: name one folder or data set.")
    }
    if Dataset.isDataset(first) {
      let dataset = try Dataset.open(first, labels: experiment.labels.map(\.name))
      items = dataset.subjects.map { Item(name: $0.name, images: $0.images) }
    } else {
      items = try Self.images(in: first, channels: experiment.channels)
    }
  }

  private static func isTable(_ path: String) -> Bool {
    path.hasSuffix(".json") || path.hasSuffix(".csv")
  }

  /// The subjects of a folder: nnU-Net's naming where some file is of a channel 0, else one file a
  /// subject.
  private static func images(in folder: String, channels: Int) throws -> [Item] {
    let files = VolumeNames.readable(in: folder)
    guard !files.isEmpty else {
      throw PredictionError(
        "The folder \(folder) holds no volume: name the folder that holds the images.")
    }
    let numbered = files.map { ($0, VolumeNames.channel(of: VolumeNames.stem(of: $0))) }
    guard numbered.contains(where: { $0.1?.channel == 0 }) else {
      return try plain(files, in: folder)
    }
    var subjects: [String: [Int: String]] = [:]
    for (file, channel) in numbered {
      guard let channel else {
        throw PredictionError(
          "\(folder.appending(file: file)) has no channel in its name where others have: call it "
            + "NAME_0000 with its ending.")
      }
      subjects[channel.subject, default: [:]][channel.channel] = folder.appending(file: file)
    }
    return try subjects.sorted { $0.key.precedes($1.key) }.map { name, images in
      let paths = (0..<channels).compactMap { images[$0] }
      guard paths.count == images.count, paths.count == channels else {
        throw PredictionError(
          "The subject \(name) in \(folder) has \(images.count) files where the network wants "
            + "channels 0 to \(channels - 1): add or remove files, one a channel.")
      }
      return Item(name: name, images: paths)
    }
  }

  private static func plain(_ files: [String], in folder: String) throws -> [Item] {
    var seen: Set<String> = []
    return try files.map { file in
      let name = VolumeNames.stem(of: file)
      guard seen.insert(name).inserted else {
        throw PredictionError(
          "The folder \(folder) has two volumes called \(name): keep one of them.")
      }
      return Item(name: name, images: [folder.appending(file: file)])
    }
  }
}

/// Why something cannot be predicted.
public struct PredictionError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  /// An error with this sentence.
  public init(_ description: String) { self.description = description }
}
