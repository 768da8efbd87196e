/// Finds what a misspelled word was meant to be.
enum NearestKey {
  /// The candidate with the fewest edits from `word`, when it is near enough to be meant: at most a
  /// third of the word, letter case ignored. Ties go to the first in alphabetical order.
  static func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(1, word.count / 3)
    let nearest = candidates.sorted().map {
      (key: $0, edits: edits(from: word.lowercased(), to: $0.lowercased()))
    }.min { $0.edits < $1.edits }
    guard let nearest, nearest.edits <= limit else { return nil }
    return nearest.key
  }

  /// The remedy for a word that is none of `candidates`: the nearest, or all of them.
  static func remedy(for word: String, among candidates: [String], plural: String) -> String {
    if let suggestion = suggestion(for: word, among: candidates) {
      return "did you mean \(suggestion)?"
    }
    return candidates.isEmpty
      ? "there are no \(plural) here" : "\(plural) are \(candidates.joined(separator: ", "))"
  }

  /// The Damerau-Levenshtein distance (optimal string alignment): insertions, deletions,
  /// substitutions and swaps of neighbors.
  ///
  /// - Complexity: O(`from.count` · `to.count`).
  static func edits(from: String, to: String) -> Int {
    let (source, target) = (Array(from), Array(to))
    var beforeLast: [Int] = []
    var last = Array(0...target.count)
    for row in 0..<source.count {
      var current = [row + 1]
      for column in 0..<target.count {
        let substitution = last[column] + (source[row] == target[column] ? 0 : 1)
        var best = min(substitution, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, source[row] == target[column - 1],
          source[row - 1] == target[column]
        {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[target.count]
  }
}
