import DistTrainer
import Foundation
import Volumes

/// One thing wrong with a ``SeededDataset``, and what the line about it must say.
struct Seed: Sendable {
  var kind: Finding.Kind
  /// The subject that it is planted in; nil for the data set as a whole.
  var subject: String?
  /// A piece of the sentence: what is wrong, and where.
  var piece: String
  /// Plants it.
  var plant: @Sendable (inout SeededDataset, String) throws -> Void

  /// A seed in a subject that is named after it.
  init(
    _ kind: Finding.Kind, _ piece: String,
    _ plant: @escaping @Sendable (inout SeededDataset, String) throws -> Void
  ) {
    self.init(kind, kind.rawValue, piece, plant)
  }

  /// A seed in the subject `name`.
  init(
    _ kind: Finding.Kind, _ name: String, _ piece: String,
    _ plant: @escaping @Sendable (inout SeededDataset, String) throws -> Void
  ) {
    self.kind = kind
    subject = name
    self.piece = piece
    self.plant = plant
  }

  /// Another place: rotated by 30 degrees about the first axis.
  static let turned = Affine(
    columns: [SIMD3(1, 0, 0), SIMD3(0, 1.299038, 0.75), SIMD3(0, -1, 1.7320508)], origin: .zero)

  // MARK: Files and tables

  static let files: [Seed] = [
    Seed(.missingLabel, "has no label: add labelsTr/missingLabel.nii") { data, name in
      try data.remove(data.label(name))
    },
    Seed(.missingChannel, "no image of channel 1 (T2): add imagesTr/missingChannel_0001.nii") {
      data, name in try data.remove(data.image(name, 1))
    },
    Seed(.missingChannel, "elsewhere", "elsewhere_0001.nii: shows another place than") {
      data, name in
      try data.place(
        data.image(name, 1), Affine(spacing: SIMD3(1, 1.5, 2), origin: SIMD3(900, 0, 0)))
    },
    Seed(.extraChannel, "extraChannel_0002.nii is of channel 2, but dataset.json names 2") {
      data, name in try data.copy(data.image(name, 0), to: data.image(name, 2))
    },
    Seed(.unnamedChannel, "stray", "stray.nii has no channel in its name: call it stray_0000.nii") {
      data, name in
      try data.copy(data.image(name), to: "\(data.folder)/imagesTr/stray.nii")
      for path in [data.image(name), data.image(name, 1), data.label(name)] {
        try data.remove(path)
      }
      data.rows[name] = nil
    },
    Seed(.labelWithoutImage, "has no image: add it to imagesTr or remove the label") {
      data, name in for channel in 0..<2 { try data.remove(data.image(name, channel)) }
    },
    Seed(.missingRow, "manifest.csv has no line for the subject missingRow") { data, name in
      data.rows[name] = nil
    },
    Seed(.unknownSubject, "names the subject unknownSubject, which the data set lacks") {
      data, name in
      for path in [data.image(name), data.image(name, 1), data.label(name)] {
        try data.remove(path)
      }
    },
    Seed(.brokenRow, "badFold", "has the fold x: folds are numbers") { data, name in
      data.rows[name] = "\(name),p,x"
    },
    Seed(.brokenRow, "noPatient", "has no patient in the table: fill the column") { data, name in
      data.rows[name] = "\(name),,1"
    },
    Seed(.brokenRow, "shortRow", "has 2 fields where the header has 3") { data, name in
      data.rows[name] = "\(name),1"
    },
    Seed(.repeatedSubject, "has the subject repeatedSubject twice, in lines") { data, name in
      data.rows[name, default: ""] += "\n\(name),other,1"
    },
    Seed(
      .groupAcrossFolds, "splitPatient",
      "splits the group torn (splitPatient, splitPatient2): put it into one fold"
    ) { data, name in
      try data.add("\(name)2")
      data.rows[name] = "\(name),torn,0"
      data.rows["\(name)2"] = "\(name)2,torn,1"
    },
    Seed(.damaged, "truncatedGzip", "truncatedGzip_0000.nii: is a truncated gzip file") {
      data, name in
      try data.compress(data.image(name))
      try data.rewrite(data.image(name)) { $0.prefix($0.count / 2) }
    },
    Seed(.damaged, "flippedBit", "flippedBit_0001.nii: cannot be decompressed") { data, name in
      try data.compress(data.image(name, 1))
      try data.rewrite(data.image(name, 1)) { data in
        var data = data
        data[data.count - 6] ^= 1
        return data
      }
    },
    Seed(.damaged, "emptyFile", "labelsTr/emptyFile.nii: is empty; copy it again") { data, name in
      try data.rewrite(data.label(name)) { _ in Data() }
    },
    Seed(.damaged, "shortFile", "shortFile_0000.nii: ends before its voxels do") { data, name in
      try data.rewrite(data.image(name)) { $0.dropLast(100) }
    },
    Seed(.malformed, "textFile", "textFile_0000.nii: is not a NIfTI file") { data, name in
      try data.rewrite(data.image(name)) { _ in Data("no volume at all".utf8) }
    },
    Seed(
      .malformed, "longFile",
      "longFile_0000.nii: holds more data than its header declares: 2880 bytes of voxels expected, 3168"
    ) { data, name in
      // One empty slice of 8x9 voxels of 32 bits.
      try data.rewrite(data.image(name)) { $0 + Data(repeating: 0, count: 288) }
    },
    Seed(.malformed, "noExtent", "noExtent_0000.nii: has the extent 0 along dimension 2") {
      data, name in try data.patch(data.image(name), at: 44, Int16(0))
    },
    Seed(.unsupported, "unsupported_0000.nii: holds colors (RGB24)") { data, name in
      try data.patch(data.image(name), at: 70, Int16(128))
    },
    Seed(.singularGeometry, "singularGeometry_0000.nii: the sform is not an invertible") {
      data, name in try data.patch(data.image(name), at: 280, Float(0))
    },
    Seed(.unreadable, "unreadable_0001.nii: is not a regular file") { data, name in
      try data.remove(data.image(name, 1))
      try FileManager.default.createDirectory(
        atPath: data.image(name, 1), withIntermediateDirectories: true)
    },
  ]
}
