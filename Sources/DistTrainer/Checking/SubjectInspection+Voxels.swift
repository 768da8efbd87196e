internal import Volumes

extension SubjectInspection {
  /// What is wrong with the intensities of an image.
  mutating func inspectIntensities(of image: Volume, _ path: String) {
    do {
      try image.requireFinite(named: path)
    } catch {
      report.findings.append(Finding(.notFinite, subject.name, "\(error)."))
    }
    for channel in 0..<image.channels {
      let statistics = ImageStatistics(of: image, channel: channel)
      report.levels.append(statistics.levels)
      inspect(
        statistics, count: image.geometry.count,
        path, image.channels > 1 ? " of channel \(channel)" : "")
    }
  }

  /// One finding a channel: what is constant is also clipped and of few values.
  private mutating func inspect(
    _ statistics: ImageStatistics, count: Int, _ path: String, _ channel: String
  ) {
    guard let range = statistics.range else { return }
    guard range.lowerBound < range.upperBound else {
      note(
        .constantImage, path,
        "every voxel\(channel) holds \(range.lowerBound); export the image again, or leave this "
          + "subject out")
      return
    }
    if let values = statistics.values {
      note(
        .fewValues, path,
        "holds \(values.count) different values\(channel) only, as a label does; put the image in "
          + "its place")
      return
    }
    if !statistics.blankSlices.isEmpty {
      let (axis, place) = statistics.blankSlices[0]
      let many = statistics.blankSlices.count
      note(
        .blankSlices, path,
        "has \(many) blank slice\(many == 1 ? "" : "s")\(channel) amid others (the first is slice "
          + "\(place) along axis \(axis)); export the image again, or leave this subject out")
    }
    let (low, high) = (statistics.levels.first ?? 0, statistics.levels.last ?? 0)
    let top = Double(range.upperBound)
    if Double(statistics.countAtMaximum) > 0.05 * Double(count) {
      let percent = (Double(statistics.countAtMaximum) / Double(count) * 100).rounded()
      note(
        .clipped, path,
        "\(Int(percent)) % of the voxels\(channel) are at the greatest value, \(range.upperBound); "
          + "export the image without clipping")
    } else if high > low, top - high > 20 * (high - low) {
      note(
        .hotVoxels, path,
        "a few voxels\(channel) reach \(range.upperBound) where 99 % are below "
          + "\(Self.rounded(high)); clip them before normalization, or mend the file")
    }
  }
}
