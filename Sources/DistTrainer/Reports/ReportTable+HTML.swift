internal import Evaluation

extension ReportTable {
  /// The table as an element of the page, shown only when asked for where it is folded; its heads
  /// are buttons that sort.
  func html(isFolded: Bool = false) -> Markup {
    let head = Markup.tag(
      "thead", [:],
      [
        .tag(
          "tr", [:],
          columns.map { column in
            .tag(
              "th", ["scope": "col", "class": column.isNumeric ? "n" : "t"],
              [.tag("button", ["type": "button"], text: column.title)])
          })
      ])
    let body = Markup.tag(
      "tbody", [:],
      rows.map { row in
        .tag(
          "tr", [:],
          zip(columns, row).map { column, cell in
            var attributes = [Markup.Attribute("class", column.isNumeric ? "n" : "t")]
            if let key = cell.sortKey { attributes.append(.init("data-v", "\(key)")) }
            return .element("td", attributes, [.text(cell.shown)])
          })
      })
    // A table may be wider than a phone: it scrolls by itself, by keys too.
    let scroll = Markup.tag(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": title],
      [.tag("table", ["class": "sortable"], [head, body])])
    let caption = Markup.tag("p", ["class": "caption"], text: self.caption)
    guard isFolded else {
      return .tag(
        "div", ["class": "table", "id": name], [.tag("h3", text: title), scroll, caption])
    }
    return .tag(
      "details", ["class": "table", "id": name],
      [.tag("summary", text: "\(title) (\(rows.count) rows)"), scroll, caption])
  }
}
