import Compute
import Foundation
import Nets
import Testing

@Suite("Schedules")
struct ScheduleTests {
  private func factors(
    _ schedule: any ScheduleConfiguration, _ steps: [Int], total: Int = 100, epoch: Int = 10
  ) -> [Double] {
    steps.map { schedule.factor(step: $0, totalSteps: total, stepsPerEpoch: epoch) }
  }

  private func expectClose(_ a: [Double], _ b: [Double]) {
    #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-12 }, "\(a) \(b)")
  }

  @Test("constant stays")
  func constant() { expectClose(factors(ConstantSchedule(), [0, 50, 99]), [1, 1, 1]) }

  @Test("polynomial is (1 - t/T)^p")
  func polynomial() {
    // [(1 - t / 100) ** 0.9 for t in (0, 25, 50, 99, 100)] in Python 3.11
    expectClose(
      factors(PolynomialSchedule(power: 0.9), [0, 25, 50, 99, 100]),
      [1, 0.7718895067235705, 0.5358867312681466, 0.015848931924611145, 0])
  }

  @Test("cosine is PyTorch's CosineAnnealingLR")
  func cosine() {
    // [0.1 + 0.9 * (1 + math.cos(math.pi * t / 100)) / 2 for t in (0, 10, 50, 100)]
    expectClose(
      factors(CosineSchedule(minimum: 0.1), [0, 10, 50, 100, 150]),
      [1, 0.9779754323328191, 0.55, 0.1, 0.1])
  }

  @Test("step changes at the end of every n-th epoch or step, down to its minimum")
  func step() {
    var schedule = StepSchedule()
    (schedule.every, schedule.factor, schedule.minimum) = (2, 0.5, 0.2)
    expectClose(factors(schedule, [0, 19, 20, 39, 40, 60, 99]), [1, 1, 0.5, 0.5, 0.25, 0.2, 0.2])
    (schedule.every, schedule.unit) = (30, .steps)
    expectClose(factors(schedule, [0, 29, 30, 60]), [1, 1, 0.5, 0.25])
  }

  @Test("halving every 3000 steps of 14000 leaves a sixteenth, as Zeng et al. 2017 have it")
  func halving() {
    var schedule = StepSchedule()
    (schedule.every, schedule.unit, schedule.factor) = (3000, .steps, 0.5)
    expectClose(
      factors(schedule, [0, 2999, 3000, 6000, 9000, 12000, 13999], total: 14000, epoch: 400),
      [1, 1, 0.5, 0.25, 0.125, 0.0625, 0.0625])
  }

  @Test("an exponential drop counts an epoch ahead, in fractions too, down to its least rate")
  func exponential() throws {
    var schedule = ExponentialSchedule()
    (schedule.factor, schedule.every) = (0.8, 1)
    // [0.8 ** math.floor(1 + s / 10) for s in (0, 9, 10, 19, 20, 199)]
    expectClose(
      factors(schedule, [0, 9, 10, 19, 20, 199], total: 200),
      [0.8, 0.8, 0.64, 0.64, 0.512, 0.011529215046068481])
    (schedule.factor, schedule.every, schedule.offset) = (0.9, 2.5, 0.5)
    // [0.9 ** math.floor((0.5 + s / 10) / 2.5) for s in (0, 19, 20, 44, 45)]
    expectClose(factors(schedule, [0, 19, 20, 44, 45]), [1, 1, 0.9, 0.9, 0.81])
    schedule.minimumRate = 1e-3
    func rate(_ step: Int, base: Double) -> Double {
      schedule.rate(base: base, step: step, totalSteps: 100_000, stepsPerEpoch: 10)
    }
    #expect(rate(0, base: 0.02) == 0.02)
    #expect(rate(99_999, base: 0.02) == 1e-3)
    // A floor above the rate does not raise it.
    #expect(rate(99_999, base: 1e-4) == 1e-4)
    schedule.every = 0
    schedule.offset = -1
    #expect(schedule.problems().map(\.key) == ["every", "offset"])
  }

  @Test(
    "a plateau drops the rate when PyTorch's ReduceLROnPlateau does", arguments: ["min", "max"])
  func plateau(mode: String) throws {
    let fixture = try Fixture.load("protocol_plateau")
    var schedule = PlateauSchedule()
    schedule.watches = mode == "min" ? .validationLoss : .validationDice
    (schedule.factor, schedule.patience, schedule.minimumDelta) = (0.3, 3, 0.01)
    schedule.minimumRate = 0.005
    var state = ScheduleState()
    var rates: [Float] = []
    for value in try fixture.floats("\(mode)/values") {
      schedule.watch(Double(value), &state)
      // What a checkpoint holds is all that it goes on from.
      state = try JSONDecoder().decode(
        ScheduleState.self, from: JSONEncoder().encode(state))
      rates.append(
        Float(
          schedule.rate(base: 0.5, step: 5, totalSteps: 60, stepsPerEpoch: 1, state: state)))
    }
    let expected = try fixture.floats("\(mode)/rates")
    #expect(zip(rates, expected).allSatisfy { abs($0 / $1 - 1) < 1e-6 }, "\(rates)")
    #expect(Set(expected).count > 3)
  }

  @Test("a quantity knows its direction, and nothing is better than a number that is none")
  func quantities() {
    #expect(TrainingQuantity.validationDice.isBetter(0.52, than: 0.5, by: 0.01))
    #expect(!TrainingQuantity.voxelAccuracy.isBetter(0.505, than: 0.5, by: 0.01))
    #expect(TrainingQuantity.validationLoss.isBetter(0.4, than: 0.5, by: 0.01))
    #expect(!TrainingQuantity.trainingLoss.isBetter(0.6, than: 0.5, by: 0))
    for quantity in TrainingQuantity.allCases {
      #expect(quantity.isBetter(-3, than: nil, by: 1))
      #expect(!quantity.isBetter(.nan, than: nil, by: 0))
      #expect(!quantity.isBetter(.nan, than: 1, by: 0))
      #expect(!quantity.isBetter(1, than: 1, by: 0))
    }
  }

  @Test("a warm-up rises linearly and the schedule takes the steps that remain")
  func warmUp() {
    let warm = WarmUp(steps: 5, epochs: 1.5, start: 0.2)
    let schedule = PolynomialSchedule(power: 1, warmUp: warm)
    // 5 steps and 1.5 epochs of 10: 20 steps, then 80.
    expectClose(factors(schedule, [0, 9, 19, 20, 60, 100]), [0.24, 0.6, 1, 1, 0.5, 0])
  }

  @Test("a run of no steps after its warm-up divides by nothing")
  func degenerate() {
    let schedule = CosineSchedule(warmUp: WarmUp(steps: 200))
    expectClose(factors(schedule, [99, 200], total: 100, epoch: 0), [0.5, 1])
  }
}
