internal import Foundation

/// An axis of a figure: what it shows, in what unit, how it is divided.
public struct Axis: Sendable, Equatable {
  /// How values become lengths.
  public enum Kind: Sendable {
    /// Equal differences are equal lengths.
    case linear
    /// Equal quotients are equal lengths; values at or below zero have no place.
    case logarithmic
  }

  /// What the axis shows.
  public var title: String
  /// The unit, which stands in parentheses after the title; `nil` for numbers without one.
  public var unit: String?
  /// How values become lengths.
  public var kind: Kind
  /// The values at its ends; `nil` takes them from the data, with room at either end.
  public var range: ClosedRange<Double>?

  /// An axis; where only the title is given, linear and as long as the data.
  public init(
    _ title: String, unit: String? = nil, kind: Kind = .linear, range: ClosedRange<Double>? = nil
  ) {
    self.title = title
    self.unit = unit
    self.kind = kind
    self.range = range
  }

  /// Title and unit.
  var caption: String { unit.map { "\(title) (\($0))" } ?? title }

  /// Whether a value has a place on an axis of this kind.
  func admits(_ value: Double) -> Bool {
    value.isFinite && (kind == .linear || value > 0)
  }

  /// The values at the ends of the axis for these data.
  ///
  /// - Parameters:
  ///   - data: all values to show; those without a place on the axis are passed over.
  ///   - margin: the room at either end, as a share of the data's length.
  /// - Returns: ends in ascending order, whatever the data.
  func domain(_ data: [Double], margin: Double = 0.04) -> ClosedRange<Double> {
    if let range, admits(range.lowerBound), admits(range.upperBound),
      range.lowerBound < range.upperBound
    {
      return range
    }
    let values = data.filter(admits)
    guard let least = values.min(), let greatest = values.max() else {
      return kind == .linear ? 0...1 : 1...10
    }
    switch kind {
    case .linear:
      let length = greatest - least
      // One value alone stands in the middle.
      let room = length > 0 ? length * margin : max(abs(least) * 0.1, 1e-6)
      let (low, high) = (least - room, greatest + room)
      return low.isFinite && high.isFinite && low < high ? low...high : 0...1
    case .logarithmic:
      let factor = greatest > least ? pow(greatest / least, margin) : 2
      let (low, high) = (least / factor, greatest * factor)
      return low > 0 && high.isFinite && low < high ? low...high : 1...10
    }
  }
}

/// The map of an axis' values to coordinates of the figure.
struct AxisScale: Equatable {
  let kind: Axis.Kind
  /// The values at the ends.
  let domain: ClosedRange<Double>
  /// The coordinates of the ends; the second may be the lesser, as on an upright axis.
  let ends: (Double, Double)

  /// The coordinate of a value, `nil` for a value without a place.
  func position(of value: Double) -> Double? {
    guard value.isFinite, kind == .linear || value > 0 else { return nil }
    let share =
      switch kind {
      case .linear:
        (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
      case .logarithmic:
        log(value / domain.lowerBound) / log(domain.upperBound / domain.lowerBound)
      }
    let position = ends.0 + share * (ends.1 - ends.0)
    return position.isFinite ? position : nil
  }

  static func == (left: AxisScale, right: AxisScale) -> Bool {
    left.kind == right.kind && left.domain == right.domain && left.ends == right.ends
  }
}
