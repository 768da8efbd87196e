internal import Collective

/// What rank 0 tells another rank to do.
enum Order: Equatable {
  /// Train a fold from its checkpoint or from the start.
  case train(FoldScheduler.Assignment)
  /// Join the ranks that train a fold, whose first rank has its state.
  case join(FoldScheduler.Assignment)
  /// These ranks join your fold at the end of the epoch; the answer to a fold that asked.
  case grant([Int])
  /// Somebody wishes to stop.
  case stop
  /// There is nothing more to do.
  case dismiss

  /// The numbers that travel: kind, fold, how many ranks, the ranks.
  fileprivate func numbers(width: Int) -> [Int64] {
    let (kind, fold, ranks): (Int64, Int, [Int]) =
      switch self {
      case .train(let assignment): (0, assignment.fold, assignment.ranks)
      case .join(let assignment): (1, assignment.fold, assignment.ranks)
      case .grant(let ranks): (2, 0, ranks)
      case .stop: (3, 0, [])
      case .dismiss: (4, 0, [])
      }
    let numbers = [kind, Int64(fold), Int64(ranks.count)] + ranks.map { Int64($0) }
    return numbers + [Int64](repeating: 0, count: width - numbers.count)
  }

  fileprivate init(_ numbers: [Int64]) {
    let ranks = numbers[3..<3 + Int(numbers[2])].map { Int($0) }
    let assignment = FoldScheduler.Assignment(fold: Int(numbers[1]), ranks: ranks)
    switch numbers[0] {
    case 0: self = .train(assignment)
    case 1: self = .join(assignment)
    case 2: self = .grant(ranks)
    case 3: self = .stop
    default: self = .dismiss
    }
  }
}

/// Orders on their way from rank 0 through a communicator of their own.
final class OrderChannel {
  private let communicator: any Communicator

  init(_ communicator: any Communicator) { self.communicator = communicator }

  /// Kind, fold and count, and room for all ranks.
  private var width: Int { 3 + communicator.size }

  /// Sends an order.
  func send(_ order: Order, to rank: Int) throws {
    try communicator.send(order.numbers(width: width).span, to: rank)
  }

  /// The orders to this rank.
  final class Inbox {
    private let channel: OrderChannel
    private var next: Request<Int64>?

    init(_ channel: OrderChannel) throws {
      self.channel = channel
      try listen()
    }

    /// The next order, if one has arrived; after the dismissal there is none.
    func take() throws -> Order? {
      guard let request = next.take() else { return nil }
      guard try request.test() else {
        next = consume request
        return nil
      }
      let order = Order(try request.wait().array)
      if order != .dismiss { try listen() }
      return order
    }

    private func listen() throws {
      next = try channel.communicator.startReceive(
        into: WireBuffer(count: channel.width), from: 0)
    }
  }
}
