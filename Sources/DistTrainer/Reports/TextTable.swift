/// Rows of cells as text: columns padded to equal width, two spaces apart.
struct TextTable: CustomStringConvertible {
  /// The rows, the heading first; all of one length.
  var rows: [[String]]
  /// The number of columns, from the first, whose cells stand to the left; numbers stand right.
  var namedColumns = 0

  /// One line a row, without a line break at the end.
  var description: String {
    let columns = rows.first?.count ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let cell = row[column]
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        if column >= namedColumns { return padding + cell }
        // Nothing follows the last cell, so nothing need pad it.
        return column == columns - 1 ? cell : cell + padding
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// A whole number with its digits in groups of three: 1 234 567.
  static func grouped(_ number: Int) -> String {
    var groups: [String] = []
    var rest = number.magnitude
    repeat {
      let (quotient, group) = rest.quotientAndRemainder(dividingBy: 1000)
      let digits = "\(group)"
      groups.append(
        quotient == 0 ? digits : String(repeating: "0", count: 3 - digits.count) + digits)
      rest = quotient
    } while rest > 0
    return (number < 0 ? "-" : "") + groups.reversed().joined(separator: " ")
  }

  /// An amount of memory in MiB, with one decimal.
  static func mebibytes(_ bytes: Int) -> String {
    let tenths = (Double(bytes) / 0x1p20 * 10).rounded() / 10
    return "\(tenths) MiB"
  }

  /// A number with four decimals, or a dash for none.
  static func score(_ value: Double?) -> String {
    guard let value else { return "-" }
    let size = (abs(value) * 10_000).rounded()
    // Beyond what an integer holds, or no number at all: as it is.
    guard size < 0x1p62 else { return "\(value)" }
    let scaled = Int(size)
    let digits = "\(scaled % 10_000)"
    return (value < 0 && scaled > 0 ? "-" : "") + "\(scaled / 10_000)."
      + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
