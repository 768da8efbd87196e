/// Which voxels of a channel decide on how it is rescaled.
public enum IntensityRegion: String, Codable, Sendable, CaseIterable {
  /// All.
  case image
  /// Those that are not 0.
  case nonZero
  /// Those above the mean of all: a simple mask of the body, as TorchIO's.
  case aboveMean
}

/// The intensities that count: an interval, with or without 0.
struct IntensityRange: Sendable, Equatable {
  var low = -Float.infinity
  var high = Float.infinity
  var skipsZero = false

  /// The intensities of `region` in the channel at `range` of `voxels`.
  init(_ region: IntensityRegion, of voxels: Span<Float>, in range: Range<Int>) {
    switch region {
    case .image: break
    case .nonZero: skipsZero = true
    case .aboveMean:
      let mean = IntensityRange().moments(of: voxels, in: range).mean
      // The mean in Double lies between two Floats: what is above is from the upper one on.
      let nearest = Float(mean)
      low = Double(nearest) > mean ? nearest : nearest.nextUp
    }
  }

  init() {}

  /// Whether an intensity counts.
  @inline(__always) func contains(_ value: Float) -> Bool {
    value >= low && value <= high && !(skipsZero && value == 0)
  }

  /// Number, mean and standard deviation (of the population) of the voxels that count; the sums run
  /// in Double, in order.
  func moments(
    of voxels: Span<Float>, in range: Range<Int>
  ) -> (count: Int, mean: Double, deviation: Double) {
    var count = 0
    var sum = 0.0
    for index in range where contains(voxels[index]) {
      count += 1
      sum += Double(voxels[index])
    }
    guard count > 0 else { return (0, 0, 0) }
    let mean = sum / Double(count)
    var squares = 0.0
    for index in range where contains(voxels[index]) {
      let difference = Double(voxels[index]) - mean
      squares += difference * difference
    }
    return (count, mean, (squares / Double(count)).squareRoot())
  }

  /// The percentiles of the voxels that count, interpolated linearly between neighbors in rank
  /// (NumPy's default); empty where no voxel counts.
  ///
  /// Exact, by counting: two passes over the voxels, whatever their order. NaN does not count.
  func percentiles(_ percents: [Double], of voxels: Span<Float>, in range: Range<Int>) -> [Double] {
    var counts = [Int](repeating: 0, count: 1 << 16)
    var coarse = counts.mutableSpan
    for index in range where contains(voxels[index]) {
      coarse[Int(Self.key(voxels[index]) >> 16)] += 1
    }
    let total = counts.reduce(0, +)
    guard total > 0 else { return [] }
    let places = percents.map { min(max($0, 0), 100) / 100 * Double(total - 1) }
    let ranks = places.flatMap { [Int($0), min(Int($0) + 1, total - 1)] }
    // The bins that hold the ranks wanted, each then counted by its lower halves.
    var before = 0
    var bins: [(bin: Int, before: Int)] = []
    for bin in counts.indices where counts[bin] > 0 {
      if ranks.contains(where: { before <= $0 && $0 < before + counts[bin] }) {
        bins.append((bin, before))
      }
      before += counts[bin]
    }
    var slots = [Int](repeating: -1, count: 1 << 16)
    for (slot, item) in bins.enumerated() { slots[item.bin] = slot }
    var fine = [Int](repeating: 0, count: bins.count << 16)
    var lower = fine.mutableSpan
    let slot = slots.span
    for index in range where contains(voxels[index]) {
      let key = Self.key(voxels[index])
      let place = slot[Int(key >> 16)]
      if place >= 0 { lower[place << 16 | Int(key & 0xFFFF)] += 1 }
    }
    func value(ofRank rank: Int) -> Double {
      let slot = (bins.lastIndex { $0.before <= rank }) ?? 0
      var left = rank - bins[slot].before
      for half in 0..<(1 << 16) {
        left -= fine[slot << 16 | half]
        if left < 0 { return Double(Self.value(UInt32(bins[slot].bin << 16 | half))) }
      }
      preconditionFailure("a rank lies in one of the bins")
    }
    return places.enumerated().map { index, place in
      let (a, b) = (value(ofRank: ranks[2 * index]), value(ofRank: ranks[2 * index + 1]))
      return a + (b - a) * (place - Double(Int(place)))
    }
  }

  /// A whole number that sorts as the value does.
  @inline(__always) private static func key(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  /// The value of a key.
  private static func value(_ key: UInt32) -> Float {
    Float(bitPattern: key & 0x8000_0000 != 0 ? key & 0x7FFF_FFFF : ~key)
  }
}

/// Refuses what are no ascending percentiles.
func validate(percentiles: [Double], count: Int? = 2, named name: String) throws {
  let isAscending = zip(percentiles, percentiles.dropFirst()).allSatisfy { $0 < $1 }
  guard percentiles.count == count ?? percentiles.count, percentiles.count >= 2, isAscending,
    percentiles.allSatisfy({ (0...100).contains($0) })
  else {
    throw VolumeError(
      .setting, name,
      "is \(percentiles), but must be \(count.map { "\($0) " } ?? "")ascending numbers from 0 to 100"
    )
  }
}
