internal import Nets
internal import Volumes

extension [PostProcessingChoice] {
  /// A fault for every step that names a label which there is not.
  func strayLabels(among known: [DatasetLabel], path: String) -> [ConfigurationFault] {
    let numbers = known.map { Int($0.number) }.filter { $0 != 0 }
    return enumerated().compactMap { index, step in
      let stray = step.value.labels?.first { !numbers.contains($0) }
      return stray.map {
        ConfigurationFault(
          "\(path).\(index).labels",
          "names the label \($0), which the data set lacks: its foreground labels are "
            + numbers.map(String.init).joined(separator: ", "))
      }
    }
  }
}

extension Experiment {
  /// Post-processes a segmentation whose voxels are classes, as the configuration asks for.
  ///
  /// - Throws: `ComponentsError` for a structure whose box has more than 2^31 - 1 voxels.
  func postProcess(classes volume: LabelVolume) throws -> LabelVolume {
    let steps = inference.postprocessing
    guard !steps.isEmpty else { return volume }
    var numbered = self.numbered(volume)
    try steps.apply(to: &numbered)
    let classes = classOfLabel
    var classOfNumber = [UInt8](repeating: 0, count: 256)
    for (number, index) in classes { classOfNumber[number] = index }
    return LabelVolume(
      voxels: numbered.voxels.map { classOfNumber[Int($0)] }, geometry: volume.geometry,
      source: volume.source)
  }

  /// A segmentation of classes as one of label numbers.
  func numbered(_ classes: LabelVolume) -> LabelVolume {
    let numbers = labels.map(\.number)
    return LabelVolume(
      voxels: classes.voxels.map { numbers[Int($0)] }, geometry: classes.geometry,
      source: classes.source)
  }
}
