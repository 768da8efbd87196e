/// When each parameter's gradient is known for good, within a run.
struct GradientSchedule {
  /// Element ranges of the gradient arena, padding included, by the step after which nothing
  /// touches them; together they are the whole arena.
  private let known: [Int: [Range<Int>]]

  init(_ table: ParameterTable, storages: [MemoryPlanner.Storage]) {
    // By the place in the arena; an entry's gradient may be named by several storages.
    var last: [Int: Int] = [:]
    for storage in storages where storage.region == .gradients {
      guard let lifetime = storage.lifetime else { continue }
      let element = storage.offset / MemoryLayout<Float>.stride
      last[element] = max(last[element] ?? 0, lifetime.upperBound)
    }
    var known: [Int: [Range<Int>]] = [:]
    for (index, entry) in table.entries.enumerated() {
      let end = index + 1 < table.count ? table[index + 1].offset : table.elementCount
      let range = entry.offset..<end
      // A graph without gradients writes none: they are as known at first as in the end.
      let step = last[entry.offset] ?? 0
      var ranges = known[step] ?? []
      if let before = ranges.last, before.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = before.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
      known[step] = ranges
    }
    self.known = known
  }

  /// The elements that are known after a step and were not before it.
  func known(after step: Int) -> [Range<Int>] { known[step] ?? [] }
}
