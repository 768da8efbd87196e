import ArgumentParser

/// Lengths such as `4K,16M`.
struct ByteCounts: ExpressibleByArgument {
  let values: [Int]

  init(_ values: [Int]) { self.values = values }

  init?(argument: String) {
    var values: [Int] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let unit = ["K": 1 << 10, "M": 1 << 20][part.last.map { $0.uppercased() } ?? ""]
      guard let number = Int(unit == nil ? part : part.dropLast()) else { return nil }
      let (count, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
      // Whole floats, and no more than a gradient of a thousand million of them.
      guard !overflow, count >= 4, count % 4 == 0, count <= 1 << 32 else { return nil }
      values.append(count)
    }
    self.values = values
  }

  var defaultValueDescription: String {
    values.map { value in
      value % (1 << 20) == 0
        ? "\(value >> 20)M" : value % (1 << 10) == 0 ? "\(value >> 10)K" : "\(value)"
    }.joined(separator: ",")
  }
}
