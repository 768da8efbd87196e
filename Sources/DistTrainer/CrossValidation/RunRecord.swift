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
    /// `index` is a step; the payload is its loss, a Float64.
    case step
    /// `index` is a subject's place in the data set; the payload its predicted classes on the
    /// grid of its file, `[D, H, W]`.
    case prediction
    /// `index` is a subject's place in the data set; the payload its histograms of scores, as
    /// numbers.
    case scores
    /// The payload is what was measured of the fold's validation subjects (``FoldValidation``).
    case measurements
    /// The sender has nothing more to say; no payload.
    case finished
  }

  var kind: Kind
  var fold: Int
  var index = 0
  var payload: [UInt8] = []

  /// Numbers that go ahead of the payload.
  static let headerCount = 4

  /// Kind, fold, index, length of the payload.
  var header: [Int64] { [kind.rawValue, Int64(fold), Int64(index), Int64(payload.count)] }
}

/// Takes the reports of one group of ranks.
protocol RecordSink: AnyObject {
  /// Takes a report.
  func record(_ record: RunRecord) throws
  /// Attends to what others have reported; called between steps.
  func poll() throws
}

/// Sends reports to rank 0.
final class RecordSender: RecordSink {
  private let channel: RecordChannel

  init(_ channel: RecordChannel) { self.channel = channel }

  func record(_ record: RunRecord) throws { try channel.send(record) }

  func poll() {}
}

/// For the ranks that do not speak for their group.
final class RecordDiscard: RecordSink {
  func record(_ record: RunRecord) {}
  func poll() {}
}
