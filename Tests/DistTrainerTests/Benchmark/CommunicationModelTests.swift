import Collective
import Foundation
import Testing

@testable import DistTrainer

@Suite("Models of communication")
struct CommunicationModelTests {
  struct Fit: Sendable {
    var points: [(bytes: Int, seconds: Double)]
    var latency: Double, secondsPerByte: Double, residual: Double
  }

  // NumPy 2.4.6, for each list of (n, t):
  //   A = np.stack([1 / t, n / t], 1)
  //   x, *_ = np.linalg.lstsq(A, np.ones(len(t)), rcond=None); r = A @ x - 1
  //   print(x[0], x[1], np.sqrt(np.mean(r * r)))
  static let fits = [
    Fit(
      points: [(4096, 55e-6), (65_536, 80e-6), (1_048_576, 1.2e-3), (16_777_216, 18.5e-3)],
      latency: 4.036026872687405e-05, secondsPerByte: 9.613040143801894e-10,
      residual: 0.19683932238151902),
    Fit(
      points: [
        (8, 1.1e-6), (1024, 1.3e-6), (8192, 2.9e-6), (65_536, 1.6e-5), (262_144, 7.1e-5),
        (1_048_576, 2.5e-4),
      ],
      latency: 1.0678677066472892e-06, secondsPerByte: 2.395893214417112e-10,
      residual: 0.05058722739287062),
    Fit(
      points: [(1000, 1e-3), (2000, 2e-3)], latency: 0, secondsPerByte: 1e-6, residual: 0),
  ]

  @Test("the fit is NumPy's least squares of relative errors", arguments: fits.indices)
  func fit(index: Int) throws {
    let expected = Self.fits[index]
    let model = try #require(AlphaBetaModel(fitting: expected.points))
    #expect(abs(model.latency - expected.latency) < 1e-8 * max(expected.latency, 1e-4))
    #expect(abs(model.secondsPerByte / expected.secondsPerByte - 1) < 1e-8)
    #expect(abs(try #require(model.residual) - expected.residual) < 1e-8)
  }

  @Test("points on a line give it back, and the order of points is no matter")
  func exact() throws {
    let points = [8, 4096, 1 << 20, 1 << 24].map { (bytes: $0, seconds: 3e-5 + 2e-9 * Double($0)) }
    for points in [points, points.reversed()] {
      let model = try #require(AlphaBetaModel(fitting: points))
      #expect(abs(model.latency / 3e-5 - 1) < 1e-9 && abs(model.bandwidth / 5e8 - 1) < 1e-9)
      #expect(try #require(model.residual) < 1e-9)
      #expect(abs(model.seconds(bytes: 1000) - 3.2e-5) < 1e-12)
    }
  }

  @Test("no parameter is below zero, and one length is too few")
  func edges() throws {
    let falling = try #require(AlphaBetaModel(fitting: [(10, 2), (20, 1)]))
    #expect(falling.secondsPerByte == 0 && falling.latency > 1 && falling.bandwidth == .infinity)
    let steep = try #require(AlphaBetaModel(fitting: [(10, 1), (20, 4)]))
    #expect(steep.latency == 0 && steep.secondsPerByte > 0.1)
    #expect(AlphaBetaModel(fitting: [(10, 1), (10, 2)]) == nil)
    #expect(AlphaBetaModel(fitting: [(10, 1), (20, 0)]) == nil)
  }

  static func model(
    bucketBytes: Double = 1e6, overlappable: Double = 0.3, ranksPerHost: Int = 1
  ) -> ScalingModel {
    ScalingModel(
      gradientBytes: 2e7, bucketBytes: bucketBytes, compute: 0.5, overlappable: overlappable,
      ranksPerHost: ranksPerHost, wire: AlphaBetaModel(latency: 5e-5, secondsPerByte: 8e-9),
      local: AlphaBetaModel(latency: 1e-6, secondsPerByte: 2e-10), messageGap: 2e-6)
  }

