internal import Foundation
internal import Volumes

/// Writes mended copies of a data set's files as a new data set; the originals stay as they are.
public struct DatasetRepair: Sendable {
  /// What can be mended.
  public enum Fix: String, Sendable, CaseIterable {
    /// A label, or a further channel, of its image's shape takes the place in space from the header of the
    /// subject's first image.
    case copyGeometry = "copy-geometry"
    /// A label (by nearest voxel) or a further channel (linearly) on another grid is brought to its
    /// image's.
    case resample
    /// Stored values are replaced by the labels that they stand for.
    case mapLabels = "map-labels"
  }

  /// The data set to mend, and what it cannot tell of itself.
  public var data: DataSection
  /// What to mend; where both could be done, geometry is copied rather than a label resampled.
  public var fixes: Set<Fix>
  /// The folder to write, which must not exist or be empty.
  public var output: String
  /// Threads that read and write.
  public var threads: Int

  /// A repair of `data` into the folder `output`.
  public init(_ data: DataSection, fixes: Set<Fix>, output: String, threads: Int = 1) {
    self.data = data
    self.fixes = fixes
    self.output = output
    self.threads = threads
  }

  /// What was written.
  public struct Outcome: Sendable, CustomStringConvertible {
    /// The new data set's folder.
    public let output: String
    /// Subjects that were written.
    public let written: Int
    /// Files that were mended, by how.
    public let mended: [Fix: Int]
    /// Subjects that could not be written, and what is wrong with them.
    public let leftOut: [Finding]

    /// One line, and one for each subject that was left out.
    public var description: String {
      let counts = Fix.allCases.map { "\($0.rawValue) \(mended[$0] ?? 0)" }.joined(separator: ", ")
      return
        (["Wrote \(written) subjects to \(output) (files mended: \(counts))"]
        + leftOut.map { "left out: \($0.sentence)" }).joined(separator: "\n")
    }
  }

  /// Writes the new data set: files first, `dataset.json` last, so that what is not whole is none.
  ///
  /// - Parameter progress: called with the number of subjects done, and of all.
  /// - Returns: what was written, and what was left out.
  /// - Throws: ``DatasetError`` where there is nothing to mend, ``FileError`` or `VolumeError` where
  ///   something cannot be written; what was written until then is removed.
  public func run(progress: (Int, Int) -> Void = { _, _ in }) throws -> Outcome {
    let (dataset, findings) = try Dataset.inspect(data)
    guard !dataset.subjects.isEmpty else { throw DatasetError(data.dataset, findings) }
    let existed = VolumeNames.exists(output)
    guard !existed || VolumeNames.isEmptyFolder(output) else {
      throw FileError(
        path: output,
        description: "The folder \(output) is not empty: name a new one with --output.")
    }
    do {
      for part in ["imagesTr", "labelsTr"] { try makeFolder(output.appending(file: part)) }
      var copies: [SubjectRepair] = []
      while copies.count < dataset.subjects.count {
        let start = copies.count
        let count = min(dataset.subjects.count - start, 8 * threads)
        copies += try ParallelLoop.map(count, threads: threads) { index in
          try SubjectRepair(
            dataset.subjects[start + index], of: dataset, fixes: fixes, output: output)
        }
        progress(copies.count, dataset.subjects.count)
      }
      return try finish(dataset, copies, findings)
    } catch {
      // A part of a data set would be taken for the whole.
      let parts = existed ? ["imagesTr", "labelsTr", "manifest.csv"] : [""]
      for part in parts {
        try? FileManager.default.removeItem(atPath: output.appending(file: part))
      }
      throw error
    }
  }

  private func finish(
    _ dataset: Dataset, _ copies: [SubjectRepair], _ findings: [Finding]
  ) throws -> Outcome {
    let whole = zip(dataset.subjects, copies).filter { $0.1.findings.isEmpty }
    let leftOut =
      findings.filter { $0.severity == .fault && $0.subject != nil } + copies.flatMap(\.findings)
    guard !whole.isEmpty else { throw DatasetError(data.dataset, leftOut) }
    let description = RepairedDescription(
      dataset: dataset, isMapped: fixes.contains(.mapLabels), subjects: whole.map { ($0.0, $0.1) })
    if let table = description.table {
      try AtomicFile.replace(output.appending(file: "manifest.csv"), with: table)
    }
    try AtomicFile.replace(output.appending(file: "dataset.json"), with: description.json)
    var mended: [Fix: Int] = [:]
    for fix in whole.flatMap(\.1.applied) { mended[fix, default: 0] += 1 }
    return Outcome(output: output, written: whole.count, mended: mended, leftOut: leftOut)
  }
}
