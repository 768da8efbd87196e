import DistTrainer
import Evaluation
import Foundation
import Nets
import Testing

@Suite struct ExperimentConfigurationTests {
  /// The example of the design.
  static let example = """
    schema: 1
    name: hippocampus
    data: {dataset: ../shared/data/hippocampus, folds: {count: 4, seed: 1, stratify: group, group: patient}}
    preparation: {orientation: RAS, spacing: null, normalization: {kind: zscore}}
    network: {kind: unet, features: 16, levels: 4, activation: leakyReLU}
    loss: {kind: diceCrossEntropy}
    optimizer: {kind: sgd, learningRate: 0.02}
    schedule: {kind: polynomial, power: 0.9}
    training: {epochs: 20, stepsPerEpoch: 50, patch: [40, 56, 40], shards: 4, shardSize: 1, precision: auto, seed: 1}
    augmentation: [{kind: flip, axes: [0]}, {kind: rotateScale, probability: 0.3}]
    inference: {overlap: 0.5, weights: gaussian}

    """

  static func load(_ yaml: String, _ overrides: [String] = []) throws -> ExperimentConfiguration {
    try .load(yaml: yaml, name: "e.yaml", overrides: overrides)
  }

  static func faults(_ yaml: String, _ overrides: [String] = []) -> [String] {
    faults { _ = try load(yaml, overrides) }
  }

  static func faults(_ body: () throws -> Void) -> [String] {
    do {
      try body()
      return []
    } catch let error as ConfigurationError {
      return error.faults.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  @Test("the design's example reads, and choices have their types")
  func example() throws {
    let configuration = try Self.load(Self.example)
    #expect(configuration.name == "hippocampus")
    #expect(configuration.data.folds.count == 4)
    #expect(configuration.training.patch == [40, 56, 40])
    #expect(configuration.augmentation.count == 2)
    #expect((configuration.network.value as? UNet)?.features == 16)
    #expect(configuration.optimizer.value.learningRate == 0.02)
    #expect(configuration.optimizer.kind == "sgd" && configuration.loss.kind == "diceCrossEntropy")
  }

  @Test(
    "the resolved form is re-runnable, complete and the same bytes again",
    arguments: [
      [],
      ["training.earlyStopping={patience: 3}", "training.clipNorm=12", "compute.isa=avx2"],
      ["optimizer={kind: adam}", "augmentation=[]", "network.kernel=[3, 3, 1]"],
      ["name='no'", "data.dataset='a: b'", "data.folds.seed=18446744073709551615"],
      ["training.clipNorm=null", "optimizer.learningRate=3e-5", "data.labels=['1', 'true', x y]"],
    ])
  func resolved(overrides: [String]) throws {
    let once = try Self.load(Self.example, overrides)
    let text = try once.resolvedYAML()
    let twice = try Self.load(text)
    #expect(twice == once)
    #expect(try twice.resolvedYAML() == text)
    // Defaults that the file did not give are written out, in choices too.
    for key in ["checkpointEvery: 0", "validateEvery: 10", "threads: 1", "levels: 4"] {
      #expect(text.contains(key))
    }
    if overrides.isEmpty {
      #expect(text.contains("network:\n  kind: unet\n"))
      #expect(text.contains("  patch: [40, 56, 40]\n"))
      #expect(text.contains("  - kind: flip\n"))
    }
    if overrides.first == "training.clipNorm=null" {
      #expect(text.contains("clipNorm: null\n") && text.contains("learningRate: 3.0e-05\n"))
    }
  }

  @Test("groups keep their order and their labels' spelling; surfaces can be left out")
  func evaluation() throws {
    let standard = try Self.load(Self.example).evaluation
    #expect(standard.surface == .voxel && standard.tolerances == [1, 2])
    let groups = "evaluation.groups={whole: [1, head], core: ['2'], aa: [tail]}"
    let loaded = try Self.load(
      Self.example, ["evaluation.surface=null", "evaluation.tolerances=[0.5]", groups])
    #expect(loaded.evaluation.surface == nil && loaded.evaluation.tolerances == [0.5])
    #expect(
      loaded.evaluation.groups.groups == [
        NamedGroup(name: "whole", labels: ["1", "head"]), NamedGroup(name: "core", labels: ["2"]),
        NamedGroup(name: "aa", labels: ["tail"]),
      ])
    let text = try loaded.resolvedYAML()
    #expect(try Self.load(text) == loaded)
    #expect(try Self.load(text).resolvedYAML() == text)
    let faults = Self.faults(
      Self.example,
      [
        "evaluation={surface: mesh, tolerances: [1, -2], groups: {whole: [], core: 3}, hd: 1}"
      ])
    for piece in [
      "evaluation.surface", "voxel", "evaluation.tolerances.1", "must be a distance",
      "evaluation.groups.whole", "needs at least one label", "evaluation.groups.core",
      "must be a list", "evaluation.hd", "unknown key",
    ] { #expect(faults.contains { $0.contains(piece) }, "\(piece): \(faults)") }
  }

  @Test("a group of labels that the data set lacks is named with those it has")
  func strayGroup() {
    #expect(
      Self.faults {
        var configuration = ExperimentConfiguration()
        configuration.evaluation.groups = NamedGroups([
          NamedGroup(name: "whole", labels: ["head", "0"]),
          NamedGroup(name: "core", labels: ["tail", "2"]),
        ])
        _ = try Experiment(
          configuration, channels: 1,
          labels: [
            DatasetLabel(number: 0, name: "background"), DatasetLabel(number: 2, name: "head"),
          ])
      } == [
        "evaluation.groups.whole holds 0, which is none of the foreground labels of the data set: "
          + "they are 2 (head).",
        "evaluation.groups.core holds tail, which is none of the foreground labels of the data set: "
          + "they are 2 (head).",
      ])
  }

  @Test("an unknown key is named with its path, its place and the nearest known key")
  func unknownKeys() {
    let yaml = """
      schema: 1
      data: {dataset: x}
      training:
        epoch: 3
        shards: 4
      optimizer: {kind: sgd, learningRate: 1, momentun: 0.9}
      network: {kind: unet, featurs: 8}
      zzz: 1
      """
    let faults = Self.faults(yaml)
    #expect(faults.count == 4)
    #expect(
      faults.first == "training.epoch (line 4, column 3 of e.yaml) is an unknown key: "
        + "did you mean epochs?")
    #expect(faults.contains { $0.hasPrefix("optimizer.momentun (line 6, column 41 of e.yaml)") })
    #expect(faults.contains { $0.contains("network.featurs") && $0.contains("features?") })
    #expect(faults.last?.contains("the keys here are augmentation, compute, data,") == true)
  }

