import Collective
import Compute
import Foundation
import Nets
import Testing

@testable import DistTrainer

@Suite("Patterns of names")
struct NamePatternTests {
  @Test(
    "a star stands for any number of characters",
    arguments: [
      ("conv1a.weight", "conv1a.weight", []), ("conv*.weight", "conv1a.weight", ["1a"]),
      ("*", "a.b", ["a.b"]), ("*.*", "a.b.c", ["a", "b.c"]), ("a*", "a", [""]),
      ("*bias", "bias", [""]),
      ("enc*.*1.*", "encoder.0.conv1.weight", ["oder", "0.conv", "weight"]),
    ])
  func matches(pattern: String, name: String, captures: [String]) {
    #expect(NamePattern(pattern).match(name) == captures)
  }

  @Test(
    "what does not match, does not",
    arguments: [
      ("conv1", "conv1a"), ("conv1a", "conv1"), ("a*b", "ab.c"), ("a*ab", "ab"), ("*x*", "abc"),
      ("", "a"),
    ])
  func strangers(pattern: String, name: String) {
    #expect(NamePattern(pattern).match(name) == nil)
  }

  @Test("captures fill a replacement in their order")
  func fills() throws {
    let captures = try #require(NamePattern("conv*a.*").match("conv3a.bias"))
    #expect(NamePattern("encoder.*.conv1.*").filled(with: captures) == "encoder.3.conv1.bias")
    #expect(NamePattern("encoder.2.x").filled(with: captures) == "encoder.2.x")
    #expect(NamePattern("e*").filled(with: captures) == "e3")
  }
}

@Suite("Weights from elsewhere", .serialized, .timeLimit(.minutes(3)))
struct WeightTransferTests {
  /// The parameters `first.weight [2, 1, 3]`, `first.bias [2]`, `head.weight [3, 2, 1]`.
  private static func table() throws -> ParameterTable {
    var g = GraphBuilder(mode: .training)
    let one = ConstantInitializer(1)
    _ = try g.parameter("first.weight", [2, 1, 3], .weight, initializer: one)
    _ = try g.parameter("first.bias", [2], .bias, initializer: one)
    _ = try g.parameter("head.weight", [3, 2, 1], .weight, initializer: one)
    return g.finish().parameters
  }

  private static func tensor(_ shape: [Int], from start: Float = 0) -> Safetensors.Tensor {
    let values = (0..<shape.reduce(1, *)).map { start + Float($0) }
    return Safetensors.Tensor(values.span, shape: shape)
  }

  private static func section(_ change: (inout InitializeSection) -> Void) -> InitializeSection {
    var section = InitializeSection()
    section.from = "c3d.safetensors"
    change(&section)
    return section
  }

