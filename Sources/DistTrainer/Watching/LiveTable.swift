/// A table with a line a fold, for a terminal of any size.
///
/// Where the terminal is too narrow, the least important columns go first, then lines are cut; where
/// it is too low, folds that have ended go first.
public struct LiveTable: Sendable {
  private enum Column: CaseIterable {
    case fold, state, epoch, step, loss, dice, rate, exposed, left

    var title: String {
      switch self {
      case .fold: "fold"
      case .state: "state"
      case .epoch: "epoch"
      case .step: "step"
      case .loss: "epoch loss"
      case .dice: "Dice"
      case .rate: "samples/s"
      case .exposed: "exposed"
      case .left: "time left"
      }
    }

    /// No narrower than this, so that lines stay where they are while numbers grow.
    var width: Int {
      switch self {
      case .fold, .exposed, .loss: title.count
      case .state, .rate: 9
      case .epoch: 5
      case .step: 11
      case .dice: 6
      case .left: 9
      }
    }
  }

  // What goes first where there is no room.
  private static let expendable: [Column] = [.state, .exposed, .rate, .epoch, .dice, .loss, .left]

  /// The folds in order.
  public var folds: [FoldProgress]

  /// A table of folds.
  public init(_ folds: [FoldProgress]) { self.folds = folds.sorted { $0.fold < $1.fold } }

  /// The table as text.
  ///
  /// - Parameters:
  ///   - width: the most characters a line may have.
  ///   - height: the most lines.
  /// - Returns: the lines, the heading first; none where there is no room.
  public func lines(width: Int, height: Int = .max) -> [String] {
    guard height > 1, width > 0 else { return [] }
    var shown = folds
    while shown.count > height - 1 {
      shown.remove(at: shown.firstIndex { $0.state == .ended } ?? shown.count - 1)
    }
    let hasExchange = shown.contains { ($0.exposedFraction ?? 0) > 0 }
    var columns = Column.allCases.filter { $0 != .exposed || hasExchange }
    let cells = shown.map { fold in
      Dictionary(uniqueKeysWithValues: columns.map { ($0, Self.cell($0, fold)) })
    }
    var widths: [Column: Int] = [:]
    for column in columns {
      widths[column] = max(
        column.width, column.title.count, cells.map { $0[column]?.count ?? 0 }.max() ?? 0)
    }
    func total() -> Int { columns.reduce(0) { $0 + (widths[$1] ?? 0) } + 2 * (columns.count - 1) }
    for column in Self.expendable where total() > width { columns.removeAll { $0 == column } }
    func line(_ cell: (Column) -> String) -> String {
      let text = columns.map { column in
        let cell = cell(column)
        let padding = String(repeating: " ", count: max(0, (widths[column] ?? 0) - cell.count))
        return column == .state ? cell + padding : padding + cell
      }.joined(separator: "  ")
      return String(text.prefix(width))
    }
    return [line(\.title)] + cells.map { cells in line { cells[$0] ?? "" } }
  }

  private static func cell(_ column: Column, _ fold: FoldProgress) -> String {
    switch column {
    case .fold: "\(fold.fold)"
    case .state: fold.state.rawValue
    case .epoch: fold.epoch.map { "\($0)" } ?? "-"
    case .step:
      fold.step.map { step in fold.totalSteps.map { "\(step)/\($0)" } ?? "\(step)" } ?? "-"
    case .loss: TextTable.score(fold.loss)
    case .dice: TextTable.score(fold.dice)
    case .rate: fold.samplesPerSecond.map(rate) ?? "-"
    case .exposed: fold.exposedFraction.map(percent) ?? "-"
    case .left: fold.secondsLeft.map(duration) ?? "-"
    }
  }

  /// A rate with three digits that count.
  public static func rate(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    let scale: Double = value < 10 ? 100 : value < 100 ? 10 : 1
    let rounded = (value * scale).rounded() / scale
    return scale == 1 ? "\(Int(rounded))" : "\(rounded)"
  }

  /// A part as percent with one decimal.
  public static func percent(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "-" }
    return "\((value * 1000).rounded() / 10) %"
  }

  /// A length of time: `0:07`, `12:05`, `3:00:01`, `2d 04:00:00`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
    let whole = Int(seconds.rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (minutes, hours, days) = (whole / 60 % 60, whole / 3600 % 24, whole / 86_400)
    if days > 0 { return "\(days)d \(two(hours)):\(two(minutes)):\(two(whole % 60))" }
    if hours > 0 { return "\(hours):\(two(minutes)):\(two(whole % 60))" }
    return "\(minutes):\(two(whole % 60))"
  }
}
