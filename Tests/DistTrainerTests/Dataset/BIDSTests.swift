import DistTrainer
import Foundation
import Testing

@Suite struct BIDSTests {
  /// Two participants with sessions and a third without, T1w and FLAIR, one pipeline.
  static func write(_ folder: borrowing TemporaryFolder) throws {
    try folder.write(
      ["dataset_description.json"], text: #"{"Name": "Brains", "BIDSVersion": "1.9.0"}"#)
    try folder.write(
      ["participants.tsv"],
      text: "participant_id\tsex\tsite\tfold\r\nsub-01\tf\tn/a\t0\r\nsub-02\tm\tB\t1\r\n"
        + "sub-03\tf\tB\t1\r\n")
    let visits = ["sub-01/ses-1", "sub-01/ses-2", "sub-02/ses-1", "sub-03"]
    for visit in visits {
      let name = visit.replacing("/", with: "_")
      try folder.write([
        "\(visit)/anat/\(name)_T1w.nii.gz", "\(visit)/anat/\(name)_T1w.json",
        "\(visit)/anat/\(name)_FLAIR.nii.gz", "\(visit)/func/\(name)_task-rest_bold.nii.gz",
        "derivatives/manual/\(visit)/anat/\(name)_dseg.nii.gz",
      ])
    }
    try folder.write(["derivatives/fmriprep/sub-01/ses-1/anat/sub-01_ses-1_desc-brain_mask.nii.gz"])
    try folder.write(
      ["derivatives/manual/dseg.tsv"],
      text: "index\tname\tcolor\n53\tright hippocampus\t#ff0000\n17\tleft hippocampus\t#00ff00\n")
  }

  static func faults(_ section: DataSection) -> [String] {
    do {
      _ = try Dataset.open(section)
      return []
    } catch {
      return error.faults
    }
  }

  @Test("participants, sessions, channels by suffix, columns and label indices are read")
  func whole() throws {
    let folder = try TemporaryFolder()
    try Self.write(folder)
    let dataset = try Dataset.open(folder.path)
    #expect(dataset.name == "Brains")
    #expect(dataset.channels == ["FLAIR", "T1w"])
    #expect(
      dataset.subjects.map(\.name) == ["sub-01_ses-1", "sub-01_ses-2", "sub-02_ses-1", "sub-03"])
    #expect(
      dataset.subjects[1].images
        == ["FLAIR", "T1w"].map {
          "\(folder.path)/sub-01/ses-2/anat/sub-01_ses-2_\($0).nii.gz"
        })
    #expect(
      dataset.subjects[3].label
        == "\(folder.path)/derivatives/manual/sub-03/anat/sub-03_dseg.nii.gz")
    #expect(
      dataset.labels.map(\.name) == ["background", "left hippocampus", "right hippocampus"])
    #expect(dataset.subjects[0].labelMap == [17: 1, 53: 2])
    #expect(dataset.columns == ["patient", "sex", "site"])
    #expect(dataset.subjects[0].attributes == ["patient": "sub-01", "sex": "f"])
    #expect(dataset.subjects.map(\.fold) == [0, 0, 1, 1])
    #expect(dataset.notices == [])
    #expect(try Dataset.open(folder.path + "/dataset_description.json") == dataset)
    // The sessions of a participant stay together unasked.
    var section = FoldsSection()
    section.count = 2
    #expect(
      try Folds(of: dataset, section).splits[0].val == ["sub-01_ses-1", "sub-01_ses-2"])
  }

  @Test("modalities are chosen and ordered; a missing one names the subject")
  func modalities() throws {
    let folder = try TemporaryFolder()
    try Self.write(folder)
    var section = DataSection(folder.path)
    section.bids.modalities = ["T1w"]
    let dataset = try Dataset.open(section)
    #expect(dataset.channels == ["T1w"] && dataset.subjects[0].images.count == 1)
    try FileManager.default.removeItem(atPath: folder.path + "/sub-03/anat/sub-03_FLAIR.nii.gz")
    #expect(try Dataset.open(section).subjects.count == 4)
    section.bids.modalities = nil
    #expect(
      Self.faults(section) == [
        "The subject sub-03 has no image FLAIR: add it, or list the images that all have in "
          + "data.bids.modalities."
      ])
  }

  @Test("several pipelines, and several files of a kind, are for the user to choose among")
  func choices() throws {
    let folder = try TemporaryFolder()
    try Self.write(folder)
    try folder.write([
      "derivatives/second/sub-03/anat/sub-03_dseg.nii.gz",
      "sub-03/anat/sub-03_acq-fast_T1w.nii.gz",
    ])
    var section = DataSection(folder.path, labels: ["background", "structure"])
    #expect(
      Self.faults(section) == [
        "\(folder.path)/derivatives has segmentations in the folders manual, second: choose one "
          + "with data.bids.derivative."
      ])
    section.bids.derivative = "third"
    #expect(Self.faults(section).first?.contains("may be manual, second") == true)
    section.bids.derivative = "manual"
    let faults = Self.faults(section)
    #expect(faults.count == 1)
    #expect(faults.first?.contains("sub-03 has 2 files T1w") == true)
    #expect(faults.first?.contains("such as [acq-fast]") == true)
    section.bids.entities = ["acq-fast"]
    let dataset = try Dataset.open(section)
    #expect(dataset.subjects[3].images[1].hasSuffix("sub-03_acq-fast_T1w.nii.gz"))
    #expect(dataset.labels.map(\.name) == ["background", "structure"])
    #expect(dataset.subjects[0].labelMap == [:])
  }

  @Test("an image without segmentation is left out with a word; the other way round is a fault")
  func halves() throws {
    let folder = try TemporaryFolder()
    try Self.write(folder)
    try folder.write(["sub-04/anat/sub-04_T1w.nii.gz", "sub-04/anat/sub-04_FLAIR.nii.gz"])
    let dataset = try Dataset.open(folder.path)
    #expect(dataset.subjects.count == 4)
    #expect(
      dataset.notices == [
        "The subject sub-04 has no segmentation and is left out: add one if it is to train."
      ])
    try folder.write(["derivatives/manual/sub-05/anat/sub-05_dseg.nii.gz"])
    #expect(
      Self.faults(DataSection(folder.path)) == [
        "The label \(folder.path)/derivatives/manual/sub-05/anat/sub-05_dseg.nii.gz has no image: "
          + "add sub-05/anat or remove the label."
      ])
  }

  @Test("segmentations under another suffix are found when it is named; none at all are asked for")
  func otherSuffix() throws {
    let folder = try TemporaryFolder()
    try folder.write([
      "sub-a/anat/sub-a_T2w.nii.gz", "derivatives/labels/sub-a/anat/sub-a_T2w_seg-manual.nii.gz",
    ])
    var section = DataSection(folder.path, labels: ["background", "cord"])
    #expect(Self.faults(section).first?.contains("name their suffix in data.bids.label") == true)
    section.bids.label = "seg-manual"
    let dataset = try Dataset.open(section)
    #expect(dataset.subjects.map(\.name) == ["sub-a"] && dataset.channels == ["T2w"])
    section.labels = nil
    #expect(Self.faults(section).first?.contains("add dseg.tsv (index, name)") == true)
    section.map = ["255": 1]
    section.labels = ["background", "cord"]
    #expect(try Dataset.open(section).subjects[0].labelMap == [255: 1])
  }
}