  private static func faults(
    _ tensors: [String: Safetensors.Tensor], _ change: (inout InitializeSection) -> Void
  ) throws -> [String] {
    let table = try table()
    let error = #expect(throws: ConfigurationError.self) {
      try WeightTransfer(
        section(change), file: Safetensors(tensors: tensors), name: "c3d.safetensors",
        table: table)
    }
    return error?.faults.map { "\($0.path): \($0.problem)" } ?? []
  }

  @Test("names are translated, color channels summed, and the rest is left or skipped, in a table")
  func loads() throws {
    let table = try Self.table()
    let transfer = try WeightTransfer(
      Self.section {
        $0.map = NameMap([.init("conv1a.*", "first.*"), .init("fc*", "nothing.*")])
        $0.map.rules.removeLast()
        $0.sumInputChannels = true
      },
      file: Safetensors(tensors: [
        "conv1a.weight": Self.tensor([2, 3, 3]), "conv1a.bias": Self.tensor([2], from: 50),
        "fc6.weight": Self.tensor([4, 4]),
      ]), name: "c3d.safetensors", table: table)
    var values = [Float](repeating: 0, count: table.elementCount)
    var span = values.mutableSpan
    table.initialize(&span, seed: 1)
    transfer.apply(to: &span, table: table)
    // np.arange(18).reshape(2, 3, 3).sum(1) in NumPy
    #expect(Array(values[table[0].range]) == [9, 12, 15, 36, 39, 42])
    #expect(Array(values[table[1].range]) == [50, 51])
    #expect(Array(values[table[2].range]) == [1, 1, 1, 1, 1, 1])
    #expect(
      transfer.csv == """
        state,parameter,tensor,elements,note
        loaded,first.weight,conv1a.weight,6,sum over 3 input channels
        loaded,first.bias,conv1a.bias,2,
        left,head.weight,,6,no tensor has this name
        skipped,,fc6.weight,16,no parameter has this name

        """)
    #expect(
      transfer.summary == "2 of 3 parameters (8 of 14 numbers) loaded from c3d.safetensors, "
        + "1 left as drawn, 1 tensors of the file skipped")
  }

  @Test("a choice of parameters leaves out the others, by name")
  func only() throws {
    let transfer = try WeightTransfer(
      Self.section { $0.only = ["first.*"] },
      file: Safetensors(tensors: [
        "first.weight": Self.tensor([2, 1, 3]), "head.weight": Self.tensor([9]),
      ]), name: "c3d.safetensors", table: Self.table())
    #expect(transfer.rows.map(\.state) == [.loaded, .left, .left, .skipped])
    #expect(transfer.rows[2].note == "initialize.only leaves it out")
    #expect(transfer.rows[3].note == "initialize.only leaves out head.weight")
  }

  @Test("what a checkpoint holds beside weights is not looked at")
  func checkpoints() throws {
    let file = Safetensors(
      tensors: [
        "first.bias": Self.tensor([2]), "adam.m/first.bias": Self.tensor([2]),
        "best/first.bias": Self.tensor([2]),
      ], metadata: ["format": "segmpi-checkpoint-1"])
    let transfer = try WeightTransfer(
      Self.section { _ in }, file: file, name: "c", table: Self.table())
    #expect(transfer.rows.map(\.state) == [.left, .loaded, .left])
  }

  @Test("rules that match nothing, lead nowhere, or bring what does not fit are one sentence each")
  func faults() throws {
    #expect(
      try Self.faults(["conv1a.weight": Self.tensor([2, 1, 3])]) {
        $0.map = NameMap([.init("conv1a.*", "first.*"), .init("conv9*", "head.*")])
      } == [
        "initialize.map.conv9*: matches none of the 1 tensors of c3d.safetensors (such as "
          + "conv1a.weight): mend the pattern or remove the rule"
      ])
    #expect(
      try Self.faults(["a.weight": Self.tensor([2, 1, 3])]) {
        $0.map = NameMap([.init("a.*", "frist.*")])
      } == [
        "initialize.map.a.*: makes frist.weight of a.weight, which is no parameter of the network: "
          + "did you mean first.weight?"
      ])
    let nothing = try Self.faults(["x": Self.tensor([2])]) { _ in }
    #expect(nothing.count == 1 && nothing[0].hasPrefix("initialize.from: is c3d.safetensors, of"))
    #expect(nothing[0].hasSuffix("translate them in initialize.map"))
    let color = try Self.faults(["first.weight": Self.tensor([2, 3, 3])]) { _ in }
    #expect(
      color == [
        "initialize.from: brings first.weight, F32 [2, 3, 3], to first.weight, F32 [2, 1, 3]: name "
          + "what fits in initialize.only, or set initialize.sumInputChannels: true"
      ])
    let twice = try Self.faults([
      "first.bias": Self.tensor([2]), "a.bias": Self.tensor([2]),
    ]) { $0.map = NameMap([.init("a.*", "first.*")]) }
    #expect(twice.count == 1 && twice[0].contains("lets both a.bias and first.bias become"))
    let stray = try Self.faults(["first.bias": Self.tensor([2])]) {
      $0.only = ["encoder.*", "first.*"]
      var rule = DrawSection()
      rule.parameters = ["*.gamma"]
      $0.draw = [rule]
    }
    #expect(stray.count == 2)
    #expect(stray[0].hasPrefix("initialize.draw.0.parameters.0: is *.gamma, which matches none of"))
    #expect(stray[1].hasPrefix("initialize.only.0: is encoder.*, which matches none of"))
  }

  @Test("the section's own faults name their keys")
  func section() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try ExperimentConfiguration.load(
        yaml: """
          schema: 1
          data: {dataset: x}
          initialize: {map: {conv*: "a.*.*"}, only: [a], draw: [{parameters: []},
            {parameters: ["*"], initializer: {kind: gaussian, standardDeviation: 0}}], sumChannels: true}
          """)
    }
    #expect(
      (error?.faults.map(\.path) ?? []).sorted() == [
        "initialize.draw.0.parameters", "initialize.draw.1.initializer.standardDeviation",
        "initialize.map", "initialize.map.conv*", "initialize.only", "initialize.sumChannels",
      ])
    let text = "initialize: {from: runs/a, checkpoint: final, map: {\"b.*\": \"c.*\"}, only: [c.*]}"
    let fine = try ExperimentConfiguration.load(yaml: "schema: 1\ndata: {dataset: x}\n\(text)")
    #expect(fine.initialize.map.rules == [.init("b.*", "c.*")])
    #expect(try ExperimentConfiguration.load(yaml: fine.resolvedYAML()) == fine)
  }

  @Test("parameters are drawn by rules of their own, the last that matches deciding")
  func draws() throws {
    func trainer(_ change: (inout InitializeSection) -> Void) throws -> FoldTrainer {
      try FoldTrainer(
        SmallTraining.experiment { change(&$0.initialize) }, fold: 0,
        subjects: SmallTraining.subjects(1), engine: SmallTraining.engine(),
        communicator: SerialCommunicator())
    }
    let plain = try trainer { _ in }
    let changed = try trainer { section in
      var biases = DrawSection()
      biases.parameters = ["*.bias"]
      biases.initializer = InitializerChoice(ConstantFill(value: 0.1))
      var head = DrawSection()
      head.parameters = ["head.bias"]
      head.initializer = InitializerChoice(ConstantFill(value: 2))
      section.draw = [biases, head]
    }
    var seen = 0
    for entry in plain.parameters.table.entries {
      let (before, after) = (plain.values[entry.range], changed.values[entry.range])
      if entry.name == "head.bias" {
        #expect(after.allSatisfy { $0 == 2 })
        seen += 1
      } else if entry.name.hasSuffix(".bias") {
        #expect(after.allSatisfy { $0 == 0.1 })
        seen += 1
      } else {
        #expect(Array(before) == Array(after))
      }
    }
    #expect(seen > 3)
  }

  @Test("a run begins with the weights of another run's fold, on any number of ranks")
  func fromRun() throws {
    let source = try ProtocolRun { $0.training.epochs = 3 }
    try source.train("first")
    let study = try ProtocolRun {
      var adam = AdamOptimizer()
      adam.learningRate = 0
      $0.optimizer = OptimizerChoice(adam)
      $0.initialize.from = "\(source.folder.path)/first"
      $0.initialize.only = ["encoder.*"]
      $0.training.seed = 5
    }
    let lines = try study.train("run")
    #expect(lines.contains { $0.hasPrefix("fold 1: ") && $0.contains("left as drawn") })
    _ = try InProcessCommunicator.run(ranks: 2) { world in
      try study.train("shared", world: world)
    }
    #expect(try study.bytes("shared") == study.bytes("run"))
    let (best, final) = (try source.checkpoint("first", .best), try study.checkpoint("run"))
    var (equal, other) = (0, 0)
    for (name, tensor) in final.file.tensors where name.hasSuffix(".weight") && !name.contains("/")
    {
      if name.hasPrefix("encoder.") {
        #expect(tensor == best.file.tensors[name], "\(name)")
        equal += 1
      } else if tensor != best.file.tensors[name] {
        other += 1
      }
    }
    #expect(equal >= 2 && other >= 2)
    let table = try String(contentsOfFile: study.fold("run").initialization, encoding: .utf8)
    #expect(table.contains("loaded,encoder.0.conv1.weight,encoder.0.conv1.weight,"))
    #expect(table.contains("left,head.weight,,"))
    // What a run goes on with is its own; the file is not asked for.
    try study.train("third", copies: "parts")
    try FileManager.default.removeItem(atPath: "\(source.folder.path)/first")
    try study.train("parts2", continues: true)
    #expect(try study.bytes("parts2") == study.bytes("run"))
    let error = #expect(throws: (any Error).self) { try study.train("again") }
    #expect(error.map { "\($0)" }?.contains("initialize.from is") == true)
    #expect(error.map { "\($0)" }?.contains("where there is nothing") == true)
  }
}
