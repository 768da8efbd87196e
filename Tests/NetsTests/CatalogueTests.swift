import Foundation
import Nets
import Testing

private func decode<C: Catalogue>(_ json: String) throws -> Choice<C> {
  try JSONDecoder().decode(Choice<C>.self, from: Data(json.utf8))
}

private func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch let error as DecodingError {
    switch error {
    case .dataCorrupted(let context), .keyNotFound(_, let context),
      .typeMismatch(_, let context), .valueNotFound(_, let context):
      return context.debugDescription
    @unknown default: return "\(error)"
    }
  } catch { return "\(error)" }
}

@Suite("Catalogues")
struct CatalogueTests {
  /// Every entry of every catalogue with nothing but its kind.
  static let choices: [(String, String)] =
    [
      (Networks.subject, Networks.catalogue), (Losses.subject, Losses.catalogue),
      (Optimizers.subject, Optimizers.catalogue), (Schedules.subject, Schedules.catalogue),
      (Initializers.subject, Initializers.catalogue),
    ].flatMap { subject, types in types.map { (subject, $0.kind) } }

  private func roundTrip<C: Catalogue>(_ catalogue: C.Type, _ kind: String) throws {
    let choice: Choice<C> = try decode("{\"kind\": \"\(kind)\"}")
    #expect(choice.kind == kind)
    let written = try JSONEncoder().encode(choice)
    #expect(try JSONDecoder().decode(Choice<C>.self, from: written) == choice)
    let keys = try JSONSerialization.jsonObject(with: written) as? [String: Any]
    #expect(keys?["kind"] as? String == kind)
  }

  @Test("the kind alone decodes, and what is written reads back as equal", arguments: choices)
  func kindIsEnough(subject: String, kind: String) throws {
    switch subject {
    case Networks.subject: try roundTrip(Networks.self, kind)
    case Losses.subject: try roundTrip(Losses.self, kind)
    case Optimizers.subject: try roundTrip(Optimizers.self, kind)
    case Schedules.subject: try roundTrip(Schedules.self, kind)
    default: try roundTrip(Initializers.self, kind)
    }
  }

  @Test("no two entries of a catalogue have the same kind")
  func kindsAreDistinct() {
    let names = Self.choices.map { "\($0.0).\($0.1)" }
    #expect(Set(names).count == names.count)
  }

  @Test("defaults have no fault, but for a sum that needs its terms", arguments: choices)
  func defaultsAreValid(subject: String, kind: String) throws {
    let json = "{\"kind\": \"\(kind)\"}"
    let problems =
      switch subject {
      case Networks.subject: try (decode(json) as NetworkChoice).problems()
      case Losses.subject: try (decode(json) as LossChoice).problems()
      case Optimizers.subject: try (decode(json) as OptimizerChoice).problems()
      case Schedules.subject: try (decode(json) as ScheduleChoice).problems()
      default: try (decode(json) as InitializerChoice).problems()
      }
    #expect(problems.map(\.key) == (kind == "sum" ? ["terms"] : []))
  }

  @Test("an unknown kind, a missing kind and an unknown option name what is valid")
  func errorsListNames() {
    let unknown = message { _ = try decode("{\"kind\": \"unett\"}") as NetworkChoice }
    let names = Networks.catalogue.map { $0.kind }.joined(separator: ", ")
    #expect(unknown == "there is no network called 'unett'; choose one of: " + names)
    #expect(names.hasPrefix("unet"))
    let missing = message { _ = try decode("{\"power\": 1}") as ScheduleChoice }
    #expect(
      missing
        == "the schedule needs a kind, one of: constant, step, polynomial, cosine, exponential, plateau"
    )
    let option = message {
      _ = try decode("{\"kind\": \"unet\", \"norm\": \"bach\"}") as NetworkChoice
    }
    #expect(option == "'bach' is not one of: batch, instance, none")
  }

  @Test("a number for every axis, or a list of them, reads and writes as it was written")
  func axes() throws {
    let choice: NetworkChoice = try decode(
      """
      {"kind": "unet", "kernel": [3, 3, 1], "upKernel": 4, "levels": 3, "strides": [2, [2, 2, 1]]}
      """)
    let network = try #require(choice.value as? UNet)
    #expect(network.kernel == [3, 3, 1] && network.upKernel == 4)
    #expect(network.strides == [2, [2, 2, 1]])
    #expect(network.kernel != 3 && PerAxis(3) != PerAxis([3]))
    let again = try JSONDecoder().decode(
      NetworkChoice.self, from: JSONEncoder().encode(choice))
    #expect(again == choice)
    #expect(throws: DecodingError.self) {
      try decode("{\"kind\": \"unet\", \"kernel\": \"big\"}") as NetworkChoice
    }
  }

  @Test("losses nest, with options at every level")
  func lossesNest() throws {
    let choice: LossChoice = try decode(
      """
      {"kind": "sum", "terms": [
        {"weight": 0.5, "loss": {"kind": "dice", "squared": true, "absentClasses": "skip"}},
        {"loss": {"kind": "crossEntropy", "classWeights": [1, 0]}}]}
      """)
    let sum = try #require(choice.value as? SumLoss)
    let dice = try #require(sum.terms[0].loss.value as? DiceLoss)
    #expect(sum.terms[0].weight == 0.5 && sum.terms[1].weight == 1)
    #expect(dice.options.squared && dice.options.absentClasses == .skip)
    #expect(!dice.options.includeBackground)
    #expect(
      sum.problems(classes: 3).map(\.key).sorted() == [
        "terms.1.loss.classWeights", "terms.1.loss.classWeights",
      ])
  }

  @Test("every fault of a section is found at once")
  func problemsAreCollected() {
    var network = UNet()
    network.dimensions = 4
    network.features = 0
    network.kernel = [3, 3]
    network.sideOutputs = 3
    network.dropout = 1
    network.strides = [2, [2, 2, 1]]
    #expect(
      Set(network.problems().map(\.key)) == [
        "dimensions", "features", "kernel", "sideOutputs", "dropout", "strides", "strides.1",
      ])
    var optimizer = SGDOptimizer()
    optimizer.momentum = 1
    optimizer.learningRate = -1
    #expect(optimizer.problems().map(\.key) == ["learningRate", "momentum"])
  }
}