  @Test("one bucket takes what its messages and bytes say: worked by hand")
  func bucket() {
    // Two ranks: 2 latencies, 2 gaps, one whole bucket outward (2 · 1 · 1 · 1e6 / 2 bytes).
    #expect(abs(Self.model().bucketSeconds(1e6, ranks: 2) - (1e-4 + 4e-6 + 8e-3)) < 1e-15)
    // Four ranks on two hosts share wires: 2 · 2 · 2 · 1e6 / 4 bytes outward, 6 gaps.
    let shared = Self.model(ranksPerHost: 2)
    #expect(abs(shared.bucketSeconds(1e6, ranks: 4) - (1e-4 + 12e-6 + 16e-3)) < 1e-15)
    // Within a host only memory counts: 2 · 1 · 1e6 / 2 bytes.
    #expect(abs(shared.bucketSeconds(1e6, ranks: 2) - (2e-6 + 4e-6 + 2e-4)) < 1e-15)
    #expect(shared.bucketSeconds(1e6, ranks: 1) == 0)
  }

  @Test(
    "what is exposed is the closed form: one bucket where the wire keeps pace, else what it lags",
    arguments: [1, 2, 3, 8, 64, 1024], [0.0, 0.1, 0.3, 0.5])
  func exposed(ranks: Int, overlappable: Double) {
    let model = Self.model(overlappable: overlappable)
    let (count, one) = (20.0, model.bucketSeconds(1e6, ranks: ranks))
    let interval = overlappable / count
    let closed = one <= interval ? one : count * one - (count - 1) * interval
    let row = model.row(ranks: ranks)
    #expect(abs(row.exposed - (ranks == 1 ? 0 : closed)) < 1e-12)
    #expect(abs(row.step - (0.5 + row.exposed)) < 1e-15)
    #expect(abs(row.efficiency - 0.5 / row.step) < 1e-15)
    #expect(abs(row.communication - count * one) < 1e-12)
    #expect(row.hosts == ranks)
  }

  @Test("rows go by powers of two to the limit, and efficiency never rises")
  func rows() {
    let rows = Self.model(ranksPerHost: 4).rows(upTo: 1000)
    #expect(rows.map(\.ranks) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000])
    #expect(rows.map(\.hosts) == [1, 1, 1, 2, 4, 8, 16, 32, 64, 128, 250])
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.efficiency >= $1.efficiency })
    #expect(rows[0].efficiency == 1 && Self.model().rows(upTo: 1).count == 1)
  }

  @Test("the benchmarks measure what they say, on threads as ranks", arguments: [2, 3])
  func measured(ranks: Int) throws {
    _ = try InProcessCommunicator.run(ranks: ranks) { world in
      let allReduce = try AllReduceBenchmark(
        over: world, bytes: [4096, 1024, 65_536], repetitions: 3, backToBack: 2)
      #expect(allReduce.rows.map(\.bytes) == [1024, 4096, 65_536])
      for row in allReduce.rows {
        #expect(row.ordered > 0 && row.library > 0 && row.ratio > 0)
        let share = 2 * Double(ranks - 1) / Double(ranks)
        #expect(abs(row.busBandwidth * row.ordered / (share * Double(row.bytes)) - 1) < 1e-12)
        #expect(
          abs(row.libraryBusBandwidth * row.library / (share * Double(row.bytes)) - 1) < 1e-12)
      }
      #expect(allReduce.orderedModel != nil && allReduce.libraryModel != nil)
      var settings = OverlapBenchmark.Settings()
      settings.bytes = 1 << 16
      settings.slices = 8
      settings.repetitions = 3
      settings.route = .messages(bucketLength: 1 << 12)
      let overlap = try OverlapBenchmark(over: world, settings)
      #expect(overlap.compute > 0 && overlap.exchange > 0)
      #expect(overlap.together > 0 && overlap.overlap <= 1.5)
      #expect((0...1).contains(overlap.exposedFraction))
      let messages = try MessageBenchmark(over: world, repetitions: 3)
      #expect(messages.points.map(\.bytes) == MessageBenchmark.lengths && messages.gap > 0)
      #expect(messages.model.residual != nil)
    }
  }

  @Test(
    "figures keep three digits that count",
    arguments: [
      (0, "0"), (1.23456, "1.23"), (0.000123456, "0.000123"), (123.4, "123"), (98_765, "98765"),
      (-12.34, "-12.3"), (.infinity, "-"),
    ])
  func figures(value: Double, expected: String) {
    #expect(Figure3.text(value) == expected)
  }
}
