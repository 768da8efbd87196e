/// Colors and type of figures.
///
/// Every shape carries its color for light paper as an attribute, so that any program that reads SVG
/// shows it, and a class, by which ``css`` gives it another color where the reader asks for dark
/// pages. Series differ by Okabe and Ito's colors, which people of every color vision tell apart
/// (Color Universal Design, 2008), a shade darker or lighter where the paper asks for it.
public enum FigureStyle {
  /// The colors of series, for light paper and for dark.
  static let series: [(light: String, dark: String)] = [
    ("#0072b2", "#58a9e6"), ("#d55e00", "#ff8a4c"), ("#00855f", "#2fc99a"),
    ("#b0528a", "#e59cc4"), ("#a87400", "#f0b93a"), ("#4d4d4d", "#c9c9c9"),
    ("#3a9bd9", "#a9dcff"),
  ]

  /// Classes that are not of a series: name, property, light, dark.
  private static let others: [(name: String, property: String, light: String, dark: String)] = [
    ("paper", "fill", "#ffffff", "#16181c"), ("ink", "fill", "#1b1f24", "#e8eaed"),
    ("muted", "fill", "#57606a", "#a4abb6"), ("grid", "stroke", "#e3e6ea", "#30353d"),
    ("axis", "stroke", "#8c959f", "#707884"), ("aid", "stroke", "#8c959f", "#8b93a0"),
  ]

  /// The style sheet that follows the reader's wish for light or dark; holds neither `<` nor `&`.
  ///
  /// A page that shows many figures has it once; a figure in a file of its own holds it itself.
  public static let css: String = {
    var rules = series.enumerated().map { index, color in
      ".fig .l\(index){stroke:\(color.dark)}.fig .f\(index){fill:\(color.dark)}"
    }
    rules += others.map { ".fig .\($0.name){\($0.property):\($0.dark)}" }
    return "@media screen and (prefers-color-scheme:dark){" + rules.joined() + "}"
  }()

  /// The font of all texts.
  static let font = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

  /// How a class is drawn.
  static func paint(_ name: String) -> [Markup.Attribute] {
    guard let other = others.first(where: { $0.name == name }) else { return [] }
    return [.init("class", name), .init(other.property, other.light)]
  }

  /// A series' color as the color of lines.
  static func line(_ index: Int) -> [Markup.Attribute] {
    let place = index % series.count
    return [.init("class", "l\(place)"), .init("stroke", series[place].light)]
  }

  /// A series' color as the color of areas.
  static func fill(_ index: Int) -> [Markup.Attribute] {
    let place = index % series.count
    return [.init("class", "f\(place)"), .init("fill", series[place].light)]
  }

  /// The dashes of a series' line: drawn through for as many series as there are colors, then
  /// broken, so that no two of the first 28 look alike.
  static func dashes(_ index: Int) -> String? {
    [nil, "6 3", "2 3", "8 3 2 3"][index / series.count % 4]
  }

  /// About how wide a text is, in units of the figure: nobody can ask a font here, and what depends
  /// on it (margins, legends) has room to spare.
  static func width(of text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x2E80 ? 0.57 : 1) * size }
  }
}
