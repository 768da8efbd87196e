import Compute
import ComputeTestSupport
import Testing

@Suite("The catalogue of cases")
struct CatalogueTests {
  @Test("has no name twice")
  func names() {
    let names = OpCase.catalogue.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test("traces, differentiates, and runs in the reference", arguments: OpCase.catalogue)
  func runs(_ row: OpCase) throws {
    let graph = try row.graph()
    let result = try row.values(for: graph).runReference(graph)
    let y = try #require(result.outputs["y"])
    #expect(y.values.allSatisfy { $0.isFinite })
    #expect(y.values.contains { $0 != 0 })
    if row.isDifferentiable {
      let differentiated = try row.graph(differentiated: true)
      for (entry, gradient) in zip(differentiated.parameters.entries, differentiated.gradients) {
        #expect(gradient?.shape.count == entry.shape.count, "\(entry.name)")
      }
    } else {
      #expect(throws: GraphError.self) { try row.graph(differentiated: true) }
    }
  }

  @Test("has a row for every forward operation")
  func complete() throws {
    let names = try Set(
      OpCase.catalogue.flatMap { row in try row.graph().nodes.map(\.operation.name) })
    let expected: Set = [
      "add", "averagePooling", "batchDeviationNormalization", "batchNormalization",
      "binaryCrossEntropy", "concatenate",
      "constant", "convert",
      "convolution", "crossEntropy", "divide", "elu", "fill",
      "givenDeviationNormalization", "givenNormalization", "indexedPooling",
      "instanceNormalization", "leakyReLU",
      "linearResample", "logarithm", "maximumPooling",
      "multiply", "nearestResample", "overlapSums", "padCrop", "power",
      "prelu", "relu", "reshape",
      "scaleShift", "sigmoid", "softmax", "sum", "tanh", "transposedConvolution", "unpooling",
    ]
    #expect(names == expected)
  }
}
