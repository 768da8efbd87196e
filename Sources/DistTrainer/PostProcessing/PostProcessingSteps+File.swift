internal import Evaluation
internal import Foundation
public import Nets

extension [PostProcessingChoice] {
  /// Reads the steps that ``PostProcessingSearch`` chose.
  ///
  /// - Parameter path: its file, or the folder of the run that it was asked about.
  /// - Throws: ``PostProcessingError`` for a file that is missing or something else.
  public init(contentsOf path: String) throws {
    let file =
      VolumeNames.exists(path.appending(file: "."))
      ? RunFolder(path).crossValidation.postProcessing : path
    guard let data = FileManager.default.contents(atPath: file) else {
      throw PostProcessingError(
        "There is no \(file): let segmpi postprocess --determine choose the steps of a run first, "
          + "or mend the path.")
    }
    do {
      self = try JSONDecoder().decode(StepsDocument.self, from: data).postprocessing
    } catch {
      throw PostProcessingError(
        "\(file) is not a list of steps of post-processing: name a file that segmpi postprocess "
          + "--determine wrote.")
    }
    for (index, step) in enumerated() {
      if let problem = step.problems().first {
        throw PostProcessingError("\(file): postprocessing.\(index).\(problem).")
      }
    }
  }

  /// The steps as configuration and files have them.
  ///
  /// - Throws: `EncodingError` for a size that is not finite.
  func json() throws -> JSONValue {
    .array(try map { try ConfigurationNode(encoding: $0).json })
  }
}

/// What of the file is read.
private struct StepsDocument: Decodable {
  var postprocessing: [PostProcessingChoice]
}

extension ResultFolder {
  /// `postprocessing.json`: the steps that improve the validation predictions.
  public var postProcessing: String { path.appending(file: "postprocessing.json") }
}

extension ConfigurationNode {
  /// The node as JSON; a text in quotes stays one.
  var json: JSONValue {
    switch content {
    case .null: .null
    case .sequence(let elements): .array(elements.map(\.json))
    case .mapping(let entries): .object(entries.map { ($0.key, $0.value.json) })
    case .scalar(let text, let isQuoted):
      if isQuoted {
        .string(text)
      } else if let flag = Bool(text) {
        .bool(flag)
      } else if let integer = Int(text) {
        .integer(integer)
      } else if let number = Double(text) {
        .number(number)
      } else {
        .string(text)
      }
    }
  }
}

/// Why segmentations cannot be post-processed.
public struct PostProcessingError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}
