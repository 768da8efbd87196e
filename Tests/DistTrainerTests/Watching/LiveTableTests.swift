import DistTrainer
import Testing

/// As much of a terminal as the table needs: characters, line feeds, and three control sequences.
private struct SmallTerminal {
  private(set) var rows: [[Character]] = [[]]
  private(set) var row = 0
  private var column = 0
  /// How often a whole line or screen was cleared before something was drawn over it.
  private(set) var clearings = 0

  mutating func take(_ text: String) {
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\n":
        row += 1
        column = 0
        if row == rows.count { rows.append([]) }
      case "\r": column = 0
      case "\u{1B}":
        #expect(rest.popFirst() == "[")
        var number = ""
        while let digit = rest.first, digit.properties.numericType == .decimal {
          number.unicodeScalars.append(digit)
          rest.removeFirst()
        }
        switch rest.popFirst() {
        case "A": row = max(0, row - (Int(number) ?? 1))
        case "K":
          if column == 0, !rows[row].isEmpty { clearings += 1 }
          rows[row] = Array(rows[row].prefix(column))
        case "J":
          rows[row] = Array(rows[row].prefix(column))
          rows.removeLast(rows.count - row - 1)
        default: Issue.record("an unknown control sequence")
        }
      default:
        while rows[row].count <= column { rows[row].append(" ") }
        rows[row][column] = Character(scalar)
        column += 1
      }
    }
  }

  var lines: [String] { rows.map { String($0) } }
}

@Suite("The live table")
struct LiveTableTests {
  static let titles = [
    "fold", "state", "epoch", "step", "epoch loss", "Dice", "samples/s", "exposed", "time left",
  ]

  static func folds(_ count: Int) -> [FoldProgress] {
    (0..<count).map { fold in
      var progress = FoldProgress(fold: fold, state: fold == 1 ? .ended : .training)
      progress.epoch = 3
      progress.step = 1234
      progress.totalSteps = 10_000
      progress.loss = 0.12345
      progress.dice = 0.87654
      progress.samplesPerSecond = 12.345
      progress.exposedFraction = 0.0321
      progress.secondsLeft = 3723
      return progress
    }
  }

  @Test("shows a line a fold, in the order of folds")
  func whole() {
    let lines = LiveTable(Self.folds(2).reversed()).lines(width: 120)
    #expect(
      lines == [
        "fold  state      epoch         step  epoch loss    Dice  samples/s  exposed  time left",
        "   0  training       3   1234/10000      0.1235  0.8765       12.3    3.2 %    1:02:03",
        "   1  ended          3   1234/10000      0.1235  0.8765       12.3    3.2 %    1:02:03",
      ])
  }

  @Test(
    "what is not known is a dash, and without an exchange there is no column for it",
    arguments: [(FoldProgress.State.notBegun, "not begun"), (.waiting, "waiting  ")])
  func unknown(state: FoldProgress.State, name: String) {
    let lines = LiveTable([FoldProgress(fold: 7, state: state)]).lines(width: 120)
    #expect(
      lines == [
        "fold  state      epoch         step  epoch loss    Dice  samples/s  time left",
        "   7  \(name)      -            -           -       -          -          -",
      ])
  }

  @Test("fits any width: columns go, the least important first, then lines are cut")
  func narrow() {
    let table = LiveTable(Self.folds(3))
    var columns = Int.max
    for width in stride(from: 120, through: 1, by: -1) {
      let lines = table.lines(width: width)
      #expect(lines.count == 4 && lines.allSatisfy { $0.count <= width && !$0.isEmpty })
      let now = Self.titles.count { lines[0].contains($0) }
      #expect(now <= columns)
      columns = now
    }
    #expect(
      table.lines(width: 75)[0].contains("exposed") && !table.lines(width: 75)[0].contains("state"))
    let narrow = table.lines(width: 30)[0]
    #expect(narrow.contains("step") && narrow.contains("time left") && !narrow.contains("Dice"))
    #expect(table.lines(width: 0).isEmpty && table.lines(width: 80, height: 1).isEmpty)
  }

  @Test("fits any height: folds that have ended go first", arguments: [2, 3, 4, 9])
  func low(height: Int) {
    let lines = LiveTable(Self.folds(5)).lines(width: 120, height: height)
    #expect(lines.count == min(6, height))
    #expect(lines.contains { $0.contains("ended") } == (height >= 6))
  }

  @Test(
    "times are read at a glance",
    arguments: [
      (0, "0:00"), (7.4, "0:07"), (725, "12:05"), (10_801, "3:00:01"), (187_200, "2d 04:00:00"),
      (.infinity, "-"), (-1, "-"), (.nan, "-"), (1e300, "-"),
    ])
  func durations(seconds: Double, expected: String) {
    #expect(LiveTable.duration(seconds) == expected)
  }

  @Test(
    "rates keep three digits", arguments: [(0.1234, "0.12"), (12.34, "12.3"), (1234.5, "1235")])
  func rates(value: Double, expected: String) {
    #expect(LiveTable.rate(value) == expected)
  }

  @Test("is drawn over itself, line by line, and messages scroll away above it")
  func redrawing() {
    var terminal = SmallTerminal()
    var block = TerminalBlock()
    terminal.take("before\n")
    terminal.take(block.replace(with: ["a1", "b1"]))
    #expect(terminal.lines == ["before", "a1", "b1", ""])
    terminal.take(block.replace(with: ["a", "b2 is longer"]))
    #expect(terminal.lines == ["before", "a", "b2 is longer", ""])
    terminal.take(block.write("said\ntwice", above: ["a3", "b3", "c3"]))
    #expect(terminal.lines == ["before", "said", "twice", "a3", "b3", "c3", ""])
    terminal.take(block.replace(with: ["a4"]))
    #expect(terminal.lines == ["before", "said", "twice", "a4", ""])
    #expect(terminal.clearings == 0, "a line is overwritten, not cleared first")
    terminal.take(block.replace(with: []))
    #expect(terminal.lines == ["before", "said", "twice", ""])
  }
}
