import ComputeTestSupport
import Testing

/// Expects every element within `relative` of the largest expected magnitude.
func expectClose(
  _ found: [Float], _ expected: [Double], relative: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.count == expected.count else {
    Issue.record(
      "\(what): \(found.count) elements, not \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  let largest = expected.reduce(0) { max($0, abs($1)) }
  let tolerance = relative * largest + 1e-7
  let wrong = found.indices.filter { !(abs(Double(found[$0]) - expected[$0]) <= tolerance) }
  let examples = wrong.prefix(4).map { "[\($0)] \(found[$0]), not \(expected[$0])" }
  #expect(
    wrong.isEmpty, "\(what): \(wrong.count) of \(found.count) wrong: \(examples)",
    sourceLocation: sourceLocation)
}

/// The Euclidean norm.
func norm(_ values: [Float]) -> Double {
  values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// The bit patterns: unlike ==, these tell 0 from -0 and know a NaN again.
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

/// The bit patterns of several tensors.
func bits(_ values: [String: [Float]]) -> [String: [UInt32]] { values.mapValues { bits($0) } }
