internal import Volumes

extension SubjectInspection {
  /// Voxels that bear one value.
  private struct Occurrence {
    var count = 0
    var first: Int
  }

  /// What is wrong with the values of a label, which has one channel.
  mutating func inspectLabels(of label: Volume, _ path: String) {
    var declared = [Int](repeating: 0, count: dataset.labels.count)
    var strays: [Int: Occurrence] = [:]
    var fraction: (occurrence: Occurrence, value: Float)?
    let numbers = count(label.voxels.span, &declared, &strays, &fraction)
    report.labelVoxels = declared
    func place(_ occurrence: Occurrence) -> String {
      let index = label.geometry.index(of: occurrence.first)
      return "\(occurrence.count) voxel\(occurrence.count == 1 ? "" : "s"), the first at "
        + "(\(index.map { "\($0)" }.joined(separator: ", ")))"
    }
    if let (occurrence, value) = fraction {
      note(
        .labelFraction, path,
        "holds values that are no whole numbers, such as \(value) (\(place(occurrence))); "
          + "this looks like an image or a resampled label, export it again")
    }
    // One line a file: the values that are amiss, the first voxel of each.
    let listed = strays.sorted { $0.key < $1.key }.prefix(8)
      .map { "\($0.key) (\(place($0.value)))" }
    if !strays.isEmpty, fraction == nil {
      note(
        .labelUndeclared, path,
        "holds \(strays.count == 1 ? "the label" : "\(strays.count) labels that are not declared:") "
          + listed.joined(separator: ", ")
          + (strays.count > listed.count ? " and more" : "")
          + (strays.count == 1 ? ", which is not declared" : "")
          + "; declare what it stands for, or say in map which label it is")
    }
    guard fraction == nil, strays.isEmpty else { return }
    if declared.dropFirst().allSatisfy({ $0 == 0 }) {
      note(
        .labelEmpty, path,
        "holds nothing but background; if it should not, segment it or leave this subject out")
      return
    }
    if declared[0] == 0 {
      note(
        .labelFull, path,
        "has no voxel of background; if that is not meant so, compare its values with the declared "
          + "labels")
    }
    var digest = SHA256()
    digest.update(Array("\(label.geometry.shape)".utf8).span)
    digest.update(numbers.span)
    report.labelContent = digest.finalized()
  }

  /// Counts voxels by what they stand for: declared labels, other whole numbers, all other numbers.
  ///
  /// - Returns: the labels of the voxels, 0 for what is none.
  private func count(
    _ voxels: Span<Float>, _ declared: inout [Int], _ strays: inout [Int: Occurrence],
    _ fraction: inout (occurrence: Occurrence, value: Float)?
  ) -> [UInt8] {
    let meanings = subject.meanings(
      of: Dictionary(uniqueKeysWithValues: dataset.labels.map { (Int($0.number), $0.number) }))
    var span = declared.mutableSpan
    var last = Float.nan
    var lastLabel: UInt8 = 0
    return [UInt8](capacity: voxels.count) { output in
      for index in voxels.indices {
        let value = voxels[index]
        if value == last {
          span[Int(lastLabel)] += 1
          output.append(lastLabel)
          continue
        }
        guard let number = Int(exactly: value) else {
          var seen = fraction ?? (Occurrence(first: index), value)
          seen.occurrence.count += 1
          fraction = seen
          output.append(0)
          continue
        }
        guard let label = meanings[number] else {
          strays[number, default: Occurrence(first: index)].count += 1
          output.append(0)
          continue
        }
        // Labels count from 0 without a gap, so that the number is the place.
        span[Int(label)] += 1
        (last, lastLabel) = (value, label)
        output.append(label)
      }
    }
  }
}
