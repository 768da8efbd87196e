internal import CounterRandom

/// Which subject each draw of a training run takes: one permutation of all after another.
///
/// A subject is drawn from several times in a row, if so configured. Visit n (of `drawsEach` draws)
/// belongs to pass n / count; every pass visits every subject once, in an order of its own. A function
/// of seed, fold and the draw: the same on any rank, and after a restart at any step.
struct SubjectOrder: Sendable {
  private let count: Int
  private let drawsEach: Int
  private let seed: UInt64
  private let fold: Int
  private var pass = -1
  private var order: [Int] = []

  init(count: Int, drawsEach: Int = 1, seed: UInt64, fold: Int) {
    precondition(count > 0, "there is no subject to draw")
    precondition(drawsEach > 0, "a visit has draws")
    self.count = count
    self.drawsEach = drawsEach
    self.seed = seed
    self.fold = fold
  }

  /// The subject of one draw.
  mutating func subject(ofDraw draw: Int) -> Int {
    let (pass, position) = (draw / drawsEach).quotientAndRemainder(dividingBy: count)
    if pass != self.pass {
      var stream = RandomStream(seed: seed, "subject order", fold, pass)
      order = Array(0..<count)
      for index in stride(from: count - 1, to: 0, by: -1) {
        order.swapAt(index, stream.integer(below: index + 1))
      }
      self.pass = pass
    }
    return order[position]
  }
}
