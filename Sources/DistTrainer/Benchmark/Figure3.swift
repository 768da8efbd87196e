/// A number with three figures that count, for tables.
enum Figure3 {
  static func text(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    guard abs(value) >= 1e-9 else { return "0" }
    var scale = 1.0
    while abs(value) * scale < 100, scale < 1e12 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return scale == 1 ? "\(Int(rounded))" : "\(rounded)"
  }
}
