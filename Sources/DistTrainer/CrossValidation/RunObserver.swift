/// Watches a run from rank 0. Methods are called between steps: they must be quick.
public protocol RunObserver: AnyObject {
  /// Something about the data was noticed that may be meant so, in a sentence.
  func noticed(_ notice: String)
  /// How the run goes about its work, in a line for whoever operates it.
  func informed(_ line: String)
  /// These folds are to be trained, each as soon as it has ranks.
  func foldsQueued(_ folds: [Int])
  /// A fold starts, or goes on after a step.
  func foldBegan(_ fold: Int, after step: Int, of totalSteps: Int)
  /// A fold has taken a step; told a few times a second at most, and not of every step.
  func foldStepped(_ figures: StepFigures)
  /// A line was added to a fold's `log.jsonl`.
  func foldLogged(_ fold: Int, line: String)
  /// A fold's validation subjects are predicted and measured.
  ///
  /// - Parameters:
  ///   - fold: the fold.
  ///   - dice: the mean over subjects and foreground labels; nil where it is nowhere defined.
  ///   - subjects: how many subjects were measured.
  func foldFinished(_ fold: Int, dice: Double?, subjects: Int)
}

extension RunObserver {
  /// Says nothing.
  public func informed(_ line: String) {}

  /// Says nothing.
  public func foldsQueued(_ folds: [Int]) {}

  /// Says nothing.
  public func noticed(_ notice: String) {}
}
