internal import Evaluation
internal import Foundation

/// The page of a report: one file that needs no other and no network.
struct ReportPage {
  /// A part of the page with its heading.
  struct Section {
    /// What links lead to.
    var name: String
    var title: String
    var content: [Markup]
  }

  var title: String
  /// What the reader must know before anything else, a sentence each.
  var notices: [String]
  var sections: [Section]

  /// The file's text, which is HTML and well-formed XML.
  var text: String {
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    let head = Markup.tag(
      "head", [:],
      [
        .tag("meta", ["charset": "utf-8"]),
        .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        .tag("meta", ["name": "color-scheme", "content": "light dark"]),
        // Whatever a name may smuggle in, the browser fetches nothing.
        .tag("meta", ["http-equiv": "Content-Security-Policy", "content": policy]),
        .tag("link", ["rel": "icon", "href": "data:,"]),
        .tag("title", text: title),
        .tag("style", [:], [.literal(ReportStyle.css)]),
      ])
    let links = sections.map { section in
      Markup.tag("li", [:], [.tag("a", ["href": "#\(section.name)"], text: section.title)])
    }
    let header = Markup.tag(
      "header", [:],
      [
        .tag("h1", text: title),
        .tag("nav", ["aria-label": "Sections"], [.tag("ul", [:], links)]),
      ])
    let body = Markup.tag(
      "body", [:],
      [
        .tag(
          "main", [:],
          [header] + notices.map { .tag("p", ["class": "notice", "role": "note"], text: $0) }
            + sections.map { section in
              .tag(
                "section", ["id": section.name, "aria-label": section.title],
                [.tag("h2", text: section.title)] + section.content)
            }),
        .tag("script", [:], [.literal(ReportStyle.script)]),
      ])
    return "<!DOCTYPE html>\n" + Markup.tag("html", ["lang": "en"], [head, body]).written + "\n"
  }

  /// Figures side by side.
  static func figures(_ figures: [NamedFigure]) -> Markup {
    .tag(
      "div", ["class": "figures"], figures.map { .tag("figure", [:], [$0.figure.inline]) })
  }

  /// What the names of metrics stand for; nil where nobody says.
  static func definitions(_ runs: [ReportedRun]) -> Markup? {
    guard let entries = runs.lazy.map(\.definitions).first(where: { !$0.isEmpty }) else {
      return nil
    }
    let list = entries.flatMap { entry -> [Markup] in
      [.tag("dt", text: entry.name), .tag("dd", text: entry.meaning)]
    }
    return .tag(
      "details", [:], [.tag("summary", text: "What the names stand for"), .tag("dl", [:], list)])
  }

  /// What made a run.
  static func provenance(_ run: ReportedRun) -> Markup {
    var entries: [(String, String)] = [("folder", run.folder.path)]
    for (index, part) in run.provenance.enumerated() {
      let name = run.provenance.count > 1 ? "part \(index + 1), " : ""
      let hosts = Set(part.hosts).sorted().joined(separator: ", ")
      entries += [
        ("\(name)started", part.started),
        ("\(name)command", part.command.joined(separator: " ")),
        (
          "\(name)computed by",
          "\(part.ranks) \(part.ranks == 1 ? "rank" : "ranks") of \(part.threads) "
            + "\(part.threads == 1 ? "thread" : "threads") on \(hosts), "
            + "\(part.precision), \(part.instructionSet)"
        ),
      ]
      if let step = part.continuedAfterStep {
        entries.append(("\(name)continued after step", "\(step)"))
      }
      entries += part.versions.sorted { $0.key < $1.key }.map { ("\(name)\($0.key)", $0.value) }
      entries += part.seeds.sorted { $0.key < $1.key }.map {
        ("\(name)seed of \($0.key)", $0.value)
      }
      entries += part.hashes.sorted { $0.key < $1.key }
        .map { ("\(name)SHA-256 of \($0.key)", $0.value) }
    }
    return .tag(
      "details", [:],
      [
        .tag("summary", text: "What made \(run.name)"),
        .tag(
          "dl", [:], entries.flatMap { [.tag("dt", text: $0.0), .tag("dd", text: $0.1)] }),
        .tag("pre", ["tabindex": "0"], text: run.yaml),
      ])
  }

  /// What the colors of overlays mean.
  static let key = Markup.tag(
    "ul", ["class": "key"],
    [
      (Agreement.truePositive, "in both (true positive)"),
      (.falsePositive, "in the prediction only (false positive)"),
      (.falseNegative, "in the reference only (false negative)"),
      (.otherLabel, "in both, with unlike labels"),
    ].map { agreement, meaning in
      .tag(
        "li", [:],
        [.tag("i", ["style": "background:\(agreement.cssColor)"]), .text(meaning)])
    })

  /// A subject with its pictures; of those that `isShown` turns down, only what they show is said.
  static func subject(
    _ subject: SubjectPictures.Subject, isShown: (SubjectPictures.Picture) -> Bool
  ) -> Markup {
    let dice = subject.dice.map { entry in
      "\(entry.structure) \(entry.value.map { DecimalText.fixed($0, decimals: 4) } ?? "undefined")"
    }
    var content: [Markup] = [
      .tag("h4", text: subject.name),
      .tag("p", text: "fold \(subject.fold); Dice: \(dice.joined(separator: ", "))"),
    ]
    if let fault = subject.fault { content.append(.tag("p", text: "No pictures: \(fault)")) }
    let figures = subject.pictures.map { picture -> Markup in
      let caption = "\(picture.plane.name), slice \(picture.slice) of \(picture.slices)"
      let image: Markup =
        isShown(picture)
        ? .tag(
          "img",
          [
            "src": "data:image/png;base64,\(Data(picture.png).base64EncodedString())",
            "width": "\(picture.width)", "height": "\(picture.height)", "loading": "lazy",
            "decoding": "async", "alt": "\(subject.name), \(caption)",
          ]) : .tag("p", text: "overlays/\(picture.file)")
      return .tag("figure", [:], [image, .tag("figcaption", text: caption)])
    }
    if !figures.isEmpty { content.append(.tag("div", ["class": "planes"], figures)) }
    return .tag("div", ["class": "subject"], content)
  }
}
