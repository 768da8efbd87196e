import Compute
import CounterRandom
import Nets
import Testing

@Suite("Initializers")
struct InitializerTests {
  private func moments(
    _ initializer: any ParameterInitializer, _ shape: Shape
  ) -> (mean: Double, deviation: Double, largest: Double) {
    var values = [Float](repeating: 0, count: shape.count)
    var stream = RandomStream(seed: 3, "test")
    var span = values.mutableSpan
    initializer.fill(&span, shape: shape, using: &stream)
    let doubles = values.map(Double.init)
    let mean = doubles.reduce(0, +) / Double(doubles.count)
    let square = doubles.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(doubles.count)
    return (mean, square.squareRoot(), doubles.map(abs).max() ?? 0)
  }

  @Test("fans are PyTorch's, of transposed weights too")
  func fans() {
    // torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(64, 32, 3, 3, 3)) == (864, 1728)
    #expect(Fan([64, 32, 3, 3, 3]).input == 864 && Fan([64, 32, 3, 3, 3]).output == 1728)
    // The weight of ConvTranspose3d(64, 32, 2): (256, 512)
    #expect(Fan([64, 32, 2, 2, 2]).input == 256 && Fan([64, 32, 2, 2, 2]).output == 512)
    #expect(Fan([10, 20]).input == 20 && Fan([10, 20]).output == 10)
  }

  /// Initializer, expected standard deviation for [64, 32, 3, 3, 3], whether bounded (uniform).
  static let cases: [(any ParameterInitializer, Double, Bool)] = [
    (HeInitializer(), (2.0 / 864).squareRoot(), false),
    (HeInitializer(slope: 0.01), (2.0 / (1 + 1e-4) / 864).squareRoot(), false),
    (HeInitializer(slope: 1), (1.0 / 864).squareRoot(), false),
    (HeInitializer(distribution: .uniform), (2.0 / 864).squareRoot(), true),
    (XavierInitializer(), (2.0 / 2592).squareRoot(), true),
    (XavierInitializer(distribution: .normal, gain: 2), 2 * (2.0 / 2592).squareRoot(), false),
    (GaussianInitializer(standardDeviation: 0.03), 0.03, false),
  ]

  @Test("moments are those of the definition", arguments: cases)
  func hasMoments(initializer: any ParameterInitializer, deviation: Double, bounded: Bool) {
    let found = moments(initializer, [64, 32, 3, 3, 3])
    // 55296 draws: mean within 5 standard errors, deviation within 2 %.
    #expect(abs(found.mean) < 5 * deviation / 55296.0.squareRoot())
    #expect(abs(found.deviation / deviation - 1) < 0.02)
    let bound = deviation * 3.0.squareRoot()
    #expect(bounded ? found.largest <= bound * 1.000_001 : found.largest > 3 * deviation)
  }

  @Test("a network takes He's gain from its activation, and its biases from the constant")
  func networkInitializes() throws {
    var network = UNet()
    network.dimensions = 2
    network.features = 32
    network.levels = 2
    network.norm = .none
    network.activation = .selu
    network.biasConstant = 0.1
    let table = try NetworkGraphs.inference(network, input: [1, 1, 8, 8], classes: 2).parameters
    var values = [Float](repeating: .nan, count: table.elementCount)
    var span = values.mutableSpan
    table.initialize(&span, seed: 1)
    let weight = table[try #require(table.index(of: "center.conv2.weight"))]
    let bias = table[try #require(table.index(of: "center.conv2.bias"))]
    #expect(values[bias.range].allSatisfy { $0 == 0.1 })
    let square = values[weight.range].reduce(0.0) { $0 + Double($1) * Double($1) }
    // SELU: gain 1, fan in 64 · 9.
    #expect(abs(square / Double(weight.shape.count) * 576 - 1) < 0.03)
    var again = [Float](repeating: 0, count: table.elementCount)
    span = again.mutableSpan
    table.initialize(&span, seed: 1)
    #expect(again == values)
    span = again.mutableSpan
    table.initialize(&span, seed: 2)
    #expect(again != values)
  }
}
