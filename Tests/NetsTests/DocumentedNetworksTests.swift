import Compute
import Foundation
import Nets
import Testing

/// A row of a table in `docs/networks.md` that states a configuration.
struct DocumentedNetwork: CustomTestStringConvertible {
  let configuration: String
  let channels: Int
  let classes: Int
  let parameters: Int

  var testDescription: String { configuration }

  /// The rows of the page.
  static func all() throws -> [DocumentedNetwork] {
    let page = Fixture.folder.resolvingSymlinksInPath()
      .appending(path: "../../../docs/networks.md").standardized
    let row = /\| `(\{kind: [^`]+\})` \| (\d+) \| (\d+) \| ([\d,]+) \|/
    return try String(contentsOf: page, encoding: .utf8).matches(of: row).map { match in
      let number = String(match.4).replacing(",", with: "")
      return DocumentedNetwork(
        configuration: String(match.1), channels: try #require(Int(match.2)),
        classes: try #require(Int(match.3)), parameters: try #require(Int(number)))
    }
  }

  /// The network; words become strings, as they are in YAML.
  func network() throws -> any NetworkConfiguration {
    let json = configuration.replacing(/\b[A-Za-z]\w*/) { word in
      ["true", "false"].contains(word.output) ? String(word.output) : "\"\(word.output)\""
    }
    return try JSONDecoder().decode(NetworkChoice.self, from: Data(json.utf8)).value
  }
}

@Suite("Documented networks")
struct DocumentedNetworksTests {
  @Test("a network has as many parameters as docs/networks.md says")
  func counts() throws {
    let rows = try DocumentedNetwork.all()
    #expect(rows.count >= 14)
    for row in rows {
      let network = try row.network()
      #expect(network.problems().isEmpty, "\(row.configuration)")
      let graph = try NetworkGraphs.inference(
        network, input: Shape([1, row.channels] + network.patchMultiple.map { max(64, $0) }),
        classes: row.classes)
      #expect(graph.parameters.trainableCount == row.parameters, "\(row.configuration)")
    }
  }
}
