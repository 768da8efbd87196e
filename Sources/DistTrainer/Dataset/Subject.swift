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
  /// The labels that values stored in ``label`` stand for; a value that is not here is a label's
  /// number itself.
  public var labelMap: [Int: UInt8]
  /// The values of the table's further columns, by column name: patient, stratum, …; empty values
  /// are left out.
  public var attributes: [String: String]
  /// The fold that the table puts the subject in.
  public var fold: Int?

  /// A subject put together from its parts.
  public init(
    name: String, images: [String], label: String, labelMap: [Int: UInt8] = [:],
    attributes: [String: String] = [:], fold: Int? = nil
  ) {
    self.name = name
    self.images = images
    self.label = label
    self.labelMap = labelMap
    self.attributes = attributes
    self.fold = fold
  }

  /// What every value that the label file may hold stands for, among `labels`.
  ///
  /// - Parameter labels: for the number of each label, what it is to become.
  /// - Returns: the same with the values of ``labelMap``, which come before equal numbers.
  func meanings<Meaning>(of labels: [Int: Meaning]) -> [Int: Meaning] {
    var meanings = labels
    for (value, label) in labelMap { meanings[value] = labels[Int(label)] }
    return meanings
  }
}
