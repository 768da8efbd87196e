import Testing

@testable import DistTrainer

@Suite("Numbers in tables")
struct TextTableTests {
  @Test(
    "have four decimals, whatever their sign and size",
    arguments: [
      (0.5, "0.5000"), (-0.5, "-0.5000"), (-1.25, "-1.2500"), (-0.00001, "0.0000"),
      (0.00005, "0.0001"), (1e300, "1e+300"), (.infinity, "inf"),
    ] as [(Double, String)])
  func score(value: Double, text: String) {
    #expect(TextTable.score(value) == text)
  }

  @Test("are a dash where there is none")
  func none() { #expect(TextTable.score(nil) == "-") }
}
