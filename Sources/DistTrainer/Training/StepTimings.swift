internal import Evaluation

/// Where the time of training steps went.
public struct StepTimings: Sendable {
  /// Steps counted.
  public var steps = 0
  /// Having subjects at hand; on threads of their own this runs beside everything else.
  public var load = Duration.zero
  /// Drawing and changing patches; beside everything else, too.
  public var augment = Duration.zero
  /// Waiting for patches: all of the two above where they are made in the training thread.
  public var wait = Duration.zero
  /// Forward and backward.
  public var compute = Duration.zero
  /// Summing gradients over shards and ranks, waiting for ranks included.
  public var reduce = Duration.zero
  /// Clipping and the optimizer.
  public var update = Duration.zero

  /// Nothing counted.
  public init() {}

  /// The part of a step's time that is spent on waiting for patches; 0 before the first step.
  public var waitFraction: Double {
    let total = wait + compute + reduce + update
    return total > .zero ? wait / total : 0
  }

  /// Milliseconds of a step, by what they were spent on.
  var json: JSONValue {
    let count = Double(max(1, steps))
    func milliseconds(_ duration: Duration) -> JSONValue {
      .number(duration / .milliseconds(1) / count)
    }
    return .object([
      ("load", milliseconds(load)), ("augment", milliseconds(augment)),
      ("wait", milliseconds(wait)), ("compute", milliseconds(compute)),
      ("reduce", milliseconds(reduce)), ("update", milliseconds(update)),
      ("waitFraction", .number(waitFraction)),
    ])
  }
}
