/// What a moment of a rank's life is spent on, as a trace shows it.
public enum TraceActivity: String, Sendable, CaseIterable {
  /// A training step, from its first patch to its update.
  case step
  /// Waiting for a shard's patches; its number is the shard.
  case patches
  /// Having subjects at hand, on the thread that makes patches.
  case load
  /// Drawing and changing patches, on the thread that makes them.
  case augment
  /// Forward and backward of a shard; its number is the shard.
  case compute
  /// The part of ``compute`` before the first gradient is known: forward pass, loss, the first
  /// operations of the backward pass.
  case forward
  /// The part of ``compute`` from the first known gradient on.
  case backward
  /// Waiting for the sum of all ranks' gradients.
  case reduce
  /// A bucket of gradients on its way, from its departure until its sum is whole; its number is the
  /// bucket. Beside everything else.
  case exchange
  /// Clipping and the optimizer.
  case update
  /// Predicting and measuring a fold's validation subjects.
  case validate
  /// Making a checkpoint and handing it over; its number is the step.
  case save
  /// An operation among ranks; its number is the bytes of this rank.
  case operation

  /// Whether so few of these happen that a trace keeps them beyond its last step.
  var isRare: Bool { self == .validate || self == .save }
}

/// One moment in a trace.
public struct TraceEvent: Sendable, Equatable {
  /// What was done.
  public var activity: TraceActivity
  /// Which operation among ranks it was; `nil` for all else.
  public var operation: FlightRecorder.Operation?
  /// The thread, by the order in which threads first appear: 0 is the one that trains.
  public var lane: Int
  /// Beginning and end, in nanoseconds of the rank's own clock.
  public var start: Int64, end: Int64
  /// Where training was; -1 before the first step.
  public var fold: Int, step: Int
  /// What ``activity`` says it is.
  public var number: Int

  /// An event.
  public init(
    _ activity: TraceActivity, operation: FlightRecorder.Operation? = nil, lane: Int = 0,
    start: Int64, end: Int64, fold: Int = -1, step: Int = -1, number: Int = 0
  ) {
    self.activity = activity
    self.operation = operation
    self.lane = lane
    self.start = start
    self.end = end
    self.fold = fold
    self.step = step
    self.number = number
  }
}
