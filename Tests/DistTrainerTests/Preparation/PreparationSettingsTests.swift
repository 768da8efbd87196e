import DistTrainer
import Testing
import Volumes

@Suite struct PreparationSettingsTests {
  static func load(_ overrides: [String]) throws -> ExperimentConfiguration {
    try .load(
      yaml: ExperimentConfigurationTests.example, name: "e.yaml", overrides: overrides)
  }

  @Test(
    "every way to write a preparation reads, and its resolved form is the same bytes again",
    arguments: [
      ["preparation.crop=nonZero"], ["preparation.crop={kind: nonZero, margin: 2}"],
      ["preparation.crop={kind: slices, axis: 2, count: 48}", "preparation.size=[256, 256, null]"],
      ["preparation.crop={kind: centerOfMass, shape: [160, 144, 128]}"],
      ["preparation.crop={kind: center, shape: [160, 288, 288]}"],
      ["preparation.spacing=median", "preparation.coarseAxis=separate"],
      ["preparation.spacing=[1, null, 2.5]", "preparation.interpolation=cubic"],
      ["preparation.restore=cubic"], ["preparation.normalization={kind: nyul}"],
      ["preparation.normalization=[{kind: clip}, {kind: zscore, region: nonZero}]"],
      ["preparation.normalization={kind: outlierZscore, maximum: 0.01, replacement: mean}"],
      ["preparation.normalization={kind: rescale, percentiles: [1, 99]}"],
      ["preparation.normalization={kind: clip, values: [null, 300]}"],
      ["preparation.normalization.region=nonZero"], ["preparation.patch={kind: zscore}"],
    ])
  func resolved(overrides: [String]) throws {
    let once = try Self.load(overrides)
    let text = try once.resolvedYAML()
    let twice = try ExperimentConfiguration.load(yaml: text)
    #expect(twice == once)
    #expect(try twice.resolvedYAML() == text)
    let plain = try Self.load([])
    #expect(once.preparation != plain.preparation)
  }

  @Test(
    "a fault in a preparation is named with its key, and alone",
    arguments: [
      ("preparation.crop=middle", "preparation.crop"),
      ("preparation.crop={kind: middle}", "preparation.crop.kind"),
      ("preparation.crop={kind: center, shap: [1, 1, 1]}", "preparation.crop.shap"),
      ("preparation.crop={kind: center, shape: [1, 1]}", "preparation.crop.shape"),
      ("preparation.spacing=mean", "preparation.spacing"),
      ("preparation.spacing=[1, 2]", "preparation.spacing"),
      ("preparation.interpolation=quintic", "preparation.interpolation"),
      ("preparation.coarseAxis=apart", "preparation.coarseAxis"),
      ("preparation.normalization={kind: z}", "preparation.normalization.kind"),
      ("preparation.normalization=[{kind: clip, value: 1}]", "preparation.normalization.0.value"),
      ("preparation.normalization.percentiles=[9, 1]", "preparation.normalization.percentiles"),
      ("preparation.size=[1, 2]", "preparation.size"),
      ("preparation.patch={kind: nyul}", "preparation.patch"),
    ])
  func faults(override: String, path: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try Self.load([override]) }
    #expect(error?.faults.map(\.path) == [path], "\(String(describing: error))")
  }
}
