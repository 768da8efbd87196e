import ArgumentParser
import DistTrainer
import Foundation

/// How progress is shown.
enum ProgressMode: String, ExpressibleByArgument, CaseIterable {
  /// A table on a terminal, lines elsewhere.
  case auto
  /// A table that renews itself in place.
  case table
  /// Lines now and then.
  case lines
  /// Nothing but what needs attention.
  case none
}

/// Shows how far the folds are: a table that renews itself on a terminal, lines now and then
/// elsewhere. Writes to standard error.
final class ProgressDisplay: RunObserver {
  private struct FoldState {
    var shown: FoldProgress
    var firstStep: Int
    /// The part of a step that waited for patches in the last epoch, once it is known.
    var waitFraction: Double?
    var start = ContinuousClock.now
  }

  private var folds: [Int: FoldState] = [:]
  private var lastShown = ContinuousClock.now
  private var block = TerminalBlock()
  private let mode: ProgressMode

  /// A display; `auto` looks at standard error.
  init(_ mode: ProgressMode = .auto) {
    let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    self.mode = mode == .auto ? (isTerminal ? .table : .lines) : mode
  }

  private var interval: Duration { mode == .table ? .milliseconds(300) : .seconds(5) }

  func noticed(_ notice: String) { write("segmpi: \(notice)") }

  func informed(_ line: String) { say(line) }

  func foldsQueued(_ waiting: [Int]) {
    for fold in waiting {
      folds[fold] = FoldState(shown: FoldProgress(fold: fold, state: .waiting), firstStep: 0)
    }
    if mode == .table { show() }
  }

  func foldBegan(_ fold: Int, after step: Int, of totalSteps: Int) {
    var shown = FoldProgress(fold: fold, state: .training)
    (shown.step, shown.totalSteps) = (step, totalSteps)
    folds[fold] = FoldState(shown: shown, firstStep: step)
    if step > 0 { say("fold \(fold) goes on after step \(step)") }
    if mode == .table { show() }
  }

  func foldStepped(_ figures: StepFigures) {
    guard var state = folds[figures.fold] else { return }
    state.shown.step = figures.step
    state.shown.epoch = figures.epoch
    state.shown.loss = figures.loss
    state.shown.samplesPerSecond = figures.samplesPerSecond
    state.shown.exposedFraction = figures.exposedFraction
    let elapsed = state.start.duration(to: .now) / .seconds(1)
    let taken = figures.step - state.firstStep
    if let total = state.shown.totalSteps, taken > 0 {
      state.shown.secondsLeft = elapsed * Double(total - figures.step) / Double(taken)
    }
    folds[figures.fold] = state
    if lastShown.duration(to: .now) >= interval { show() }
  }

  func foldLogged(_ fold: Int, line: String) {
    struct Entry: Decodable {
      var epoch: Int
      var loss: Double?
      var dice: Double?
      var timings: Timings?
    }
    struct Timings: Decodable {
      var waitFraction: Double?
      var exposed: Double?
      var exposedFraction: Double?
      var overlap: Double?
    }
    guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8)) else { return }
    folds[fold]?.waitFraction = entry.timings?.waitFraction
    if let dice = entry.dice { folds[fold]?.shown.dice = dice }
    guard mode == .lines else { return }
    var parts = ["fold \(fold)  epoch \(entry.epoch)"]
    if let dice = entry.dice { parts.append(String(format: "validation Dice %.4f", dice)) }
    if let timings = entry.timings, let overlap = timings.overlap {
      parts.append(
        String(
          format: "exposed communication %.4f s a step (%.1f %%), overlap %.1f %%",
          (timings.exposed ?? 0) / 1000, 100 * (timings.exposedFraction ?? 0), 100 * overlap))
    }
    if parts.count > 1 { say(parts.joined(separator: "  ")) }
  }

  func foldFinished(_ fold: Int, dice: Double?, subjects: Int) {
    folds[fold]?.shown.state = .ended
    folds[fold]?.shown.secondsLeft = 0
    if let dice { folds[fold]?.shown.dice = dice }
    let dice = dice.map { String(format: "%.4f", $0) } ?? "undefined"
    say("fold \(fold) is done: mean Dice \(dice) on \(subjects) subjects")
  }

  /// Leaves the terminal with the table as it stood last, and the cursor below it.
  func finish() { if mode == .table { show() } }

  private func show() {
    lastShown = .now
    switch mode {
    case .table: put(block.replace(with: table))
    case .lines:
      let parts = folds.keys.sorted().compactMap { fold in
        folds[fold].flatMap { $0.shown.state == .training ? describe($0) : nil }
      }
      if !parts.isEmpty { write(parts.joined(separator: "\n")) }
    case .auto, .none: break
    }
  }

  private var table: [String] {
    guard !folds.isEmpty else { return [] }
    let (width, height) = TerminalSize.current
    return LiveTable(folds.values.map(\.shown)).lines(width: width - 1, height: height - 1)
  }

  private func describe(_ state: FoldState) -> String {
    let (step, total) = (state.shown.step ?? 0, state.shown.totalSteps ?? 1)
    let filled = min(10, 10 * step / max(1, total))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 10 - filled)
    let wait = state.waitFraction.map { String(format: "  %.1f %% waiting for patches", 100 * $0) }
    return String(
      format: "fold %d [%@] %d/%d  epoch loss %.4f  %@ samples/s%@  %@ left", state.shown.fold, bar,
      step,
      total, state.shown.loss ?? 0, LiveTable.rate(state.shown.samplesPerSecond ?? 0), wait ?? "",
      LiveTable.duration(state.shown.secondsLeft ?? 0))
  }

  /// Says what need not be heard.
  private func say(_ line: String) { if mode != .none { write(line) } }

  private func write(_ line: String) {
    put(mode == .table ? block.write(line, above: table) : line + "\n")
  }

  private func put(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
