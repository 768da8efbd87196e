public import Collective
internal import CounterRandom
internal import Evaluation
internal import Volumes

/// Times what preparation spends its time on: cubic resampling of one large volume, and, where there
/// is one, the preparation of a whole data set in memory.
public struct PreparationBenchmark: Sendable {
  /// The extents of the volume (D, H, W): 60 slices of 512 by 512, as in Deniz et al. (2018).
  public static let source = [512, 512, 60]
  /// What they become.
  public static let target = [256, 256, 60]

  /// A data set to prepare; nil leaves that out.
  public var dataset: String?
  /// Threads of a rank.
  public var threads = 2
  /// Counted repetitions, of which the median is told.
  public var repetitions = 5

  /// A benchmark without a data set.
  public init() {}

  /// What was measured.
  public struct Outcome: Sendable {
    /// Milliseconds to resample the volume, the median.
    public let resampleMilliseconds: Double
    /// Seconds to prepare the data set; nil without one.
    public let prepareSeconds: Double?
    /// Its subjects.
    public let subjects: Int
    /// Threads of a rank.
    public let threads: Int

    /// The outcome as JSON, in one line.
    public var json: String {
      JSONValue.object([
        ("resampleMilliseconds", .number(resampleMilliseconds)),
        ("prepareSeconds", .number(prepareSeconds)), ("subjects", .integer(subjects)),
        ("threads", .integer(threads)),
      ]).compact
    }
  }

  /// Takes the times; collective over `world`.
  ///
  /// - Parameter world: all ranks, to which the data set's subjects are dealt.
  /// - Returns: the times, those of the slowest rank.
  /// - Throws: an error in one sentence.
  public func run(world: any Communicator) throws -> Outcome {
    var stream = RandomStream(seed: 1, "benchmark.preparation")
    let count = Self.source.reduce(1, *)
    let image = Volume(
      voxels: (0..<count).map { _ in stream.uniform() },
      geometry: Geometry(shape: Self.source, spacing: [0.234, 0.234, 1.5]))
    let clock = ContinuousClock()
    let times = (0...max(1, repetitions)).map { _ in
      clock.measure {
        _ = image.resampled(to: Self.target, by: [.cubic, .cubic, .nearest], threads: threads)
      } / .milliseconds(1)
    }.dropFirst().sorted()
    var seconds: Double?
    var subjects = 0
    if let dataset {
      let (opened, experiment) = try world.agree {
        let opened = try Dataset.open(dataset)
        return (
          opened,
          try Experiment(
            ExperimentConfiguration(), channels: opened.channels.count, labels: opened.labels)
        )
      }
      subjects = opened.subjects.count
      let own = stride(from: world.rank, to: subjects, by: world.size).map { opened.subjects[$0] }
      let start = clock.now
      try world.agree {
        for first in stride(from: 0, to: own.count, by: 64) {
          // What is prepared is let go, as where it is written to files.
          _ = try inBatches(Array(own[first..<min(own.count, first + 64)]), threads: threads) {
            subject, _ in try PreparedSubject(subject, experiment).shape
          }
        }
      }
      seconds = start.duration(to: .now) / .seconds(1)
    }
    return Outcome(
      resampleMilliseconds: try world.allReduce(times[times.count / 2], by: .maximum),
      prepareSeconds: try seconds.map { try world.allReduce($0, by: .maximum) },
      subjects: subjects, threads: threads)
  }
}
