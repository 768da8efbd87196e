import DistTrainer
import Testing

@Suite struct StrictDecodingTests {
  /// A loss of losses: kinds within kinds, decoded by hand from one decoder.
  indirect enum Loss: Codable, Sendable, Equatable {
    case dice(smooth: Float)
    case sum([Term])

    struct Term: Codable, Sendable, Equatable {
      var weight: Float
      var loss: Loss
    }

    enum Keys: String, CodingKey { case kind, smooth, terms }

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: Keys.self)
      switch try keys.decode(String.self, forKey: .kind) {
      case "dice":
        self = .dice(smooth: try keys.decodeIfPresent(Float.self, forKey: .smooth) ?? 1)
      case "sum": self = .sum(try keys.decode([Term].self, forKey: .terms))
      case let kind:
        throw DecodingError.dataCorruptedError(
          forKey: .kind, in: keys, debugDescription: "names no loss: \(kind)")
      }
    }

    func encode(to encoder: any Encoder) throws {
      var keys = encoder.container(keyedBy: Keys.self)
      switch self {
      case .dice(let smooth):
        try keys.encode("dice", forKey: .kind)
        try keys.encode(smooth, forKey: .smooth)
      case .sum(let terms):
        try keys.encode("sum", forKey: .kind)
        try keys.encode(terms, forKey: .terms)
      }
    }
  }

  static func faults<Value: Decodable>(_ type: Value.Type, _ yaml: String) throws -> [String] {
    let node = try ConfigurationNode(yaml: yaml, name: "t")
    do {
      _ = try node.decode(type)
      return []
    } catch {
      return error.faults.map { "\($0.path): \($0.problem)" }
    }
  }

  @Test("kinds within kinds are decoded strictly at every depth")
  func nested() throws {
    let yaml = """
      kind: sum
      terms:
        - {weight: 1, loss: {kind: dice, smooth: 2}}
        - {weight: 0.5, loss: {kind: sum, terms: [{weight: 1, loss: {kind: dice, smoth: 2}}]}}
      """
    #expect(
      try Self.faults(Loss.self, yaml) == [
        "terms.1.loss.terms.0.loss.smoth: is an unknown key: did you mean smooth?"
      ])
    let good = try ConfigurationNode(yaml: yaml.replacing("smoth", with: "smooth"), name: "t")
    let loss = try good.decode(Loss.self)
    #expect(try ConfigurationNode(encoding: loss).decode(Loss.self) == loss)
    #expect(try Self.faults(Loss.self, "kind: dise") == ["kind: names no loss: dise"])
  }

  @Test("a required value that cannot be decoded ends its mapping only, and nothing is made up")
  func abandoned() throws {
    struct Outer: Decodable {
      var loss: Loss
      var count: Int
    }
    #expect(
      try Self.faults(Outer.self, "{loss: 5, count: x, other: 1}") == [
        "loss: must be a mapping of keys and values, not 5"
      ])
    #expect(try Self.faults(Outer.self, "{loss: {kind: dice}, count: x, other: 1}").count == 2)
    #expect(
      try Self.faults(Outer.self, "{count: 1}").first == "loss: is missing: add it")
  }

  struct Scalars: Codable, Equatable {
    var text: String
    var truth: Bool
    var small: Int8
    var unsigned: UInt64
    var float: Float
    var double: Double
    var table: [String: Int]
    var optional: [Int?]
  }

  @Test("the type of a key decides what its text means")
  func scalars() throws {
    let yaml = """
      text: no
      truth: true
      small: -128
      unsigned: 18446744073709551615
      float: 0.1
      double: 1e-3
      table: {a: 1, b: 2}
      optional: [1, null, 3]
      """
    let node = try ConfigurationNode(yaml: yaml, name: "t")
    let value = try node.decode(Scalars.self)
    let expected = Scalars(
      text: "no", truth: true, small: -128, unsigned: .max, float: 0.1, double: 1e-3,
      table: ["a": 1, "b": 2], optional: [1, nil, 3])
    #expect(value == expected)
    let again = try ConfigurationNode(yaml: ConfigurationNode(encoding: value).yaml, name: "t")
    #expect(try again.decode(Scalars.self) == expected)
  }

  @Test(
    "a wrong scalar is refused",
    arguments: [
      ("truth: yes", "truth: must be true or false, not yes"),
      ("small: 128", "small: must be a whole number from -128 to 127, not 128"),
      ("small: 1.5", "small: must be a whole number, not 1.5"),
      ("small: 1e2", "small: must be a whole number, not 1e2"),
      ("float: nan", "float: must be a finite number, not nan"),
      ("float: .inf", "float: must be a finite number, not .inf"),
      ("float: 1e99", "float: must be a finite number, not 1e99"),
      ("float: 0x1p3", "float: must be a finite number, not 0x1p3"),
      ("float: \"1\"", "float: must be a finite number, not the text \"1\""),
      ("text: [a]", "text: must be a text, not a list"),
      ("text: null", "text: must be a text, not null"),
      ("table: {a: x}", "table.a: must be a whole number, not x"),
      ("optional: {a: 1}", "optional: must be a list such as [1, 2], not a mapping"),
    ])
  func wrongScalars(line: String, fault: String) throws {
    #expect(try Self.faults(Scalars.self, line).contains(fault))
  }

  @Test("a number that is not finite cannot be written")
  func notFinite() {
    #expect(throws: EncodingError.self) { try ConfigurationNode(encoding: [Float.nan]) }
    #expect(throws: EncodingError.self) { try ConfigurationNode(encoding: ["a": Double.infinity]) }
  }

  @Test(
    "what is written is read back the same, and by other YAML readers too",
    arguments: [
      "a", "no", "Yes", "null", "~", "", " x", "x ", "1", "-1.5", "1e3", ".5", ".inf", "./a",
      "../b",
      "/c d", "a: b", "a #b", "[x]", "{", "- a", "'q'", "\"q\"", "line\nbreak", "tab\t", "é",
      "12:30",
      "2001-01-01", "0x1F", "?", "*a", "&a", "!t", "%", "@", "`", "true", "y", "on", "=", "<<",
    ])
  func texts(text: String) throws {
    struct Holder: Codable, Equatable {
      var value: String
      var list: [String]
      var table: [String: String]
    }
    let holder = Holder(value: text, list: [text, text], table: [text: text])
    let yaml = try ConfigurationNode(encoding: holder).yaml
    let node = try ConfigurationNode(yaml: yaml, name: "t")
    #expect(try node.decode(Holder.self) == holder, "\(yaml)")
    // Unless plain and free of meaning, a text is quoted: quoted means text to every reader.
    if case .scalar(let written, isQuoted: false) = node["value"]?.content {
      #expect(written.first?.isLetter == true || written.hasPrefix(".") || written.hasPrefix("/"))
    }
    #expect(try ConfigurationNode(yaml: node.yaml, name: "t").yaml == yaml)
  }

  @Test("lists of lists, of mappings and of nothing are written so that they read back")
  func structures() throws {
    let yaml = "{a: [[1, 2], []], b: [], c: {}, d: [{e: {f: [{}]}}, {g: null}], h: [[{i: 1}]]}"
    let node = try ConfigurationNode(yaml: yaml, name: "t")
    #expect(try ConfigurationNode(yaml: node.yaml, name: "t") == node)
    #expect(
      try ConfigurationNode(yaml: "[1, [2, {a: 3}]]", name: "t").yaml == "- 1\n- - 2\n  - a: 3\n")
    #expect(try ConfigurationNode(yaml: "x", name: "t").yaml == "x\n")
  }
}
