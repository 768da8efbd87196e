import Testing

@testable import Evaluation

@Suite struct SurfelAreasTests {
  /// Sums over a table of areas by code.
  struct Sums: Sendable {
    var spacing: [Double]
    var plain: Double
    var byCode: Double
    var squares: Double
  }

  // surface-distance 0.1: a = np.array(lookup_tables.create_table_neighbour_code_to_surface_area(
  // spacing)); a.sum(), (a * np.arange(256)).sum(), (a * a * (np.arange(256) % 7)).sum()
  static let sums: [Sums] = [
    Sums(
      spacing: [1.0, 1.0, 1.0], plain: 241.34313970553745, byCode: 30771.250312456017,
      squares: 785.8905451017033),
    Sums(
      spacing: [1.0, 1.3, 0.7], plain: 239.6870706742783, byCode: 30560.10151097048,
      squares: 781.9529422835296),
    Sums(
      spacing: [3.0, 0.5, 2.25], plain: 910.0358389686658, byCode: 116029.56946850491,
      squares: 12056.853853356813),
  ]

  @Test("the areas of all codes are those of DeepMind's table", arguments: sums)
  func deepMind(_ sums: Sums) {
    let table = SurfelAreas.table(spacing: sums.spacing)
    #expect(table.count == 256 && table[0] == 0 && table[255] == 0)
    let plain = table.reduce(0, +)
    let byCode = table.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
    let squares = table.enumerated().reduce(0) {
      $0 + Double($1.offset % 7) * $1.element * $1.element
    }
    #expect(abs(plain - sums.plain) < 1e-10 * sums.plain)
    #expect(abs(byCode - sums.byCode) < 1e-10 * sums.byCode)
    #expect(abs(squares - sums.squares) < 1e-10 * sums.squares)
  }

  @Test("areas that geometry gives at once")
  func closedForms() {
    let (d, h, w) = (2.0, 3.0, 5.0)
    let table = SurfelAreas.table(spacing: [d, h, w])
    // A corner alone: half the parallelogram of two half diagonals of its faces.
    let corner = (d * d * h * h + d * d * w * w + h * h * w * w).squareRoot() / 8
    for bit in 0..<8 { #expect(abs(table[1 << bit] - corner) < 1e-12) }
    // Four corners of one face: the cell's middle plane.
    #expect(abs(table[0b1111_0000] - h * w) < 1e-12)
    #expect(abs(table[0b1100_1100] - d * w) < 1e-12)
    #expect(abs(table[0b1010_1010] - d * h) < 1e-12)
    // The surface does not care which side is inside.
    for code in 0..<256 { #expect(table[code] == table[255 - code]) }
  }
}
