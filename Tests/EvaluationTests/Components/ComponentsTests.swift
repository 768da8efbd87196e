import Evaluation
import Testing

@Suite struct ComponentsTests {
  static let shape = [7, 9, 11]
  static func mask(below limit: Int) -> [Bool] { (0..<693).map { $0 * 7919 % 101 % 5 < limit } }

  struct Case: Sendable {
    var neighborhood: Neighborhood
    var count: Int
    var largest: Int
    /// sum(label * (index % 13)), which tells one numbering from another.
    var signature: Int
    /// Sum of the indices in the largest component.
    var largestIndices: Int
    /// Voxels left, and the sum of their indices, without components below three voxels.
    var kept: Int
    var keptIndices: Int
    /// Voxels after filling, and the sum of their indices.
    var filled: Int
    var filledIndices: Int
  }

  // SciPy 1.17.1; i = np.arange(693), m = ((i*7919 % 101) % 5 < 1).reshape(7, 9, 11):
  //   l, n = scipy.ndimage.label(m, generate_binary_structure(3, k)), k = 1, 2, 3
  //   s = np.bincount(l.ravel())[1:]; …
  // Filling: binary_fill_holes(((i*7919 % 101) % 5 < 4).reshape(7, 9, 11), the same structure)
  static let cases = [
    Case(
      neighborhood: .faces, count: 88, largest: 2, signature: 38065, largestIndices: 15, kept: 0,
      keptIndices: 0, filled: 613, filledIndices: 211633),
    Case(
      neighborhood: .edges, count: 5, largest: 52, signature: 2043, largestIndices: 18043,
      kept: 144, keptIndices: 49741, filled: 556, filledIndices: 191924),
    Case(
      neighborhood: .corners, count: 5, largest: 52, signature: 2043, largestIndices: 18043,
      kept: 144, keptIndices: 49741, filled: 556, filledIndices: 191924),
  ]

  static func indices(_ mask: [Bool]) -> [Int] { mask.indices.filter { mask[$0] } }

  @Test("components and holes agree with SciPy", arguments: cases)
  func oracle(_ item: Case) throws {
    let found = try ConnectedComponents(
      Self.mask(below: 1), shape: Self.shape, neighborhood: item.neighborhood)
    #expect(found.count == item.count)
    #expect(found.sizes.max() == item.largest)
    let signature = found.labels.indices.reduce(0) { $0 + Int(found.labels[$1]) * ($1 % 13) }
    #expect(signature == item.signature)
    #expect(Self.indices(found.largest()).reduce(0, +) == item.largestIndices)
    let kept = Self.indices(found.removing(smallerThan: 3))
    #expect(kept.count == item.kept)
    #expect(kept.reduce(0, +) == item.keptIndices)
    let filled = Self.indices(
      try HoleFilling.fill(
        Self.mask(below: 4), shape: Self.shape, background: item.neighborhood))
    #expect(filled.count == item.filled)
    #expect(filled.reduce(0, +) == item.filledIndices)
  }

  @Test(
    "two voxels touch by face, edge or corner",
    arguments: [(1, [1, 1, 1]), (3, [2, 1, 1]), (5, [2, 1, 1]), (7, [2, 2, 1])])
  func touching(second: Int, counts: [Int]) throws {
    // In a cube of two voxels a side, voxel 0 and voxel `second`.
    let mask = (0..<8).map { $0 == 0 || $0 == second }
    for (neighborhood, count) in zip(Neighborhood.allCases, counts) {
      let found = try ConnectedComponents(mask, shape: [2, 2, 2], neighborhood: neighborhood)
      #expect(found.count == count)
    }
  }

  @Test("an empty mask has no component and a full one has one; wrong shapes are refused")
  func degenerate() throws {
    let empty = [Bool](repeating: false, count: 8)
    let none = try ConnectedComponents(empty, shape: [2, 2, 2], neighborhood: .faces)
    #expect(none.count == 0)
    #expect(none.largest() == empty)
    #expect(try HoleFilling.fill(empty, shape: [2, 2, 2]) == empty)
    let full = [Bool](repeating: true, count: 8)
    let one = try ConnectedComponents(full, shape: [2, 2, 2], neighborhood: .faces)
    #expect(one.sizes == [8])
    #expect(try HoleFilling.fill(full, shape: [2, 2, 2]) == full)
    #expect(throws: ComponentsError.lengthsDiffer(voxels: 8, shape: [2, 2, 3])) {
      try ConnectedComponents(full, shape: [2, 2, 3], neighborhood: .faces)
    }
    #expect(throws: ComponentsError.badShape([8])) { try HoleFilling.fill(full, shape: [8]) }
  }
}
