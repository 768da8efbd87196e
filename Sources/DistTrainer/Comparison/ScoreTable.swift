internal import Evaluation
internal import Foundation

/// Scores with their truths from a table: what any classifier, of voxels or of patients, gave.
public struct ScoreTable: Sendable {
  /// The columns to read, and what counts as positive.
  public struct Columns: Sendable {
    /// The column of scores; a higher one speaks for a positive.
    public var score = "score"
    /// The column of truths.
    public var truth = "truth"
    /// The truth that is positive, all others being negative; nil takes 1 and `true` as positive
    /// and 0 and `false` as negative.
    public var positive: String?

    /// The defaults.
    public init() {}
  }

  /// Where the table lies.
  public let path: String
  /// The scores, in the order of the rows.
  let scores: [Double]
  /// Whether each is of a positive.
  let truths: [Bool]
  /// The subject of each, where the table has a column `subject`.
  let subjects: [String]?
  /// The fold of each, where the table has a column `fold`.
  let folds: [String]?

  /// Reads a table.
  ///
  /// - Throws: ``ComparisonError`` that names the line of what is no score or no truth.
  public init(contentsOf path: String, columns: Columns = Columns()) throws(ComparisonError) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ComparisonError([
        "\(path) cannot be read as text: name a table with the columns \(columns.score) and "
          + "\(columns.truth)."
      ])
    }
    var rows: [(line: Int, fields: [String])]
    do {
      rows = try CSV.rows(of: text)
    } catch {
      throw ComparisonError(["\(path): \(error)"])
    }
    rows.removeAll { $0.fields[0].hasPrefix("#") }
    guard let heading = rows.first?.fields, rows.count > 1 else {
      throw ComparisonError(["\(path) has no row of scores: add them below a heading."])
    }
    func place(_ column: String) throws(ComparisonError) -> Int {
      if let place = heading.firstIndex(of: column) { return place }
      throw ComparisonError([
        "\(path) has no column \(column): "
          + NearestKey.sentence(for: column, among: heading, plural: "its columns")
      ])
    }
    let (scorePlace, truthPlace) = (try place(columns.score), try place(columns.truth))
    var (scores, truths): ([Double], [Bool]) = ([], [])
    for row in rows.dropFirst() {
      guard row.fields.count == heading.count else {
        throw ComparisonError([
          "Line \(row.line) of \(path) has \(row.fields.count) fields and the heading "
            + "\(heading.count): mend the table."
        ])
      }
      guard let score = Double(row.fields[scorePlace]), score.isFinite else {
        throw ComparisonError([
          "Line \(row.line) of \(path) has the score \(row.fields[scorePlace]), which is not a "
            + "finite number: a curve needs every score; mend the line or leave it out."
        ])
      }
      guard let truth = Self.truth(row.fields[truthPlace], columns.positive) else {
        throw ComparisonError([
          "Line \(row.line) of \(path) has the truth \(row.fields[truthPlace]), which is neither "
            + "0 nor 1: say with --positive which value is positive."
        ])
      }
      scores.append(score)
      truths.append(truth)
    }
    self.path = path
    self.scores = scores
    self.truths = truths
    func names(_ column: String) -> [String]? {
      heading.firstIndex(of: column).map { place in rows.dropFirst().map { $0.fields[place] } }
    }
    subjects = names("subject")
    folds = names("fold")
  }

  private static func truth(_ text: String, _ positive: String?) -> Bool? {
    if let positive { return text == positive }
    switch text.lowercased() {
    case "1", "true": return true
    case "0", "false": return false
    default: return nil
    }
  }

  /// The curve of the rows that `names` puts together, by name in case order; `nil` without names.
  func curves(by names: [String]?) throws -> [(name: String, curve: ScoreCurve)]? {
    guard let names else { return nil }
    var groups: [String: (scores: [Double], truths: [Bool])] = [:]
    for (index, name) in names.enumerated() {
      groups[name, default: ([], [])].scores.append(scores[index])
      groups[name, default: ([], [])].truths.append(truths[index])
    }
    return try groups.sorted { $0.key.precedes($1.key) }.map { name, group in
      (name, try ScoreCurve(scores: group.scores.span, truths: group.truths.span))
    }
  }
}
