public import Foundation

/// What a watchdog left in a run's folder when it ended the job.
public struct FlightRecords: Sendable, Equatable {
  /// Who was guilty, in a sentence; nil where that could not be written.
  public var verdict: String?
  /// Of how many ranks the last operations are there.
  public var ranks: Int
  /// When it was left.
  public var date: Date

  /// Reads what is in a run's folder; nil where no job was ended since the run went on last.
  public init?(_ folder: RunFolder) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.flight)) ?? []
    let dates = names.compactMap { RunStatus.modification(of: folder.flight.appending(file: $0)) }
    guard let date = dates.max() else { return nil }
    self.date = date
    ranks = names.count { $0.hasSuffix(".jsonl") }
    let text = try? String(
      contentsOfFile: folder.flight.appending(file: "verdict.txt"), encoding: .utf8)
    verdict = text?.split(separator: "\n").first.map(String.init)
  }
}

extension RunFolder {
  /// `flight`: what each rank did last before a watchdog ended the job, and who was guilty.
  public var flight: String { path.appending(file: "flight") }
  /// `flight_previous`: the same of an earlier job, after which the run has gone on.
  public var previousFlight: String { path.appending(file: "flight_previous") }

  /// Puts what an earlier job left aside, since the run goes on: the notice ends with the job that it
  /// speaks of, and what the next one leaves is not mixed with it.
  ///
  /// - Throws: ``FileError``.
  func retireFlightRecords() throws(FileError) {
    guard fileExists(flight) else { return }
    do {
      // A folder takes no other's name while that one holds something.
      if fileExists(previousFlight) { try FileManager.default.removeItem(atPath: previousFlight) }
      try FileManager.default.moveItem(atPath: flight, toPath: previousFlight)
    } catch {
      throw FileError(
        path: flight,
        description: "Cannot rename \(flight) to \(previousFlight) "
          + "(\(error.localizedDescription)): remove both.")
    }
  }
}
