internal import Evaluation
internal import Foundation

extension MeasuredSystem {
  /// Where a system's metrics lie.
  struct Source {
    /// The run folder, the folder with `metrics.csv` or the table.
    let path: String
    /// The number of training subjects that the command line gave.
    let trainingSubjects: Double?

    /// Reads `PATH` or `PATH=N`; a file whose own name has the equals sign is taken as it is.
    init(_ argument: String) {
      if !VolumeNames.exists(argument), let sign = argument.lastIndex(of: "="),
        let count = Int(argument[argument.index(after: sign)...]), count > 0
      {
        path = String(argument[..<sign])
        trainingSubjects = Double(count)
      } else {
        path = argument
        trainingSubjects = nil
      }
    }

    /// The last part of the path that tells one system from another.
    var shortName: String {
      var parts = path.split(separator: "/").map(String.init)
      while let last = parts.last, parts.count > 1,
        ["metrics.csv", "validation", "crossval", "."].contains(last)
      {
        parts.removeLast()
      }
      let name = parts.last ?? path
      return name.hasSuffix(".csv") && name.count > 4 ? String(name.dropLast(4)) : name
    }

    /// Reads one metric of the system.
    func read(name: String, metric: String) throws(ComparisonError) -> MeasuredSystem {
      var table = MetricColumn(metric: metric)
      for file in try tables() { try table.read(file) }
      return MeasuredSystem(
        name: name, path: path, trainingSubjects: trainingSubjects ?? subjectsOfSplits(),
        labels: table.labels)
    }

    /// The tables to read: the file itself, that of all folds together, or those of the folds.
    private func tables() throws(ComparisonError) -> [String] {
      guard VolumeNames.exists(path) else {
        throw ComparisonError(["There is nothing at \(path): mend the path."])
      }
      guard VolumeNames.exists(path.appending(file: ".")) else { return [path] }
      let run = RunFolder(path)
      for table in [run.crossValidation.metrics, path.appending(file: "metrics.csv")]
      where VolumeNames.exists(table) {
        return [table]
      }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      let folds = names.filter { $0.hasPrefix("fold_") }.compactMap { Int($0.dropFirst(5)) }
      let found = folds.sorted().map { run.fold($0).validation.metrics }
        .filter { VolumeNames.exists($0) }
      guard !found.isEmpty else {
        throw ComparisonError([
          "\(path) holds no metrics.csv: name a run that has been validated, a folder that "
            + "evaluate wrote, or the table itself."
        ])
      }
      return found
    }

    /// The mean number of training subjects of a run's folds; nil where there are no splits.
    private func subjectsOfSplits() -> Double? {
      let url = URL(fileURLWithPath: RunFolder(path).splits)
      guard let data = try? Data(contentsOf: url),
        let splits = try? JSONDecoder().decode([Split].self, from: data), !splits.isEmpty
      else { return nil }
      let count = splits.reduce(0) { $0 + $1.train.count }
      return count == 0 ? nil : Double(count) / Double(splits.count)
    }
  }
}
