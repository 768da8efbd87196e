import Evaluation
import Foundation
import Testing

@Suite struct ReportFormatTests {
  @Test(
    "what is written as CSV is read back",
    arguments: [
      ["a", "b"], ["", "x,y"], ["say \"hi\"", "line\nbreak"], ["é", " spaced "], ["\"", ",,", ""],
    ])
  func csvRoundTrip(fields: [String]) throws {
    let rows = try CSV.rows(of: CSV.line(fields) + CSV.line(["end", "row"]))
    #expect(rows.map(\.fields) == [fields, ["end", "row"]])
  }

  @Test("CRLF, a byte order mark, empty lines and a missing last line break are all read")
  func csvDialects() throws {
    let rows = try CSV.rows(of: "\u{FEFF}a,b\r\n\r\n1,\"2\r\n3\"\n,\nlast,")
    #expect(rows.map(\.fields) == [["a", "b"], ["1", "2\r\n3"], ["", ""], ["last", ""]])
    #expect(rows.map(\.line) == [1, 3, 5, 6])
    #expect(try CSV.rows(of: "").isEmpty)
  }

  @Test("broken quotes are refused with the line", arguments: ["a\n\"b", "a\n\"b\"c,d"])
  func csvFaults(text: String) {
    let error = #expect(throws: EvaluationError.self) { try CSV.rows(of: text) }
    #expect(error?.description.contains("Line 2") == true)
  }

  @Test("JSON is valid, keeps the order of members and says null for what is no number")
  func json() throws {
    let value = JSONValue.object([
      ("z", .number(0.1)), ("a", .array([.integer(-3), .bool(true), .null, .number(.nan)])),
      ("text", .string("q\"\\\n\u{1}é")), ("none", .array([])), ("optional", .number(Double?.none)),
      ("some", .number(Double?.some(1e-7))),
    ])
    let line =
      #"{"z":0.1,"a":[-3,true,null,null],"text":"q\"\\\n\u0001é","none":[],"optional":null,"#
      + #""some":1e-07}"#
    #expect(value.compact == line)
    for text in [value.compact, value.indented] {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(object["text"] as? String == "q\"\\\n\u{1}é")
      #expect(object["some"] as? Double == 1e-7)
    }
    #expect(value.indented.contains("\n  \"a\": [\n    -3,"))
  }
}
