import ArgumentParser
import Collective
import DistTrainer
import Evaluation

/// `segmpi bench scaling`.
struct BenchScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Simulate a step's time on up to 1024 ranks from measured messages.",
    discussion: """
      Under mpirun, messages are measured between the first and the last rank, which should lie on \
      two hosts. Alone, latency, bandwidth and gap are those of the options.
      """)

  @Option(help: "Parameters of the network.")
  var parameters = 5_600_000

  @Option(help: "Milliseconds that a rank computes in a step.")
  var compute = 400.0

  @Option(help: "The part of that in which gradients become known.")
  var overlappable = 0.6

  @Option(help: "Bytes of a bucket, with K or M.")
  var bucket: ByteCounts = ByteCounts([1 << 20])

  @Option(help: "Ranks that share a host and its wire.")
  var ranksPerHost = 1

  @Option(help: "The greatest number of ranks.")
  var upTo = 1024

  @Option(help: "Microseconds of a message between hosts, instead of what is measured.")
  var latency: Double?

  @Option(help: "Megabytes a second of a host's wire, instead of what is measured.")
  var bandwidth: Double?

  @Option(help: "Microseconds between two messages of a rank, instead of what is measured.")
  var gap: Double?

  @Option(help: "Microseconds of a message within a host.")
  var localLatency = 1.0

  @Option(help: "Megabytes a second between ranks of a host.")
  var localBandwidth = 5000.0

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    let positive = [compute, localBandwidth, bandwidth ?? 1, latency ?? 1, gap ?? 1, localLatency]
    guard positive.allSatisfy({ $0 > 0 && $0.isFinite }), (0...1).contains(overlappable) else {
      throw ValidationError("Times and rates must be positive, --overlappable from 0 to 1.")
    }
    guard (1...1 << 40).contains(parameters), (1...1 << 20).contains(ranksPerHost),
      (1...1 << 20).contains(upTo), bucket.values.count == 1
    else {
      throw ValidationError(
        "--parameters, --ranks-per-host, --up-to and --bucket must be positive numbers.")
    }
  }

  func run() throws {
    try Job.run { world in
      let measured = world.size > 1 ? try MessageBenchmark(over: world) : nil
      guard world.rank == 0 else { return }
      let wire = AlphaBetaModel(
        latency: latency.map { $0 * 1e-6 } ?? measured?.model.latency ?? 50e-6,
        secondsPerByte: bandwidth.map { 1e-6 / $0 } ?? measured?.model.secondsPerByte ?? 8e-9,
        residual: latency == nil && bandwidth == nil ? measured?.model.residual : nil)
      let model = ScalingModel(
        gradientBytes: 4 * Double(parameters), bucketBytes: Double(bucket.values[0]),
        compute: compute * 1e-3, overlappable: overlappable * compute * 1e-3,
        ranksPerHost: ranksPerHost, wire: wire,
        local: AlphaBetaModel(
          latency: localLatency * 1e-6, secondsPerByte: 1e-6 / localBandwidth),
        messageGap: gap.map { $0 * 1e-6 } ?? measured?.gap ?? 5e-6)
      if json {
        print(model.json(upTo: upTo).compact)
        return
      }
      if measured == nil, latency == nil || bandwidth == nil || gap == nil {
        StandardError.say(
          "nothing was measured: the way between hosts is what the options say, or 1 Gbit Ethernet; "
            + "start it by mpirun on two hosts to measure theirs")
      }
      print(model.text(upTo: upTo))
    }
  }
}
