public import CounterRandom

/// Where each class of a segmentation lies: prepared once a subject, drawn from for every patch.
public struct ForegroundIndex: Sendable, Equatable {
  /// The labels that occur, but the background, ascending.
  public let labels: [UInt8]
  /// The voxels of all labels, one label after the other, as places in the row-major array.
  private let voxels: [UInt32]
  /// Where each label's voxels start, and where the last one's end.
  private let starts: [Int]

  /// Indexes labels `[D, H, W]`; two passes, four bytes a foreground voxel.
  public init(labels voxelLabels: Span<UInt8>) {
    precondition(voxelLabels.count <= Int(UInt32.max), "a volume has less than 2^32 voxels")
    var counts = [Int](repeating: 0, count: 256)
    for index in voxelLabels.indices { counts[Int(voxelLabels[index])] += 1 }
    counts[0] = 0
    labels = (1...255).filter { counts[$0] > 0 }.map { UInt8($0) }
    var next = [Int](repeating: 0, count: 256)
    var starts = [0]
    for label in labels {
      next[Int(label)] = starts[starts.count - 1]
      starts.append(starts[starts.count - 1] + counts[Int(label)])
    }
    self.starts = starts
    var voxels = [UInt32](repeating: 0, count: starts[starts.count - 1])
    for index in voxelLabels.indices where voxelLabels[index] != 0 {
      let label = Int(voxelLabels[index])
      voxels[next[label]] = UInt32(index)
      next[label] += 1
    }
    self.voxels = voxels
  }

  /// Whether there is no foreground.
  public var isEmpty: Bool { voxels.isEmpty }

  /// The number of voxels of `label`.
  public func count(of label: UInt8) -> Int {
    guard let place = labels.firstIndex(of: label) else { return 0 }
    return starts[place + 1] - starts[place]
  }

  /// A voxel of a label drawn evenly among the labels, then evenly among its voxels; nil without
  /// foreground.
  public func draw(_ stream: inout RandomStream) -> Int? {
    guard !labels.isEmpty else { return nil }
    let label = stream.integer(below: labels.count)
    return Int(voxels[starts[label] + stream.integer(below: starts[label + 1] - starts[label])])
  }
}
