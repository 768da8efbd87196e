import Foundation
import Testing

@testable import Volumes

@Suite("The page on augmentation")
struct AugmentationPageTests {
  static let page = Result {
    try String(
      contentsOf: Place.root.appending(path: "docs/augmentation.md"), encoding: .utf8)
  }

  /// The part of the page that explains a kind.
  private func section(_ kind: String) throws -> Substring {
    let page = try Self.page.get()
    let start = try #require(page.range(of: "\n### \(kind)\n"), "\(kind) is not explained")
    let rest = page[start.upperBound...]
    return rest[..<(rest.range(of: "\n##")?.lowerBound ?? rest.endIndex)]
  }

  @Test("every kind is explained: all its keys with their defaults, and a picture")
  func complete() throws {
    for type in Augmentations.catalogue {
      let section = try section(type.kind)
      #expect(section.contains("![\(type.kind)](pictures/augmentation/\(type.kind).png)"))
      let coded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(type.init()))
      let settings = try #require(coded as? [String: Any])
      var found: Set<String> = []
      for match in section.matches(of: /\| `(\w+)` \| `([^`]*)` \|/) {
        let key = String(match.1)
        found.insert(key)
        let written = try JSONSerialization.jsonObject(
          with: Data(quoted(String(match.2)).utf8), options: .fragmentsAllowed)
        let isEqual = try same(written, #require(settings[key], "\(type.kind) has no \(key)"))
        #expect(isEqual, "\(type.kind).\(key) is \(settings[key] ?? "absent")")
      }
      #expect(found == Set(settings.keys), "\(type.kind)")
    }
  }

  /// Names stand on the page as in YAML, without quotation marks.
  private func quoted(_ value: String) -> String {
    let isName = value.first?.isLetter == true && !["true", "false"].contains(value)
    return isName ? "\"\(value)\"" : value
  }

  /// Whether two values are equal, numbers in single precision.
  private func same(_ a: Any, _ b: Any) -> Bool {
    if let a = a as? [Any], let b = b as? [Any] {
      return a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
    }
    if let a = a as? String { return a == b as? String }
    guard let a = a as? NSNumber, let b = b as? NSNumber else { return false }
    return a.floatValue == b.floatValue
  }

  @Test("the pictures are those that segmpi augment makes, and small")
  func pictures() throws {
    let folder = Place.root.appending(path: "docs/pictures/augmentation")
    let pictures = try AugmentationGallery().pictures()
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(files) == Set(pictures.map { "\($0.name).png" }))
    #expect(pictures.count == Augmentations.catalogue.count)
    var bytes = 0
    for picture in pictures {
      let content = try contents(folder.appending(path: "\(picture.name).png").path)
      bytes += content.count
      let kept = try PNGImage(png: content, named: picture.name)
      try #require(kept.width == picture.image.width && kept.height == picture.image.height)
      // Another C library may round a sine, and so a gray, differently.
      let differing = zip(kept.bytes, picture.image.bytes).filter {
        abs(Int($0) - Int($1)) > 1
      }
      #expect(differing.count < kept.bytes.count / 1000, "\(picture.name) is out of date")
    }
    #expect(bytes < 1_000_000)
  }
}