  @Test("all faults are reported at once: types, choices, keys, kinds and meaning")
  func allAtOnce() {
    let yaml = """
      schema: 1
      name: a/b
      data: {dataset: x, folds: {count: one, seed: -1}}
      preparation: {spacing: [1, x, 1]}
      network: {kind: unit, features: 8}
      optimizer: {kind: sdg}
      training: {epochs: "5", shards: 3, precision: half, patch: 5, earlyStopping: {patience: x, oops: 1}}
      augmentation: [flip, {axes: 1}]
      inference: {weights: gausian, overlap: 1.0}
      """
    let faults = Self.faults(yaml)
    let expected = [
      "name (line 2, column 7 of e.yaml) must be fit for a folder's name",
      "data.folds.count (line 3, column 35 of e.yaml) must be a whole number, not one",
      "data.folds.seed (line 3, column 46 of e.yaml) must be a whole number from 0 to",
      "preparation.spacing.1 (line 4, column 28 of e.yaml) must be a finite number, not x",
      "network.kind (line 5, column 17 of e.yaml) there is no network called 'unit'; choose one of: unet",
      "optimizer.kind (line 6, column 19 of e.yaml) there is no optimizer called 'sdg'; choose one of: sgd, adam",
      "training.epochs (line 7, column 20 of e.yaml) must be a whole number, not the text \"5\"",
      "training.shards (line 7, column 33 of e.yaml) must be a power of two up to 1024, such as 2, not 3",
      "training.precision (line 7, column 47 of e.yaml) is half, which is no choice: "
        + "the choices are auto, float32, bfloat16",
      "training.patch (line 7, column 60 of e.yaml) must be a list such as [1, 2], not 5",
      "training.earlyStopping.patience (line 7, column 89 of e.yaml) must be a whole number, not x",
      "training.earlyStopping.oops (line 7, column 92 of e.yaml) is an unknown key",
      "augmentation.0 (line 8, column 16 of e.yaml) must be a mapping of keys and values, not flip",
      "augmentation.1.kind (line 8, column 22 of e.yaml) is missing: add it",
      "inference.weights (line 9, column 22 of e.yaml) is gausian, which is no choice: did you mean gaussian?",
      "inference.overlap (line 9, column 40 of e.yaml) must be at least 0 and below 1, not 1.0",
    ]
    #expect(faults.count == expected.count)
    for (fault, start) in zip(faults, expected) {
      #expect(fault.hasPrefix(start), "\(fault)")
    }
  }

