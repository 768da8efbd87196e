/// A number for each spatial axis: `3` for all of them, or `[3, 3, 1]` in the order D, H, W.
public struct PerAxis: Codable, Sendable, Hashable, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, CustomStringConvertible
{
  private let numbers: [Int]
  private let isCommon: Bool

  /// The same number on every axis.
  public init(_ common: Int) {
    numbers = [common]
    isCommon = true
  }

  /// One number an axis.
  public init(_ numbers: [Int]) {
    self.numbers = numbers
    isCommon = false
  }

  /// The same number on every axis.
  public init(integerLiteral value: Int) { self.init(value) }

  /// One number an axis.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// Reads a number or a list of numbers.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let common = try? container.decode(Int.self) {
      self.init(common)
    } else if let numbers = try? container.decode([Int].self) {
      self.init(numbers)
    } else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "must be a whole number, or a list of one for each axis")
    }
  }

  /// Writes a number or a list, as it was read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if isCommon { try container.encode(numbers[0]) } else { try container.encode(numbers) }
  }

  /// One number for each of `dimensions` axes.
  public func values(_ dimensions: Int) -> [Int] {
    isCommon ? Array(repeating: numbers[0], count: dimensions) : numbers
  }

  /// `3` or `[3, 3, 1]`.
  public var description: String { isCommon ? "\(numbers[0])" : "\(numbers)" }

  /// Notes a fault of `key` unless there is a number in `range` for each of `dimensions` axes.
  func check(
    _ key: String, dimensions: Int, in range: ClosedRange<Int>, _ list: inout ProblemList
  ) {
    list.require(
      isCommon || numbers.count == dimensions, key,
      "has \(numbers.count) numbers; give one, or one for each of the \(dimensions) axes")
    list.require(
      numbers.allSatisfy(range.contains), key,
      "is \(self); each number must lie in \(range.lowerBound) … \(range.upperBound)")
  }
}
