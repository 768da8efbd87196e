import Compute
import CounterRandom
import Testing

/// A file with this header and so many bytes of data.
private func file(_ header: String, data: Int) -> [UInt8] {
  let length = UInt64(header.utf8.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
    + [UInt8](repeating: 0, count: data)
}

private func sample() -> Safetensors {
  let floats: [Float] = [1, -2.5, .infinity, 0, -0.0, 3]
  return Safetensors(
    tensors: [
      "b.weight": .init(floats.span, shape: [2, 3]),
      "a": .init([Int64.min, -1, 5], shape: [3]),
      "scalar": .init([UInt8(7)], shape: []),
      "empty": .init([UInt8](), shape: [0, 4]),
    ],
    metadata: ["config": "{\"kind\": \"unet\"}\n\tΩ \u{01}", "a": ""])
}

@Suite("Safetensors")
struct SafetensorsTests {
  @Test("what is written reads back equal")
  func roundTrip() throws {
    let contents = sample()
    #expect(try Safetensors(reading: contents.fileContents()) == contents)
    #expect(try Safetensors(reading: Safetensors().fileContents()) == Safetensors())
    #expect(contents.tensors["a"]?.integers == [Int64.min, -1, 5])
  }

  @Test("equal contents are equal bytes, with the header's names sorted")
  func isCanonical() throws {
    var other = Safetensors(metadata: sample().metadata)
    for (name, tensor) in sample().tensors.reversed() { other.tensors[name] = tensor }
    let bytes = sample().fileContents()
    #expect(other.fileContents() == bytes)
    // python: safetensors 0.8.0 reads this header; written out by hand.
    let expected =
      #"{"__metadata__":{"a":"","config":"{\"kind\": \"unet\"}\n\tΩ \u0001"},"#
      + #""a":{"dtype":"I64","shape":[3],"data_offsets":[0,24]},"#
      + #""b.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[24,48]},"#
      + #""empty":{"dtype":"U8","shape":[0,4],"data_offsets":[48,48]},"#
      + #""scalar":{"dtype":"U8","shape":[],"data_offsets":[48,49]}}"#
    let length = Int(bytes[0]) + 256 * Int(bytes[1])
    #expect(length % 8 == 0 && length - expected.utf8.count < 8)
    #expect(Array(bytes[8..<(8 + expected.utf8.count)]) == Array(expected.utf8))
  }

  @Test("a file that Python wrote reads to its values")
  func readsPython() throws {
    let fixture = try Fixture.load("optimizers")
    #expect(fixture.metadata["provenance"]?.contains("\"torch\": \"2.13.0+cpu\"") == true)
    #expect(fixture.tensors["gradients"]?.shape == [10, 37])
    // The script zeroes column 7.
    #expect(try fixture.floats("gradients")[37 + 7] == 0)
    #expect(try fixture.floats("start").allSatisfy { $0.isFinite && abs($0) < 6 })
  }

  static let broken: [(String, [UInt8], String)] = {
    let one = #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    func entry(_ type: String, _ shape: String, _ offsets: String) -> String {
      "{\"x\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
    }
    let two = #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":"#
    return [
      ("too short", [1, 2, 3], "too few"),
      ("huge header", [UInt8](repeating: 0xFF, count: 16), "states a header"),
      ("truncated data", file(one, data: 3), "incomplete"),
      ("trailing data", file(one, data: 5), "after its last tensor"),
      ("not JSON", file("hello", data: 0), "does not begin"),
      ("leading space", file(" " + one, data: 4), "does not begin"),
      ("text after the end", file(one + "x", data: 4), "goes on"),
      ("unknown type", file(entry("F16", "[2]", "[0,4]"), data: 4), "only F32, I64, U8"),
      ("size mismatch", file(entry("F32", "[2]", "[0,4]"), data: 4), "needs 8 bytes"),
      ("negative", file(entry("F32", "[-1]", "[0,4]"), data: 4), "not negative"),
      ("fraction", file(entry("F32", "[1.0]", "[0,4]"), data: 4), "lacks a ']'"),
      ("leading zero", file(entry("F32", "[01]", "[0,4]"), data: 4), "whole number"),
      ("beyond Int", file(entry("F32", "[99999999999999999999]", "[0,4]"), data: 4), "too large"),
      (
        "product beyond Int", file(entry("F32", "[4294967296,4294967296]", "[0,4]"), data: 4),
        "beyond any file"
      ),
      ("descending offsets", file(entry("F32", "[1]", "[4,0]"), data: 4), "ascending"),
      ("three offsets", file(entry("F32", "[1]", "[0,4,8]"), data: 4), "ascending"),
      ("hole", file(entry("F32", "[1]", "[4,8]"), data: 8), "leave holes"),
      (
        "overlap", file(two + #"{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, data: 3),
        "overlap"
      ),
      (
        "repeated name",
        file(
          #"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
            + #""x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, data: 2), "twice"
      ),
      ("repeated key", file(#"{"x":{"dtype":"U8","dtype":"U8"}}"#, data: 0), "repeated key"),
      ("unknown key", file(#"{"x":{"strides":[1]}}"#, data: 0), "unknown or repeated"),
      ("missing key", file(#"{"x":{"dtype":"U8"}}"#, data: 0), "lacks dtype"),
      ("metadata not text", file(#"{"__metadata__":{"a":1}}"#, data: 0), "lacks a '\"'"),
      ("lone surrogate", file(#"{"__metadata__":{"a":"\ud800"}}"#, data: 0), "surrogate"),
      ("bad escape", file(#"{"__metadata__":{"a":"\x"}}"#, data: 0), "escape"),
    ]
  }()

  @Test("a damaged file is refused with the reason", arguments: broken)
  func refuses(name: String, bytes: [UInt8], reason: String) {
    let error = #expect(throws: SafetensorsError.self) { try Safetensors(reading: bytes) }
    #expect(error?.description.contains(reason) == true, "\(name): \(error?.description ?? "")")
  }

  @Test("text that is not UTF-8, and a header longer than the file, are refused")
  func refusesBytes() {
    let badText: [UInt8] = [5, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF, 0x22, 0x7D]
    let error = #expect(throws: SafetensorsError.self) { try Safetensors(reading: badText) }
    #expect(error?.description.contains("UTF-8") == true)
    let long: [UInt8] = [3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]
    let length = #expect(throws: SafetensorsError.self) { try Safetensors(reading: long) }
    #expect(length?.description.contains("states a header of 3 bytes") == true)
  }

  @Test("no truncation and no flipped byte of the header makes the reader trap")
  func survivesDamage() {
    let whole = sample().fileContents()
    for count in 0..<whole.count {
      #expect(throws: SafetensorsError.self) { try Safetensors(reading: Array(whole[..<count])) }
    }
    var stream = RandomStream(seed: 9, "damage")
    for _ in 0..<20000 {
      var bytes = whole
      for _ in 0...stream.integer(below: 3) {
        bytes[stream.integer(below: whole.count)] = UInt8(truncatingIfNeeded: stream.next32())
      }
      // Either is fine; what must not happen is a trap, which would end the process.
      _ = try? Safetensors(reading: bytes)
    }
  }

  @Test("every missing, extra and misshapen tensor is in one error, and nothing is changed")
  func strictLoading() throws {
    var g = GraphBuilder(mode: .training)
    let zero = ConstantInitializer(0)
    _ = try g.parameter("a", [2], .weight, initializer: zero)
    _ = try g.parameter("b", [3], .bias, initializer: zero)
    _ = try g.parameter("c", [1], .bias, initializer: zero)
    let table = g.finish().parameters
    var values = [Float](repeating: 5, count: table.elementCount)
    let numbers: [Float] = [1, 2, 3, 4]
    let wrong = Safetensors(tensors: [
      "a": .init(numbers.span.extracting(0..<2), shape: [2]),
      "b": .init(numbers.span, shape: [2, 2]),
      "d": .init(numbers.span, shape: [4]),
      "adam.m/z": .init(numbers.span, shape: [4]),
    ])
    var span = values.mutableSpan
    let error = #expect(throws: SafetensorsError.self) { try table.load(wrong, into: &span) }
    let text = error?.description ?? ""
    #expect(text.contains("c [1] is missing"))
    #expect(text.contains("b must be F32 [3] but is F32 [2, 2]"))
    #expect(text.contains("d is not expected"))
    #expect(!text.contains("adam.m/z"))
    #expect(values.allSatisfy { $0 == 5 })

    var right = Safetensors(tensors: [
      "a": .init(numbers.span.extracting(0..<2), shape: [2]),
      "b": .init(numbers.span.extracting(0..<3), shape: [3]),
      "c": .init(numbers.span.extracting(3..<4), shape: [1]),
    ])
    span = values.mutableSpan
    try table.load(right, into: &span)
    #expect(Array(values[table[1].range]) == [1, 2, 3] && values[table[2].offset] == 4)
    #expect(table.tensors(of: values.span) == right.tensors)
    right.tensors["adam.m/b"] = right.tensors["b"]
    span = values.mutableSpan
    let state = #expect(throws: SafetensorsError.self) {
      try table.load(right, prefix: "adam.m/", into: &span)
    }
    #expect(state?.description.contains("adam.m/a [2] is missing") == true)
  }
}
