internal import Foundation

/// Where an axis bears marks, and what stands beside them.
struct AxisTicks: Equatable {
  /// The marks, ascending.
  let values: [Double]
  /// What stands beside each.
  let labels: [String]

  /// Marks for an axis.
  ///
  /// On a linear axis they are the multiples, within the domain, of 1, 2 or 5 times a power of ten:
  /// of that step which gives most nearly `count` of them. On a logarithmic axis they are powers of
  /// ten; where fewer than three fit, also their double and fivefold; where that is still too few,
  /// as on a linear one.
  init(_ kind: Axis.Kind, domain: ClosedRange<Double>, count: Int = 5) {
    let values =
      kind == .logarithmic ? Self.logarithmic(domain, count: count) : Self.linear(domain, count)
    self.values = values
    labels = kind == .logarithmic ? values.map(Self.plain) : Self.labels(values)
  }

  /// The step of linear marks over a length.
  static func step(over length: Double, count: Int) -> Double {
    let raw = length / Double(max(1, count))
    let power = pow(10, log10(raw).rounded(.down))
    let mantissa = raw / power
    // The geometric means of neighboring steps part them.
    let nice =
      mantissa < 2.0.squareRoot()
      ? 1.0 : mantissa < 10.0.squareRoot() ? 2 : mantissa < 50.0.squareRoot() ? 5 : 10
    return nice * power
  }

  private static func linear(_ domain: ClosedRange<Double>, _ count: Int) -> [Double] {
    let length = domain.upperBound - domain.lowerBound
    guard length > 0, length.isFinite else { return [domain.lowerBound] }
    let step = step(over: length, count: count)
    // A little slack, for a mark at the very end must not be lost to rounding.
    let first = (domain.lowerBound / step - 1e-9).rounded(.up)
    let last = (domain.upperBound / step + 1e-9).rounded(.down)
    guard first <= last, last - first < 100 else { return [domain.lowerBound] }
    // Quotients by whole numbers where steps are below one: 3 / 10 is 0.3, 3 * 0.1 is not.
    let inverse = (1 / step).rounded()
    return stride(from: first, through: last, by: 1).map {
      step < 1 && inverse * step > 0.999_999 ? $0 / inverse : $0 * step
    }
  }

  private static func logarithmic(_ domain: ClosedRange<Double>, count: Int) -> [Double] {
    let first = Int(log10(domain.lowerBound).rounded(.down))
    let last = Int(log10(domain.upperBound).rounded(.up))
    let within = { (value: Double) in
      value >= domain.lowerBound * (1 - 1e-9) && value <= domain.upperBound * (1 + 1e-9)
    }
    func marks(_ multiples: [Double], every stride: Int = 1) -> [Double] {
      Swift.stride(from: first, through: last, by: stride).flatMap { exponent in
        multiples.map {
          exponent < 0 ? $0 / pow(10, Double(-exponent)) : $0 * pow(10, Double(exponent))
        }
      }.filter(within)
    }
    let decades = marks([1], every: max(1, (last - first) / max(1, count)))
    if decades.count >= 3 { return decades }
    let fine = marks([1, 2, 5])
    return fine.count >= 3 ? fine : linear(domain, count)
  }

  /// Labels with as many decimals as tell neighboring marks apart.
  private static func labels(_ values: [Double]) -> [String] {
    guard values.count > 1, let first = values.first, let last = values.last else {
      return values.map(plain)
    }
    let step = (last - first) / Double(values.count - 1)
    let largest = max(abs(first), abs(last))
    guard largest < 1e6, step >= 1e-4 else { return values.map(plain) }
    let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    return values.map { minus(DecimalText.fixed($0, decimals: decimals)) }
  }

  /// A number by itself.
  private static func plain(_ value: Double) -> String {
    let magnitude = abs(value)
    if value == 0 || (magnitude >= 1e-3 && magnitude < 1e6) {
      return minus(DecimalText.short(value, decimals: 6))
    }
    let exponent = Int((log10(magnitude) + 1e-9).rounded(.down))
    let mantissa = DecimalText.short(value / pow(10, Double(exponent)), decimals: 3)
    return minus("\(mantissa)e\(exponent)")
  }

  private static func minus(_ text: String) -> String { text.replacing("-", with: "\u{2212}") }
}
