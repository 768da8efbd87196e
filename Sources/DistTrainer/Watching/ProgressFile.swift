internal import Evaluation
internal import Foundation

/// `progress.json`: how far the folds of a running job are, for whoever looks from outside.
///
/// Written every few seconds at most, under a temporary name first but without waiting for the
/// disk; a failure to write it is no reason to end a training. It is no result: nothing is read back
/// from it but by ``RunStatus``.
final class ProgressFile {
  /// What the file holds.
  struct Content: Codable, Equatable {
    struct Fold: Codable, Equatable {
      var fold: Int
      var firstStep: Int
      var step: Int
      var totalSteps: Int
      /// The mean over the steps of the epoch so far.
      var loss: Double?
      var samplesPerSecond: Double?
      var exposedFraction: Double?
      /// Seconds since this call began the fold.
      var seconds: Double
      var isFinished: Bool
    }

    /// The process that writes, as in the folder's lock.
    var process: Int
    var host: String
    var folds: [Fold]
  }

  private let path: String
  private let interval: Duration
  private var content = Content(
    process: processNumber, host: ProcessInfo.processInfo.hostName, folds: [])
  private var beginnings: [Int: ContinuousClock.Instant] = [:]
  private var written: ContinuousClock.Instant?

  init(_ folder: RunFolder, interval: Duration = .seconds(2)) {
    path = folder.progress
    self.interval = interval
  }

  func begin(fold: Int, after step: Int, of totalSteps: Int) {
    content.folds.removeAll { $0.fold == fold }
    content.folds.append(
      .init(
        fold: fold, firstStep: step, step: step, totalSteps: totalSteps, seconds: 0,
        isFinished: false))
    content.folds.sort { $0.fold < $1.fold }
    beginnings[fold] = .now
    write()
  }

  func note(_ figures: StepFigures) {
    change(figures.fold) {
      $0.step = figures.step
      $0.loss = figures.loss
      $0.samplesPerSecond = figures.samplesPerSecond
      $0.exposedFraction = figures.exposedFraction
    }
    beat()
  }

  func finish(fold: Int) {
    change(fold) { $0.isFinished = true }
    write()
  }

  /// Writes the file anew if that is some time ago: a sign of life.
  func beat() {
    guard written.map({ $0.duration(to: .now) >= interval }) ?? true else { return }
    write()
  }

  private func change(_ fold: Int, _ body: (inout Content.Fold) -> Void) {
    guard let place = content.folds.firstIndex(where: { $0.fold == fold }) else { return }
    if let beginning = beginnings[fold] {
      content.folds[place].seconds = beginning.duration(to: .now) / .seconds(1)
    }
    body(&content.folds[place])
  }

  private func write() {
    written = .now
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(content) else { return }
    let calls = SystemCalls(write: SystemCalls.live.write, synchronize: { _ in .success(()) })
    try? AtomicFile.replace(path, calls: calls) { try $0.write([UInt8](data).span) }
  }

  /// Reads a file; `nil` where there is none, or none that is whole.
  static func read(_ folder: RunFolder) -> Content? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return FileManager.default.contents(atPath: folder.progress).flatMap {
      try? decoder.decode(Content.self, from: $0)
    }
  }
}

extension RunFolder {
  /// `progress.json`: how far a running job is.
  public var progress: String { path.appending(file: "progress.json") }
  /// `trace`: what each rank did, moment by moment.
  public var trace: String { path.appending(file: "trace") }
}
