import DistTrainer
import Foundation
import Testing

@Suite struct DatasetTests {
  static let nnunet = """
    {"name": "Femur", "channel_names": {"0": "T1", "1": "T2"}, "file_ending": ".nii.gz",
     "labels": {"background": 0, "femur": 1}, "numTraining": 2}
    """
  static let decathlon = """
    {"name": "D", "modality": {"0": "MRI"}, "labels": {"0": "background", "2": "b", "1": "a"},
     "training": [{"image": "./imagesTr/s2.nii.gz", "label": "./labelsTr/s2.nii.gz"},
                  {"image": "./imagesTr/s1.nii.gz", "label": "./labelsTr/s1.nii.gz"}]}
    """

  static func faults(_ path: String, labels: [String]? = nil) -> [String] {
    do {
      _ = try Dataset.open(path, labels: labels)
      return []
    } catch {
      return error.faults
    }
  }

  @Test("nnU-Net's folder is read: channels by number, labels from name to number")
  func nnUNet() throws {
    let folder = try TemporaryFolder()
    try folder.write(["dataset.json"], text: Self.nnunet)
    try folder.write([
      "imagesTr/b_1_0001.nii.gz", "imagesTr/b_1_0000.nii.gz", "labelsTr/b_1.nii.gz",
      "imagesTr/a_0000.nii.gz", "imagesTr/a_0001.nii.gz", "labelsTr/a.nii.gz",
      "imagesTr/._a_0000.nii.gz", "imagesTr/notes.txt",
    ])
    let dataset = try Dataset.open(folder.path)
    #expect(dataset.name == "Femur" && dataset.channels == ["T1", "T2"])
    #expect(dataset.labels.map(\.name) == ["background", "femur"])
    #expect(dataset.foreground.map(\.number) == [1])
    #expect(dataset.subjects.map(\.name) == ["a", "b_1"])
    #expect(
      dataset.subjects[1].images
        == ["0000", "0001"].map { "\(folder.path)/imagesTr/b_1_\($0).nii.gz" })
    #expect(dataset.subjects[1].label == "\(folder.path)/labelsTr/b_1.nii.gz")
    #expect(dataset.columns == nil)
    #expect(try Dataset.open(folder.path + "/dataset.json") == dataset)
    #expect(try Dataset.open(folder.path + "/").subjects.count == 2)
  }

  @Test("nnU-Net's folder with files amiss: every fault is named, with the file and the remedy")
  func nnUNetFaults() throws {
    let folder = try TemporaryFolder()
    try folder.write(["dataset.json"], text: Self.nnunet)
    try folder.write([
      "imagesTr/a_0000.nii.gz", "labelsTr/a.nii.gz", "imagesTr/b_0000.nii.gz",
      "imagesTr/b_0001.nii.gz", "imagesTr/b_0002.nii.gz", "labelsTr/c.nii.gz",
      "imagesTr/d.nii.gz",
    ])
    let path = folder.path
    #expect(
      Self.faults(path) == [
        "The image \(path)/imagesTr/d.nii.gz has no channel in its name: call it d_0000.nii.gz.",
        "The subject a has no image of channel 1 (T2): add imagesTr/a_0001.nii.gz.",
        "The image \(path)/imagesTr/b_0002.nii.gz is of channel 2, but dataset.json names 2: "
          + "add the channel there or remove the image.",
        "The image \(path)/imagesTr/b_0000.nii.gz has no label: "
          + "add labelsTr/b.nii.gz or remove the image.",
        "The label \(path)/labelsTr/c.nii.gz has no image: "
          + "add it to imagesTr or remove the label.",
      ])
  }

  @Test("the Decathlon's list is read, in nnU-Net 1's naming too, and pairs left out are noticed")
  func decathlon() throws {
    let folder = try TemporaryFolder()
    try folder.write(["dataset.json"], text: Self.decathlon)
    try folder.write([
      "imagesTr/s1.nii.gz", "labelsTr/s1.nii.gz", "imagesTr/s2_0000.nii.gz", "labelsTr/s2.nii.gz",
      "imagesTr/extra.nii.gz", "labelsTr/extra.nii.gz", "imagesTr/._s1.nii.gz",
    ])
    let dataset = try Dataset.open(folder.path)
    #expect(dataset.labels.map(\.name) == ["background", "a", "b"])
    #expect(dataset.subjects.map(\.name) == ["s1", "s2"])
    #expect(dataset.subjects[0].images == ["\(folder.path)/imagesTr/s1.nii.gz"])
    #expect(dataset.subjects[1].images == ["\(folder.path)/imagesTr/s2_0000.nii.gz"])
    #expect(dataset.notices.count == 1 && dataset.notices[0].contains("extra"))
  }

  @Test("half a pair is a fault, listed or not, and so is a subject listed twice")
  func decathlonFaults() throws {
    let folder = try TemporaryFolder()
    let twice = Self.decathlon.replacing(
      #""training": ["#,
      with: #""training": [{"image": "imagesTr/s1.nii.gz", "label": "labelsTr/s1.nii.gz"}, "#)
    try folder.write(["dataset.json"], text: twice)
    try folder.write([
      "imagesTr/s1.nii.gz", "labelsTr/s2.nii.gz", "imagesTr/hippocampus_118.nii.gz",
      "labelsTr/hippocampus_281.nii.gz",
    ])
    let path = folder.path
    let remedy = "add it or take the subject out of dataset.json."
    #expect(
      Self.faults(path) == [
        "The label \(path)/labelsTr/s1.nii.gz of the subject s1 does not exist: \(remedy)",
        "The image \(path)/imagesTr/s2.nii.gz of the subject s2 does not exist: \(remedy)",
        "\(path)/dataset.json lists the subject s1 twice: keep one.",
        "The image \(path)/imagesTr/hippocampus_118.nii.gz has no label: "
          + "add it to labelsTr or remove the image.",
        "The label \(path)/labelsTr/hippocampus_281.nii.gz has no image: "
          + "add it to imagesTr or remove the label.",
      ])
  }

  @Test(
    "a dataset.json that says something impossible is refused",
    arguments: [
      ("{", "is no JSON"), ("[]", "unexpected type"),
      (#"{"channel_names": {"0": "T1"}}"#, "lacks the member labels"),
      (
        #"{"channel_names": {"1": "T1"}, "labels": {"bg": 0, "a": 1}}"#,
        "number the channels from 0"
      ),
      (#"{"labels": {"bg": 0, "a": 1}}"#, "number the channels from 0"),
      (#"{"channel_names": {"0": "T1"}, "labels": {"bg": 0, "a": 2}}"#, "has the labels 0, 2"),
      (#"{"channel_names": {"0": "T1"}, "labels": {"bg": 0}}"#, "has the labels 0:"),
      (#"{"channel_names": {"0": "T1"}, "labels": {"bg": 0, "a": [1, 2]}}"#, "makes a a region"),
      (#"{"channel_names": {"0": "T1"}, "labels": {"bg": 0, "ignore": 1}}"#, "a label to ignore"),
      (#"{"channel_names": {"0": "T1"}, "labels": {"bg": "x"}}"#, "neither is a number"),
      (#"{"channel_names": {"0": "T1"}, "labels": {"bg": 0, "a": 1}}"#, "no training subject"),
      (
        #"{"channel_names": {"0": "T1"}, "labels": {"bg": 0, "a": 1}, "map": {"255": 2}}"#,
        "makes 255 the label 2, which is not declared: map it to one of 0, 1"
      ),
      (
        #"{"channel_names": {"0": "T1"}, "labels": {"bg": 0, "a": 1}, "map": {"x": 1}}"#,
        "has the value x, which is no whole number"
      ),
    ])
  func description(json: String, part: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(["dataset.json"], text: json)
    let faults = Self.faults(folder.path)
    #expect(faults.contains { $0.contains(part) && $0.contains("dataset.json") }, "\(faults)")
  }

  @Test("nnU-Net's member dataset lists files wherever they lie, and a map says what values mean")
  func listedFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      ["d/dataset.json"],
      text: """
        {"channel_names": {"0": "T1", "1": "T2"}, "file_ending": ".nii", "labels": {"bg": 0, "a": 1},
         "map": {"255": 1, "3": 0},
         "dataset": {"s2": {"images": ["../x/1.nii", "../x/2.nii"], "label": "../x/l.nii"},
                     "s1": {"images": ["../x/1.nii", "../x/3.nii"], "label": "../x/l.nii"}}}
        """)
    try folder.write(["x/1.nii", "x/2.nii", "x/l.nii"])
    let path = folder.path + "/d"
    #expect(
      Self.faults(path) == [
        "The image \(path)/../x/3.nii of the subject s1 does not exist: add it or take the subject "
          + "out of dataset.json."
      ])
    try folder.write(["x/3.nii"])
    let dataset = try Dataset.open(path)
    #expect(dataset.subjects.map(\.name) == ["s1", "s2"])
    #expect(dataset.subjects[1].images == ["\(path)/../x/1.nii", "\(path)/../x/2.nii"])
    #expect(dataset.subjects[0].labelMap == [255: 1, 3: 0])
    // A configuration may add to the data set's own map.
    var section = DataSection(path)
    section.map = ["7": 1, "3": 1]
    #expect(try Dataset.open(section).subjects[0].labelMap == [255: 1, 3: 1, 7: 1])
  }

  @Test("a manifest is read: files relative to it, further columns as attributes, folds")
  func manifest() throws {
    let folder = try TemporaryFolder()
    try folder.write(["in/a.nii", "in/a2.nii", "in/b, c.nii", "l/a.nii", "l/b.nii"])
    try folder.write(
      ["m/list.csv"],
      text: """
        subject, image, image2, label, group, stratum, fold
        b,"../in/b, c.nii",\(folder.path)/in/a2.nii,../l/b.nii,p1,young,1
        a,../in/a.nii,../in/a2.nii,../l/a.nii,,old,0
        """)
    let dataset = try Dataset.open(folder.path + "/m/list.csv", labels: ["background", "femur"])
    #expect(dataset.channels == ["image", "image2"])
    #expect(dataset.columns == ["group", "stratum"])
    #expect(dataset.subjects.map(\.name) == ["a", "b"])
    #expect(dataset.subjects[0].attributes == ["stratum": "old"])
    #expect(dataset.subjects[1].attributes == ["group": "p1", "stratum": "young"])
    #expect(dataset.subjects.map(\.fold) == [0, 1])
    #expect(
      dataset.subjects[1].images
        == ["\(folder.path)/m/../in/b, c.nii", "\(folder.path)/in/a2.nii"])
    #expect(
      dataset.labels == [
        DatasetLabel(number: 0, name: "background"), DatasetLabel(number: 1, name: "femur"),
      ])
    #expect(Self.faults(folder.path + "/m/list.csv").first?.contains("add data.labels") == true)
  }

  @Test(
    "a manifest with something amiss is refused with the line",
    arguments: [
      ("subject,image,label\na,x.nii,x.nii\na,x.nii,x.nii", "twice, in lines 2 and 3"),
      ("subject,image,label\na,y.nii,x.nii", "y.nii, which does not exist"),
      ("subject,image,label\na,,x.nii", "Line 2 of"), ("subject,image,label\n", "has no subject"),
      ("subject,image,label\n,x.nii,x.nii", "names no subject"),
      ("subject,image,label\na,x.nii", "has 2 fields where the header has 3"),
      ("subject,image\na,x.nii", "no column label"), ("subject,label\na,x.nii", "no column image"),
      ("subject,image,image3,label\na,x.nii,x.nii,x.nii", "without a gap"),
      ("name,image,label\na,x.nii,x.nii", "no column subject"),
      ("subject,image,label,label\na,x.nii,x.nii,x", "column label 2 times"),
      ("subject,image,label\n../a,x.nii,x.nii", "cannot be a file's name"),
      ("subject,image,label,fold\na,x.nii,x.nii,-1", "has the fold -1"),
      ("subject,image,label\n\"a,x.nii,x.nii", "is no table: Line 2"), ("", "no column subject"),
    ])
  func manifestFaults(text: String, part: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(["x.nii"])
    try folder.write(["manifest.csv"], text: text)
    let faults = Self.faults(folder.path, labels: ["background", "a"])
    #expect(faults.count == 1)
    #expect(faults.first?.contains(part) == true && faults.first?.contains("manifest.csv") == true)
  }

  @Test(
    "a table beside dataset.json brings groups, strata and folds",
    arguments: ["manifest", "groups"])
  func groups(name: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(["dataset.json"], text: Self.decathlon)
    try folder.write([
      "imagesTr/s1.nii.gz", "labelsTr/s1.nii.gz", "imagesTr/s2.nii.gz", "labelsTr/s2.nii.gz",
    ])
    try folder.write(
      ["\(name).csv"], text: "subject,image,label,group,fold\ns2,i,l,fracture,1\ns1,i,l,control,0\n"
    )
    let dataset = try Dataset.open(folder.path)
    #expect(dataset.columns == ["group"])
    #expect(dataset.subjects.map(\.attributes) == [["group": "control"], ["group": "fracture"]])
    #expect(dataset.subjects.map(\.fold) == [0, 1])
    try folder.write(["\(name).csv"], text: "subject,group\ns2,fracture\ns3,control\n")
    let faults = Self.faults(folder.path)
    #expect(faults.count == 2)
    #expect(faults[0].contains("no line for the subject s1"))
    #expect(faults[1].contains("Line 3") && faults[1].contains("s3, which the data set lacks"))
  }

  @Test("what is not there is said plainly")
  func missing() throws {
    let folder = try TemporaryFolder()
    #expect(Self.faults(folder.path + "/no")[0].contains("There is no data set"))
    #expect(Self.faults(folder.path)[0].contains("neither dataset.json nor manifest.csv, nor"))
  }

  @Test("of very many faults the first are told, and how many there are")
  func manyFaults() throws {
    let folder = try TemporaryFolder()
    try folder.write(["dataset.json"], text: Self.nnunet)
    try folder.write((0..<30).map { "labelsTr/s\($0).nii.gz" })
    let error = #expect(throws: DatasetError.self) { try Dataset.open(folder.path) }
    let lines = error?.description.split(separator: "\n") ?? []
    #expect(lines.count == 21)
    #expect(lines.last?.contains("20 of 30 faults in \(folder.path)") == true)
  }

  /// The project's root, and the shared data beside it.
  static let hippocampus = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/data/hippocampus").path

  @Test(
    "the hippocampus subset of the Decathlon opens, and falls into folds of fifty",
    .enabled(
      if: FileManager.default.fileExists(atPath: hippocampus),
      "SKIPPED: ../shared/data/hippocampus is not there"))
  func realData() throws {
    let dataset = try Dataset.open(Self.hippocampus)
    #expect(dataset.subjects.count == 200)
    #expect(dataset.labels.map(\.name) == ["background", "Anterior", "Posterior"])
    #expect(dataset.channels == ["MRI"] && dataset.notices.isEmpty)
    var section = FoldsSection()
    section.count = 4
    section.stratify = "group"
    section.group = "patient"
    let folds = try Folds(of: dataset, section)
    #expect(folds.splits.map(\.val.count) == [50, 50, 50, 50])
    #expect(folds.notices.count == 2)
  }
}
