import Foundation
import FoundationXML

/// An element as libxml2 reads it: the oracle for what is written.
final class ParsedXML: NSObject {
  let name: String
  let attributes: [String: String]
  private(set) var children: [ParsedXML] = []
  private(set) var text = ""

  private init(name: String, attributes: [String: String]) {
    self.name = name
    self.attributes = attributes
  }

  /// The root element of a document.
  ///
  /// - Throws: libxml2's complaint about a text that is not well-formed.
  static func parse(_ text: String) throws -> ParsedXML {
    let parser = XMLParser(data: Data(text.utf8))
    let reader = Reader()
    parser.delegate = reader
    guard parser.parse(), let root = reader.root else {
      throw parser.parserError ?? CocoaError(.fileReadCorruptFile)
    }
    return root
  }

  /// This element and all below it.
  var all: [ParsedXML] { [self] + children.flatMap(\.all) }

  /// The elements of a name, with an attribute's value where one is given.
  func elements(_ name: String, _ attribute: String? = nil, _ value: String? = nil) -> [ParsedXML] {
    all.filter {
      $0.name == name && (attribute == nil || $0.attributes[attribute ?? ""] == value)
    }
  }

  /// A number among the attributes.
  func number(_ attribute: String) -> Double {
    attributes[attribute].flatMap(Double.init) ?? .nan
  }

  /// The points of a path, runs joined.
  var points: [SIMD2<Double>] {
    (attributes["d"] ?? "").split { "MLZ".contains($0) }.map { pair in
      let numbers = pair.split(separator: " ").compactMap { Double($0) }
      return SIMD2(numbers[0], numbers[1])
    }
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: ParsedXML?
    private var open: [ParsedXML] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      let element = ParsedXML(name: name, attributes: attributes)
      if let parent = open.last { parent.children.append(element) } else { root = element }
      open.append(element)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) { open.removeLast() }
  }
}
