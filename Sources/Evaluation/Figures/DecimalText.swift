internal import Foundation

/// Numbers as the decimal texts of figures and tables, the same in every locale.
public enum DecimalText {
  /// Decimals that Double can be asked for without showing its own noise.
  private static let most = 15

  /// A number with so many decimals (0...15), rounded half away from zero; `-` for one that is not
  /// finite.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "-" }
    let decimals = min(max(decimals, 0), most)
    let scale = pow(10, Double(decimals))
    let scaled = (abs(value) * scale).rounded()
    // Beyond this a Double has no decimals left to show.
    guard scaled < 0x1p53 else { return "\(value)" }
    let whole = Int(scaled)
    let digits = "\(whole)"
    let sign = value < 0 && whole > 0 ? "-" : ""
    if decimals == 0 { return sign + digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// A number with at most so many decimals, zeros at the end left out: coordinates of figures.
  public static func short(_ value: Double, decimals: Int = 2) -> String {
    var text = fixed(value, decimals: decimals)
    guard text.contains("."), !text.contains("e") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// A number with so many significant digits, as 0.00123 or, where that would be long, 1.23e-7.
  public static func significant(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return "-" }
    guard value != 0 else { return "0" }
    let digits = min(max(digits, 1), most)
    var exponent = Int(log10(abs(value)).rounded(.down))
    // Rounding may carry into another digit: 9.996 with three digits is 10.0.
    if abs(value) / pow(10, Double(exponent - digits + 1)) >= pow(10, Double(digits)) - 0.5 {
      exponent += 1
    }
    if exponent < -4 || exponent >= 6 {
      let mantissa = value / pow(10, Double(exponent))
      return fixed(mantissa, decimals: digits - 1) + "e\(exponent)"
    }
    return fixed(value, decimals: digits - 1 - exponent)
  }
}
