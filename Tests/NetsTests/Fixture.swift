import Compute
import Foundation

/// Files that `Tests/Fixtures/nets/make_fixtures.py` made.
enum Fixture {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/nets")

  /// The tensors of a fixture.
  static func load(_ name: String) throws -> Safetensors {
    let data = try Data(contentsOf: folder.appending(path: "\(name).safetensors"))
    return try Safetensors(reading: Array(data))
  }

  /// Parameter names and shapes, one a line, sorted.
  static func names(_ name: String) throws -> [String] {
    try String(contentsOf: folder.appending(path: "names/\(name).txt"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }
}

extension Safetensors {
  /// The elements of a float32 tensor that must be there.
  func floats(_ name: String) throws -> [Float] {
    guard let values = tensors[name]?.floats else {
      throw SafetensorsError("the fixture lacks \(name)")
    }
    return values
  }

  /// The elements of a byte tensor that must be there.
  func bytes(_ name: String) throws -> [UInt8] {
    guard let tensor = tensors[name], tensor.type == .uint8 else {
      throw SafetensorsError("the fixture lacks \(name)")
    }
    return tensor.bytes
  }

  /// The shape of a tensor that must be there.
  func shape(_ name: String) throws -> Shape {
    guard let tensor = tensors[name] else { throw SafetensorsError("the fixture lacks \(name)") }
    return Shape(tensor.shape)
  }
}

/// ‖a - b‖ / ‖b‖ in double precision.
func relativeError(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
  precondition(a.count == b.count, "tensors of unlike size")
  var (difference, size) = (0.0, 0.0)
  for (x, y) in zip(a, b) {
    difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
    size += Double(y) * Double(y)
  }
  return size == 0 ? difference.squareRoot() : (difference / size).squareRoot()
}

extension Plan {
  /// Fills a dense input.
  func fill(_ input: String, _ values: [Float]) { write(values.span, to: input) }

  /// Fills a label input.
  func fill(_ input: String, _ labels: [UInt8]) { write(labels.span, to: input) }

  /// An output's elements.
  func floats(_ output: String, count: Int) -> [Float] {
    var values = [Float](repeating: .nan, count: count)
    var span = values.mutableSpan
    read(output, into: &span)
    return values
  }
}