  @Test(
    "a document that is no experiment is refused in one sentence",
    arguments: [
      ("schema: 1\nname: a\nname: b\n", "name (line", "more than once"),
      ("a: [1, 2\nb: 3", "The configuration (line 2", "is not YAML"),
      ("- 1\n- 2", "The configuration (line 1", "must be a mapping"),
      ("name: x", "schema", "add the line schema: 1"),
      ("schema: 2\nzzz: 1", "schema (line 1, column 9", "this program reads schema 1"),
      ("schema: '1'", "schema", "the text \"1\""),
      ("schema: 1\n? [a]\n: 1", "The configuration (line 2", "a key that is no text"),
      ("schema: 1\noptimizer: {kind: sgd, learningRate: 1}", "data.dataset", "is missing"),
      ("", "schema", "is missing"),
    ])
  func refused(yaml: String, start: String, part: String) {
    let faults = Self.faults(yaml)
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix(start) == true && faults.first?.contains(part) == true)
  }

  @Test("documents made to exhaust memory or the stack are refused")
  func hostile() {
    var bomb = "schema: 1\na0: &a0 [x]\n"
    for level in 1...30 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    #expect(Self.faults(bomb).first?.contains("nests too deeply or repeats") == true)
    let deep =
      "schema: 1\na: " + String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
    #expect(Self.faults(deep).first?.contains("nests too deeply") == true)
    let long = "schema: 1\na: " + String(repeating: "x", count: 1 << 20)
    #expect(Self.faults(long).first?.contains("mebibyte") == true)
  }

  @Test("every key can be overridden, with values in YAML")
  func overrides() throws {
    let configuration = try Self.load(
      Self.example,
      [
        "training.epochs=5", "training.patch=[8, 8]", "compute.threads=2", "name=x=y",
        "augmentation.1.probability=0.5", "data.folds.stratify=null", "training.epochs=7",
        "training.earlyStopping.patience=2",
      ])
    #expect(configuration.training.epochs == 7)
    #expect(configuration.training.patch == [8, 8])
    #expect(configuration.compute.threads == 2)
    #expect(configuration.name == "x=y")
    #expect(configuration.data.folds.stratify == nil)
    #expect(configuration.training.earlyStopping?.patience == 2)
    #expect(configuration.training.earlyStopping?.burnIn == 30)
    #expect(try configuration.resolvedYAML().contains("probability: 0.5\n"))
  }

  @Test(
    "a wrong override is named as it was given",
    arguments: [
      ("training.epoch=5", "training.epoch (--set training.epoch=5) is an unknown key"),
      ("training.epochs=x", "training.epochs (--set training.epochs=x) must be a whole number"),
      ("training.shards=6", "training.shards (--set training.shards=6) must be a power of two"),
      ("training", "The configuration (--set training) has an override without a value"),
      ("a..b=1", "The configuration (--set a..b=1) has an override with an empty key"),
      ("training.epochs.x=1", "training.epochs.x (--set training.epochs.x=1) is no key"),
      ("augmentation.7.x=1", "augmentation.7 (--set augmentation.7.x=1) is no element"),
      ("name=[", "name (--set name=[) is not YAML"),
    ])
  func wrongOverrides(override: String, start: String) {
    let faults = Self.faults(Self.example, [override])
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix(start) == true, "\(faults)")
  }

  @Test("a file that cannot be read is named")
  func file() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try ExperimentConfiguration.load(contentsOf: "/nowhere/e.yaml")
    }
    #expect(error?.description.contains("/nowhere/e.yaml") == true)
    let path = NSTemporaryDirectory() + "e-\(UUID().uuidString).yaml"
    try Self.example.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let configuration = try ExperimentConfiguration.load(contentsOf: path)
    #expect(try configuration == Self.load(Self.example))
  }

  @Test(
    "faults of meaning carry their path",
    arguments: [
      ("training.patch=[0, 8, 5000]", ["training.patch.0", "training.patch.2"]),
      ("training.patch=[8]", ["training.patch"]), ("training.epochs=0", ["training.epochs"]),
      ("training.shardSize=0", ["training.shardSize"]),
      ("training.foregroundFraction=1.5", ["training.foregroundFraction"]),
      ("training.clipNorm=0", ["training.clipNorm"]),
      ("training.earlyStopping={patience: 0}", ["training.earlyStopping.patience"]),
      ("data.folds.count=1", ["data.folds.count"]),
      ("data.folds.group=group", ["data.folds.group"]),
      ("data.labels=[a, a]", ["data.labels"]), ("compute.threads=0", ["compute.threads"]),
      ("preparation.orientation=RRS", ["preparation.orientation"]),
      ("preparation.orientation=RASX", ["preparation.orientation"]),
      ("preparation.spacing=[1, 0, 1]", ["preparation.spacing"]),
      ("inference.tileBatch=0", ["inference.tileBatch"]),
      ("training.validateEvery=-1", ["training.validateEvery"]),
    ])
  func meaning(override: String, paths: [String]) {
    let error = #expect(throws: ConfigurationError.self) {
      try Self.load(Self.example, [override])
    }
    #expect(error?.faults.map(\.path) == paths)
    #expect(error?.faults.allSatisfy { $0.mark == .override(override) } == true)
  }

  @Test("an empty section has its defaults, and an empty key of a scalar is a fault")
  func emptySections() throws {
    let yaml = "schema: 1\ndata: {dataset: x}\ntraining:\ninference:\n  overlap:\n"
    #expect(
      Self.faults(yaml + "optimizer: {kind: sgd, learningRate: 1}") == [
        "inference.overlap (line 5, column 11 of e.yaml) must be a finite number, or a list of one "
          + "for each axis."
      ])
  }
}
