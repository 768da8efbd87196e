import ArgumentParser
import Collective
import DistTrainer
import Evaluation

/// `segmpi bench allreduce`.
struct BenchAllReduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allreduce",
    abstract: "Time the ordered all-reduce beside MPI_Allreduce, by length; under mpirun.")

  @Option(help: "Lengths in bytes, with K or M, separated by commas.")
  var sizes: ByteCounts = ByteCounts([
    1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24,
  ])

  @Option(help: "Counted pairs a length.")
  var repetitions = 15

  @Option(help: "All-reduces that follow each other within one timing.")
  var backToBack = 4

  @Flag(help: "Time MPI_Allreduce without ours in between.")
  var libraryOnly = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard repetitions > 0, backToBack > 0 else {
      throw ValidationError("--repetitions and --back-to-back must be positive.")
    }
  }

  func run() throws {
    try Job.run { world in
      try Ranks.require(2, in: world, for: "bench allreduce")
      let outcome = try AllReduceBenchmark(
        over: world, bytes: sizes.values, repetitions: repetitions, backToBack: backToBack,
        isLibraryAlone: libraryOnly)
      guard world.rank == 0 else { return }
      print(json ? outcome.json.compact : outcome.text)
    }
  }
}

/// `segmpi bench overlap`.
struct BenchOverlapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap",
    abstract: "Time how much of the exchange of gradients a computation hides; under mpirun.")

  @Option(help: "Bytes of a gradient, with K or M.")
  var size: ByteCounts = ByteCounts([1 << 24])

  @Option(help: "How many times as long as the exchange the computation takes.")
  var computeRatio = 2.0

  @Option(help: "Parts in which the gradient becomes known.")
  var slices = 64

  @Option(help: "Counted rounds.")
  var repetitions = 11

  @Option(help: "Bytes of a bucket of messages, with K or M; measured where it is left out.")
  var bucket: ByteCounts?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard repetitions > 0, (1...100_000).contains(slices), (0.01...1000).contains(computeRatio)
    else {
      throw ValidationError(
        "--repetitions and --slices must be positive, --compute-ratio from 0.01 to 1000.")
    }
    guard size.values.count == 1, (bucket?.values.count ?? 1) == 1 else {
      throw ValidationError("--size and --bucket are one length each.")
    }
  }

  func run() throws {
    try Job.run { world in
      try Ranks.require(2, in: world, for: "bench overlap")
      var settings = OverlapBenchmark.Settings()
      settings.bytes = size.values[0]
      settings.computeRatio = computeRatio
      settings.slices = slices
      settings.repetitions = repetitions
      settings.route = bucket.map { .messages(bucketLength: $0.values[0] / 4) }
      let outcome = try OverlapBenchmark(over: world, settings)
      guard world.rank == 0 else { return }
      print(json ? outcome.json.compact : outcome.text)
    }
  }
}

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

/// Lengths such as `4K,16M`.
struct ByteCounts: ExpressibleByArgument {
  let values: [Int]

  init(_ values: [Int]) { self.values = values }

  init?(argument: String) {
    var values: [Int] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let unit = ["K": 1 << 10, "M": 1 << 20][part.last.map { $0.uppercased() } ?? ""]
      guard let number = Int(unit == nil ? part : part.dropLast()) else { return nil }
      let (count, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
      // Whole floats, and no more than a gradient of a thousand million of them.
      guard !overflow, count >= 4, count % 4 == 0, count <= 1 << 32 else { return nil }
      values.append(count)
    }
    self.values = values
  }

  var defaultValueDescription: String {
    values.map { value in
      value % (1 << 20) == 0
        ? "\(value >> 20)M" : value % (1 << 10) == 0 ? "\(value >> 10)K" : "\(value)"
    }.joined(separator: ",")
  }
}

/// What a command needs of its ranks.
enum Ranks {
  /// Refuses, on all ranks alike, to run on fewer.
  static func require(_ count: Int, in world: any Communicator, for command: String) throws {
    guard world.size < count else { return }
    throw TooFewRanks(
      description: "\(command) needs at least \(count) ranks: mpirun -n \(count) segmpi \(command)")
  }

  private struct TooFewRanks: Error, CustomStringConvertible {
    let description: String
  }
}
