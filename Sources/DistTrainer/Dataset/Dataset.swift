/// A set of subjects for training, and what their channels and labels are called.
public struct Dataset: Sendable, Equatable {
  /// The data set's name.
  public var name: String
  /// The names of the channels in order.
  public var channels: [String]
  /// The labels by ascending number, from 0 without a gap; 0 is the background.
  public var labels: [DatasetLabel]
  /// The subjects, sorted by name in Unicode scalar order, whatever the order of files or lists.
  public internal(set) var subjects: [Subject]
  /// The columns of the table beside the data, `subject`, files and `fold` left out; `nil` where
  /// there is no table.
  public var columns: [String]?
  /// What was noticed and may be meant so, for the program to say.
  public var notices: [String]

  /// A data set put together from its parts; subjects may come in any order.
  public init(
    name: String, channels: [String], labels: [DatasetLabel], subjects: [Subject],
    columns: [String]? = nil, notices: [String] = []
  ) {
    self.name = name
    self.channels = channels
    self.labels = labels
    self.columns = columns
    self.notices = notices
    self.subjects = subjects.sorted { $0.name.precedes($1.name) }
  }

  /// The labels other than the background.
  public var foreground: [DatasetLabel] { labels.filter { $0.number != 0 } }
}

extension String {
  /// Whether this text comes before another in Unicode scalar order, which is the same everywhere.
  func precedes(_ other: String) -> Bool {
    unicodeScalars.lexicographicallyPrecedes(other.unicodeScalars)
  }
}
