extension ScoreHistogram: Codable {
  private enum CodingKeys: String, CodingKey { case bins, occupied }

  /// The bins that are not empty as triples: bin, positives, negatives, bin, …, by ascending bin.
  public var sparse: [Int64] {
    occupied.flatMap { [Int64($0.bin), Int64($0.positives), Int64($0.negatives)] }
  }

  /// Reads ``sparse``.
  ///
  /// - Throws: ``CurveError`` for anything that ``sparse`` cannot have written.
  public init(sparse: [Int64]) throws(CurveError) {
    guard sparse.count.isMultiple(of: 3) else {
      throw .malformedHistogram("it has \(sparse.count) numbers, not three a bin")
    }
    var counts = [Int64](repeating: 0, count: 2 * Self.bins)
    var next: Int64 = 0
    for start in stride(from: 0, to: sparse.count, by: 3) {
      let bin = sparse[start]
      guard (next..<Int64(Self.bins)).contains(bin) else {
        throw .malformedHistogram("bin \(bin) is out of order or beyond \(Self.bins - 1)")
      }
      counts[Int(bin)] = sparse[start + 1]
      counts[Self.bins + Int(bin)] = sparse[start + 2]
      next = bin + 1
    }
    try self.init(counts: counts)
  }

  /// `{"bins": 65536, "occupied": […]}` with the numbers of ``sparse``.
  public var json: JSONValue {
    .object([
      ("bins", .integer(Self.bins)), ("occupied", .array(sparse.map { .integer(Int($0)) })),
    ])
  }

  /// Comma-separated values: one row a bin that is not empty, with the columns `bin`,
  /// `probability` (the bin's lower edge), `positives` and `negatives`.
  public var csv: String {
    occupied.reduce(into: CSV.line(["bin", "probability", "positives", "negatives"])) {
      $0 += CSV.line(
        ["\($1.bin)", "\(Self.lowerEdge(of: $1.bin))", "\($1.positives)", "\($1.negatives)"])
    }
  }

  /// Writes what ``json`` shows.
  ///
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.bins, forKey: .bins)
    try container.encode(sparse, forKey: .occupied)
  }

  /// Reads what ``json`` shows.
  ///
  /// - Throws: ``CurveError`` for other bins or counts that cannot be, and what the decoder throws.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let bins = try container.decode(Int.self, forKey: .bins)
    guard bins == Self.bins else {
      throw CurveError.malformedHistogram("it has \(bins) bins, not \(Self.bins)")
    }
    try self.init(sparse: container.decode([Int64].self, forKey: .occupied))
  }
}
