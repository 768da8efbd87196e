internal import Foundation

/// A `dataset.json` in nnU-Net's dialect or the Decathlon's.
///
/// nnU-Net 2 has `channel_names`, `labels` from name to number and `file_ending`, and the files are
/// found by their names; the Decathlon (and nnU-Net 1) has `modality`, `labels` from number to name
/// and lists the files under `training`. nnU-Net 2 may also list each subject's files under
/// `dataset`. The members decide, not a version: both kinds of each are read in any mixture.
///
/// A member `map` of our own says which values in the label files stand for which label, such as
/// `{"255": 1}`; other programs pass over it.
struct DatasetDescription {
  let path: String
  let name: String
  let channels: [String]
  let labels: [DatasetLabel]
  let fileEnding: String?
  /// The listed pairs of the Decathlon's dialect, as written.
  let training: [Pair]?
  /// The listed files of nnU-Net's dialect, as written, by subject.
  let listed: [String: Files]?
  /// The label that a value stored in label files stands for, where that is not its number.
  let map: [Int: UInt8]

  /// The files of a subject, as nnU-Net's member `dataset` lists them.
  struct Files: Decodable {
    var images: [String]
    var label: String
  }

  /// One listed subject.
  struct Pair: Decodable {
    var image: String
    var label: String
  }

  /// Reads and checks the file; other files are not looked at yet.
  init(path: String) throws(DatasetError) {
    let raw: Raw
    do {
      raw = try JSONDecoder().decode(Raw.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch let error as DecodingError {
      throw DatasetError(path, ["\(path) \(Self.problem(of: error)): mend it."])
    } catch {
      throw DatasetError(path, ["\(path) cannot be read: \(error.localizedDescription)."])
    }
    self.path = path
    name = raw.name ?? path.folder.lastComponent
    fileEnding = raw.fileEnding
    training = raw.training
    listed = raw.dataset
    var faults: [String] = []
    channels = Self.channels(raw.channelNames ?? raw.modality, path: path, faults: &faults)
    let labels = Self.labels(raw.labels, path: path, faults: &faults)
    self.labels = labels
    do {
      // Without labels, that has been said.
      map =
        try labels.isEmpty
        ? [:] : LabelValues.map(raw.map ?? [:], to: labels, named: "map in \(path)")
    } catch {
      faults += error.faults
      map = [:]
    }
    guard faults.isEmpty else { throw DatasetError(path, faults) }
  }

  /// The members we read.
  private struct Raw: Decodable {
    var name: String?
    var channelNames: [String: String]?
    var modality: [String: String]?
    var labels: [String: LabelValue]
    var fileEnding: String?
    var training: [Pair]?
    var dataset: [String: Files]?
    var map: [String: Int]?

    enum CodingKeys: String, CodingKey {
      case name, modality, labels, training, dataset, map
      case channelNames = "channel_names"
      case fileEnding = "file_ending"
    }
  }

  /// A label's number or name; nnU-Net 2 also allows a list (a region).
  private enum LabelValue: Decodable {
    case number(Int)
    case text(String)
    case region

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        _ = try container.decode([Int].self)
        self = .region
      }
    }
  }

  private static func channels(
    _ raw: [String: String]?, path: String, faults: inout [String]
  ) -> [String] {
    let channels = raw ?? [:]
    let names = (0..<channels.count).compactMap { channels["\($0)"] }
    if channels.isEmpty || names.count != channels.count {
      faults.append(
        "\(path) must number the channels from 0 under channel_names (or modality), "
          + "such as {\"0\": \"T1\"}.")
    }
    return names
  }

  private static func labels(
    _ raw: [String: LabelValue], path: String, faults: inout [String]
  ) -> [DatasetLabel] {
    var numbered: [(number: Int, name: String)] = []
    for (key, value) in raw.sorted(by: { $0.key.precedes($1.key) }) {
      switch value {
      case .number(let number): numbered.append((number, key))
      case .text(let text):
        // The Decathlon writes number to name; nnU-Net 1 users also wrote name to "number".
        if let number = Int(key) {
          numbered.append((number, text))
        } else if let number = Int(text) {
          numbered.append((number, key))
        } else {
          faults.append("\(path) has the label \(key): \(text), of which neither is a number.")
        }
      case .region:
        faults.append(
          "\(path) makes \(key) a region of several labels, which is not supported: "
            + "give each label one number.")
      }
    }
    if numbered.contains(where: { $0.name == "ignore" }) {
      faults.append("\(path) has a label to ignore, which is not supported: remove it.")
    }
    numbered.sort { $0.number < $1.number }
    guard numbered.map(\.number) == Array(0..<numbered.count), (2...256).contains(numbered.count)
    else {
      let found = numbered.map { "\($0.number)" }.joined(separator: ", ")
      faults.append(
        "\(path) has the labels \(found): they must count from 0, the background, without a gap, "
          + "and be 2 to 256; where files hold other values, say so in map, such as {\"255\": 1}.")
      return []
    }
    return numbered.map { DatasetLabel(number: UInt8($0.number), name: $0.name) }
  }

  private static func problem(of error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): return "lacks the member \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      let member = context.codingPath.map(\.stringValue).joined(separator: ".")
      return "has a member \(member) of an unexpected type"
    default: return "is no JSON"
    }
  }
}
