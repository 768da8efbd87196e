/// What the ranks of a fold report to rank 0, which alone writes the run's folder.
struct RunRecord: Sendable {
  enum Kind: Int64, Sendable {
    /// The payload is `checkpoint_latest.safetensors`.
    case latestCheckpoint
    /// The payload is `checkpoint_best.safetensors`.
    case bestCheckpoint
    /// The payload is `checkpoint_final.safetensors`.
    case finalCheckpoint
    /// The payload is a line of `log.jsonl` without its end.
    case logLine
    /// `index` is the step the fold goes on after (0: from the start); no payload.
    case began
    /// `index` is a step; ``figures`` are the epoch's mean loss, samples a second and exposed communication. May
    /// be dropped.
    case step
    /// `index` is a subject's place in the data set; the payload its predicted classes on the
    /// grid of its file, `[D, H, W]`.
    case prediction
    /// `index` is a subject's place in the data set; the payload its histograms of scores, as
    /// numbers.
    case scores
    /// The payload is what was measured of the fold's validation subjects (``FoldValidation``);
    /// the fold has ended.
    case measurements
    /// The fold is about to end an epoch and asks for ranks that have nothing to do; no payload.
    case asksForRanks
    /// The fold stopped before its end, with everything saved; no payload.
    case stopped
    /// The sender has nothing more to say; no payload.
    case finished
  }

  var kind: Kind
  var fold: Int
  var index = 0
  var payload: [UInt8] = []
  /// Up to three numbers for which a payload would be too much.
  var figures: [Double] = []

  /// Numbers that go ahead of the payload.
  static let headerCount = 7

  /// Kind, fold, index, length of the payload, the bits of the figures.
  var header: [Int64] {
    let figures = (0..<3).map { self.figures.indices.contains($0) ? self.figures[$0] : 0 }
    return [kind.rawValue, Int64(fold), Int64(index), Int64(payload.count)]
      + figures.map { Int64(bitPattern: $0.bitPattern) }
  }
}

/// Which of a fold's checkpoints a state is saved as.
extension FoldFolder.Checkpoint {
  /// The kind of record that carries it.
  var record: RunRecord.Kind {
    switch self {
    case .latest, .previous: .latestCheckpoint
    case .best: .bestCheckpoint
    case .final: .finalCheckpoint
    }
  }
}

/// Takes the reports of one group of ranks.
protocol RecordSink: AnyObject {
  /// Takes a report.
  func record(_ record: RunRecord) throws
  /// Takes a report that may be lost: never waits.
  func mention(_ record: RunRecord) throws
  /// Takes a state to be saved, which another thread turns into a file.
  func save(_ snapshot: CheckpointSnapshot, as kind: FoldFolder.Checkpoint) throws
  /// Attends to what others have said; called between steps and between tiles.
  func poll() throws
}
