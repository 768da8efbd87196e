import DistTrainer
import Foundation
import Testing

@Suite struct MeasuredSystemTests {
  static let table = """
    # dice: 2 TP / (2 TP + FP + FN)
    subject,fold,label,name,dice,asd_mm,undefined
    s1,0,1,femur,0.75,1.5,
    s1,0,2,head,,,dice=bothEmpty;asd_mm=predictionEmpty
    s2,1,1,femur,0.5,inf,

    """

  @Test("a table is read by the names of its columns, and what has no value keeps its reason")
  func table() throws {
    let folder = try TemporaryFolder()
    try folder.write(["a/metrics.csv"], text: Self.table)
    let system = try MeasuredSystem.read(["\(folder.path)/a/metrics.csv"], metric: "dice")[0]
    #expect(system.name == "a")
    #expect(system.labels.map(\.name) == ["femur", "head"])
    #expect(system.label("femur")?.values == ["s1": 0.75, "s2": 0.5])
    #expect(system.label("2")?.undefined == ["s1": "bothEmpty"])
    let distance = try MeasuredSystem.read(["\(folder.path)/a"], metric: "asd_mm")[0]
    #expect(distance.label("femur")?.values == ["s1": 1.5])
    #expect(distance.label("femur")?.undefined == ["s2": "infinite"])
    #expect(distance.label("head")?.undefined == ["s1": "predictionEmpty"])
  }

  @Test("a table from elsewhere needs a subject and a metric, nothing more")
  func foreign() throws {
    let folder = try TemporaryFolder()
    try folder.write(["monai.csv"], text: "subject,hd95\r\ns1,3.5\r\ns2,nan\r\n")
    let system = try MeasuredSystem.read(["\(folder.path)/monai.csv"], metric: "hd95")[0]
    #expect(system.name == "monai")
    #expect(system.labels.map(\.name) == ["all"])
    #expect(system.labels[0].values == ["s1": 3.5])
    #expect(system.labels[0].undefined == ["s2": "no value"])
  }

  @Test("a run is read from its cross-validation, else from its folds, with its training size")
  func run() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      ["run/splits_final.json"],
      text: #"[{"train": ["a", "b", "c"], "val": ["d"]}, {"train": ["d", "b"], "val": ["a"]}]"#)
    let heading = "subject,dice\n"
    try folder.write(["run/fold_0/validation/metrics.csv"], text: heading + "d,0.5\n")
    try folder.write(["run/fold_1/validation/metrics.csv"], text: heading + "a,0.25\n")
    let path = "\(folder.path)/run"
    let folds = try MeasuredSystem.read([path], metric: "dice")[0]
    #expect(folds.name == "run" && folds.trainingSubjects == 2.5)
    #expect(folds.labels[0].values == ["a": 0.25, "d": 0.5])
    try folder.write(["run/crossval/metrics.csv"], text: heading + "a,0.75\n")
    let whole = try MeasuredSystem.read(["\(path)=12"], metric: "dice")[0]
    #expect(whole.trainingSubjects == 12)
    #expect(whole.labels[0].values == ["a": 0.75])
    // The number is no part of the name; a file that is named so is taken as it is.
    #expect(whole.name == "run")
    try folder.write(["lr=3"], text: heading + "a,0.5\n")
    let equals = try MeasuredSystem.read(["\(folder.path)/lr=3"], metric: "dice")[0]
    #expect(equals.name == "lr=3" && equals.trainingSubjects == nil)
  }

  @Test("systems are called by what tells them apart, or as is asked")
  func names() throws {
    let folder = try TemporaryFolder()
    let files = ["x/crossval/metrics.csv", "y/crossval/metrics.csv", "z/x/metrics.csv"]
    try folder.write(files, text: "subject,dice\na,1\n")
    let paths = files.map { "\(folder.path)/\($0)" }
    #expect(
      try MeasuredSystem.read(Array(paths.prefix(2)), metric: "dice").map(\.name) == ["x", "y"])
    #expect(try MeasuredSystem.read(paths, metric: "dice").map(\.name) == paths)
    #expect(
      try MeasuredSystem.read(paths, names: ["1", "2", "3"], metric: "dice").map(\.name)
        == ["1", "2", "3"])
    for names in [["1", "2"], ["1", "1", "2"]] {
      #expect(throws: ComparisonError.self) {
        try MeasuredSystem.read(paths, names: names, metric: "dice")
      }
    }
    #expect(throws: ComparisonError.self) {
      try MeasuredSystem.read([paths[0], paths[0]], metric: "dice")
    }
  }

  @Test(
    "a table that is not as it should be is refused in a sentence",
    arguments: [
      ("", "is empty"),
      ("subject,dise\ns1,0.5\n", "did you mean dise?"),
      ("name,dice\ns1,0.5\n", "no column subject"),
      ("subject,dice\ns1,0.5\ns1,0.6\n", "s1 occurs twice for all, again in line 3"),
      ("subject,dice\ns1,good\n", "holds good, which is no number"),
      ("subject,dice\ns1\n", "Line 2"),
      ("subject,dice\n\"s1,0.5\n", "never closed"),
    ])
  func faults(text: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(["t.csv"], text: text)
    let error = #expect(throws: ComparisonError.self) {
      try MeasuredSystem.read(["\(folder.path)/t.csv"], metric: "dice")
    }
    let description = error?.description ?? ""
    #expect(description.contains(sentence), "\(description)")
    #expect(description.contains(folder.path) || description.contains("s1"), "\(description)")
  }

  @Test("everything that cannot be read is named at once")
  func missing() throws {
    let folder = try TemporaryFolder()
    try folder.write(["empty/config.yaml"])
    let error = #expect(throws: ComparisonError.self) {
      try MeasuredSystem.read(["\(folder.path)/none", "\(folder.path)/empty"], metric: "dice")
    }
    #expect(error?.faults.count == 2)
    #expect(error?.faults.first?.contains("nothing at") == true)
    #expect(error?.faults.last?.contains("holds no metrics.csv") == true)
  }
}
