/// What a step of a fold tells those who watch it.
public struct StepFigures: Sendable, Equatable {
  /// The fold, from 0.
  public var fold: Int
  /// Steps taken, this one included.
  public var step: Int
  /// Epochs begun.
  public var epoch: Int
  /// The mean loss of the epoch's steps so far: after its last, what the log has for the epoch.
  public var loss: Double
  /// Samples that the fold's ranks have trained on in a second of late.
  public var samplesPerSecond: Double
  /// The part of a step's time, since the epoch began, in which the fold's first rank did nothing but
  /// wait for gradients of its peers.
  public var exposedFraction: Double

  /// Figures of a step.
  public init(
    fold: Int, step: Int, epoch: Int, loss: Double, samplesPerSecond: Double,
    exposedFraction: Double
  ) {
    self.fold = fold
    self.step = step
    self.epoch = epoch
    self.loss = loss
    self.samplesPerSecond = samplesPerSecond
    self.exposedFraction = exposedFraction
  }
}

/// How far a fold has come, as a line of a table shows it; `nil` is what is not known.
public struct FoldProgress: Sendable, Equatable {
  /// What a fold is doing.
  public enum State: String, Sendable, CaseIterable {
    /// Nothing of it was trained.
    case notBegun = "not begun"
    /// To be trained by ranks that train another fold now.
    case waiting
    /// A process trains or validates it.
    case training
    /// Trained, predicted and measured.
    case ended
    /// Trained in part, and nobody goes on with it now.
    case interrupted
  }

  /// The fold, from 0.
  public var fold: Int
  /// What it is doing.
  public var state: State
  /// Epochs begun.
  public var epoch: Int?
  /// Steps taken.
  public var step: Int?
  /// The steps of a whole run.
  public var totalSteps: Int?
  /// The mean loss of the epoch's steps so far, or of the last epoch where none is under way.
  public var loss: Double?
  /// The mean Dice of the last validation.
  public var dice: Double?
  /// Samples trained on in a second.
  public var samplesPerSecond: Double?
  /// The part of a step's time that waits for gradients of other ranks.
  public var exposedFraction: Double?
  /// Seconds to the end at the rate so far.
  public var secondsLeft: Double?

  /// A fold of which only the state is known.
  public init(fold: Int, state: State) {
    self.fold = fold
    self.state = state
  }
}

/// When a step is worth a word: a few times a second at most, and at the end.
struct ProgressMeter {
  private let fold: Int
  private let samplesPerStep: Int
  private let stepsPerEpoch: Int
  private let lastStep: Int
  private var told: (step: Int, at: ContinuousClock.Instant)
  /// No two words are closer to each other than this.
  private let interval: Duration

  init(
    fold: Int, training: TrainingSection, from step: Int, at now: ContinuousClock.Instant,
    interval: Duration = RunTuning().progressInterval
  ) {
    self.fold = fold
    self.interval = interval
    samplesPerStep = training.shards * training.shardSize
    stepsPerEpoch = training.stepsPerEpoch
    lastStep = training.totalSteps
    told = (step, now)
  }

  /// The figures of a step that was just taken.
  ///
  /// - Parameters:
  ///   - step: steps taken.
  ///   - epochLoss: the sum of the losses of the epoch's steps.
  ///   - timings: of the epoch.
  ///   - now: the time.
  /// - Returns: `nil` where it is too early to speak again.
  mutating func figures(
    step: Int, epochLoss: Double, timings: StepTimings, at now: ContinuousClock.Instant
  ) -> StepFigures? {
    let passed = told.at.duration(to: now)
    guard passed >= interval || step == lastStep else { return nil }
    let samples = Double((step - told.step) * samplesPerStep)
    told = (step, now)
    let (epoch, place) = (step - 1).quotientAndRemainder(dividingBy: max(1, stepsPerEpoch))
    return StepFigures(
      fold: fold, step: step, epoch: epoch + 1, loss: epochLoss / Double(place + 1),
      samplesPerSecond: samples / max(passed / .seconds(1), 1e-9),
      exposedFraction: timings.exposedFraction)
  }
}

extension StepFigures {
  /// Figures as they were reported.
  init(_ record: RunRecord, _ training: TrainingSection) {
    self.init(
      fold: record.fold, step: record.index,
      epoch: (record.index - 1) / max(1, training.stepsPerEpoch) + 1, loss: record.figures[0],
      samplesPerSecond: record.figures[1], exposedFraction: record.figures[2])
  }
}

extension RunRecord {
  /// Figures as they are reported.
  init(_ figures: StepFigures) {
    self.init(kind: .step, fold: figures.fold, index: figures.step)
    self.figures = [figures.loss, figures.samplesPerSecond, figures.exposedFraction]
  }
}
