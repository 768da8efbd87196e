public import Collective
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
  /// What summing gradients across ranks cost, part of ``reduce``; nothing on one rank.
  public var exchange = ReductionCost()

  /// Nothing counted.
  public init() {}

  /// The part of a step's time that is spent on waiting for patches; 0 before the first step.
  public var waitFraction: Double { fraction(wait) }

  /// The part of a step's time in which a rank did nothing but wait for gradients of its peers; 0
  /// before the first step.
  public var exposedFraction: Double { fraction(exchange.exposed) }

  /// The time of all steps.
  public var total: Duration { wait + compute + reduce + update }

  private func fraction(_ part: Duration) -> Double {
    total > .zero ? part / total : 0
  }

  /// Milliseconds of a step, by what they were spent on, and parts of the whole; `overlap` where
  /// there was an exchange.
  var json: JSONValue {
    let count = Double(max(1, steps))
    func milliseconds(_ duration: Duration) -> JSONValue {
      .number(duration / .milliseconds(1) / count)
    }
    return .object(
      [
        ("load", milliseconds(load)), ("augment", milliseconds(augment)),
        ("wait", milliseconds(wait)), ("compute", milliseconds(compute)),
        ("reduce", milliseconds(reduce)), ("update", milliseconds(update)),
        ("waitFraction", .number(waitFraction)), ("exposed", milliseconds(exchange.exposed)),
        ("underWay", milliseconds(exchange.underWay)),
        ("exposedFraction", .number(exposedFraction)),
      ] + (exchange.hidden.map { [("overlap", .number($0))] } ?? []))
  }
}
