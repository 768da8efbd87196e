import Evaluation
import Testing

@Suite("Markup")
struct MarkupTests {
  static let hostile = [
    "<script>alert(1)</script>", "a & b &amp; c", "\"quoted\" 'twice'", "]]>", "<!-- x", "é 中 🧠",
    "line\nbreak", "javascript:x", "\u{202E}reversed",
  ]

  @Test("what is written is read back as it was, whatever it holds", arguments: hostile)
  func roundTrip(text: String) throws {
    let written = Markup.tag("p", ["title": text], text: text).written
    let parsed = try ParsedXML.parse(written)
    #expect(parsed.text == text)
    // A line break in an attribute is a space to every XML parser.
    #expect(parsed.attributes["title"] == text.replacing("\n", with: " "))
    #expect(parsed.all.count == 1)
  }

  @Test(
    "what XML cannot hold is replaced", arguments: ["\u{0}", "\u{1B}[31m", "\u{FFFE}", "\u{85}"])
  func control(text: String) throws {
    let parsed = try ParsedXML.parse(Markup.tag("p", text: text).written)
    #expect(parsed.text.unicodeScalars.first == "\u{FFFD}")
  }

  @Test("empty elements close themselves only where HTML does so too")
  func empty() {
    #expect(Markup.tag("br").written == "<br/>")
    #expect(Markup.tag("div").written == "<div></div>")
    #expect(Markup.tag("p", ["a": "1", "b": "2"]).written == "<p a=\"1\" b=\"2\"></p>")
  }
}

@Suite("Numbers as texts")
struct DecimalTextTests {
  // Python: [f"{v:.{d}f}" for v, d in ...]; the tie 0.125 goes away from zero here.
  @Test(
    "fixed decimals",
    arguments: [
      (0.5, 0, "1"), (1234.5678, 2, "1234.57"), (-0.001, 2, "0.00"), (-1.995, 1, "-2.0"),
      (0.125, 2, "0.13"), (3e-9, 4, "0.0000"), (.nan, 2, "-"), (.infinity, 2, "-"),
    ] as [(Double, Int, String)])
  func fixed(value: Double, decimals: Int, text: String) {
    #expect(DecimalText.fixed(value, decimals: decimals) == text)
  }

  @Test(
    "short texts drop zeros", arguments: [(1.50, "1.5"), (2, "2"), (-0.004, "0"), (100, "100")])
  func short(value: Double, text: String) { #expect(DecimalText.short(value) == text) }

  // Python: f"{v:.3g}" where that is not in exponent form.
  @Test(
    "significant digits",
    arguments: [
      (0.123456, "0.123"), (9.996, "10.0"), (1234.5, "1235"), (0.00012, "0.000120"),
      (1.234e-7, "1.23e-7"), (-5, "-5.00"), (0, "0"), (6.02e23, "6.02e23"),
    ])
  func significant(value: Double, text: String) {
    #expect(DecimalText.significant(value) == text)
  }
}
