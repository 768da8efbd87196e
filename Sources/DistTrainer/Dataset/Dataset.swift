/// One label of a data set.
public struct DatasetLabel: Sendable, Equatable, Codable {
  /// The label's number in the volumes.
  public var number: UInt8
  /// Its name.
  public var name: String

  /// A number with its name.
  public init(number: UInt8, name: String) {
    self.number = number
    self.name = name
  }
}

/// One subject: its images, its label volume, and what a table says about it.
public struct Subject: Sendable, Equatable {
  /// The name, unique in the data set; file names are made of it.
  public var name: String
  /// The image files, one a channel, or one file with all channels.
  public var images: [String]
  /// The label file.
  public var label: String
  /// The values of the table's further columns, by column name: patient, stratum, …; empty values
  /// are left out.
  public var attributes: [String: String]
  /// The fold that the table puts the subject in.
  public var fold: Int?

  /// A subject put together from its parts.
  public init(
    name: String, images: [String], label: String, attributes: [String: String] = [:],
    fold: Int? = nil
  ) {
    self.name = name
    self.images = images
    self.label = label
    self.attributes = attributes
    self.fold = fold
  }
}

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
