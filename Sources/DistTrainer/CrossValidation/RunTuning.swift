/// What changes when the parts of a run happen, and none of its results.
struct RunTuning: Sendable {
  /// The seconds that free ranks must save a fold for it to get them: they have to make its plan and
  /// to receive its state first.
  var minimumGain = 2.0
  /// How often a fold tells of its steps at most.
  var progressInterval = Duration.milliseconds(250)
}
