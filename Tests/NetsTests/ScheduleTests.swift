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
