import DistTrainer
import Foundation

/// Shows how far the folds are: a line that renews itself on a terminal, lines now and then
/// elsewhere. Writes to standard error.
final class ProgressDisplay: RunObserver {
  private struct FoldState {
    var firstStep: Int
    var step: Int
    var loss = 0.0
    /// The part of a step that waited for patches in the last epoch, once it is known.
    var waitFraction: Double?
    var start = ContinuousClock.now
    var isFinished = false
  }

  private var folds: [Int: FoldState] = [:]
  private var totalSteps: Int?
  private var lastShown = ContinuousClock.now
  private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1

  private var interval: Duration { isTerminal ? .milliseconds(200) : .seconds(5) }

  func noticed(_ notice: String) { say("segmpi: \(notice)") }

  func informed(_ line: String) { say(line) }

  func foldBegan(_ fold: Int, after step: Int, of totalSteps: Int) {
    self.totalSteps = totalSteps
    folds[fold] = FoldState(firstStep: step, step: step)
    if step > 0 { say("fold \(fold) goes on after step \(step)") }
  }

  func foldStepped(_ fold: Int, step: Int, loss: Double) {
    folds[fold]?.step = step
    folds[fold]?.loss = loss
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
    }
    guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8)) else { return }
    folds[fold]?.waitFraction = entry.timings?.waitFraction
    guard let dice = entry.dice else { return }
    say(String(format: "fold %d  epoch %d  validation Dice %.4f", fold, entry.epoch, dice))
  }

  func foldFinished(_ fold: Int, dice: Double?, subjects: Int) {
    folds[fold]?.isFinished = true
    let dice = dice.map { String(format: "%.4f", $0) } ?? "undefined"
    say("fold \(fold) is done: mean Dice \(dice) on \(subjects) subjects")
  }

  /// Leaves the terminal with the cursor on a fresh line.
  func finish() { if isTerminal, !folds.isEmpty { write("\r\u{1B}[K") } }

  private func show() {
    lastShown = .now
    let parts = folds.keys.sorted().compactMap { fold in
      folds[fold].flatMap { $0.isFinished ? nil : describe(fold, $0) }
    }
    guard !parts.isEmpty else { return }
    if isTerminal {
      write("\r\u{1B}[K" + parts.joined(separator: " | "))
    } else {
      write(parts.joined(separator: "\n") + "\n")
    }
  }

  private func describe(_ fold: Int, _ state: FoldState) -> String {
    let total = totalSteps ?? max(1, state.step)
    let filled = min(10, 10 * state.step / max(1, total))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 10 - filled)
    let elapsed = state.start.duration(to: .now) / .seconds(1)
    let rate = Double(state.step - state.firstStep) / max(elapsed, 1e-3)
    let left = rate > 0 ? Double(total - state.step) / rate : 0
    let wait = state.waitFraction.map { String(format: "  %.1f %% waiting for patches", 100 * $0) }
    return String(
      format: "fold %d [%@] %d/%d  loss %.4f  %.2f steps/s%@  %d:%02d left", fold, bar, state.step,
      total, state.loss, rate, wait ?? "", Int(left) / 60, Int(left) % 60)
  }

  private func say(_ line: String) { write((isTerminal ? "\r\u{1B}[K" : "") + line + "\n") }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
