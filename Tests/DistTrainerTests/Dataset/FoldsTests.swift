import CounterRandom
import DistTrainer
import Foundation
import Testing

@Suite struct FoldsTests {
  /// A data set of `patients` patients in `strata` strata of uneven size, with one to `visits`
  /// subjects each.
  static func dataset(patients: Int, strata: Int, visits: Int, seed: UInt64) -> Dataset {
    var random = RandomStream(seed: seed, "test/folds")
    var subjects: [Subject] = []
    for patient in 0..<patients {
      // The square makes low strata frequent and high ones rare.
      let draw = random.uniform()
      let stratum = Int(draw * draw * Float(strata))
      for visit in 0...random.integer(below: visits) {
        subjects.append(
          Subject(
            name: "p\(patient)v\(visit)", images: [], label: "",
            attributes: ["patient": "p\(patient)", "stratum": "s\(stratum)"]))
      }
    }
    return Dataset(
      name: "test", channels: ["T1"], labels: [], subjects: subjects.shuffled(using: &random),
      columns: ["patient", "stratum"])
  }

  static func section(_ count: Int, seed: UInt64 = 1) -> FoldsSection {
    var section = FoldsSection()
    section.count = count
    section.seed = seed
    return section
  }

  typealias Case = (patients: Int, strata: Int, visits: Int, count: Int)
  static let cases: [Case] = [
    (86, 2, 1, 4), (86, 3, 3, 4), (20, 4, 2, 5), (7, 1, 1, 7), (101, 5, 4, 10), (9, 3, 2, 2),
    (64, 1, 5, 3),
  ]

  @Test(
    "every subject validates once, no patient is split, strata and sizes are even",
    arguments: cases, [UInt64(1), 2, 3])
  func properties(_ item: Case, seed: UInt64) throws {
    let dataset = Self.dataset(
      patients: item.patients, strata: item.strata, visits: item.visits, seed: seed)
    let folds = try Folds(of: dataset, Self.section(item.count, seed: seed))
    #expect(folds.splits.count == item.count && folds.notices.isEmpty)
    let names = Set(dataset.subjects.map(\.name))
    #expect(folds.splits.flatMap(\.val).sorted() == names.sorted())
    for split in folds.splits {
      #expect(Set(split.train) == names.subtracting(split.val))
      #expect(split.train.count + split.val.count == names.count)
    }
    let fold = Dictionary(
      uniqueKeysWithValues: folds.splits.enumerated().flatMap { index, split in
        split.val.map { ($0, index) }
      })
    let patients = Dictionary(grouping: dataset.subjects) { $0.attributes["patient"] ?? "" }
    var perFold = [Int](repeating: 0, count: item.count)
    var perStratum: [String: [Int]] = [:]
    for visits in patients.values {
      let folds = Set(visits.map { fold[$0.name] })
      #expect(folds.count == 1)
      let here = try #require(folds.first ?? nil)
      perFold[here] += 1
      let stratum = try #require(visits[0].attributes["stratum"])
      perStratum[stratum, default: [Int](repeating: 0, count: item.count)][here] += 1
    }
    for counts in perStratum.values + [perFold] {
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }
  }

  @Test("the folds of 86 subjects in 4 are 21, 21, 22 and 22, as in Deniz 2018")
  func deniz() throws {
    let dataset = Self.dataset(patients: 86, strata: 2, visits: 1, seed: 5)
    let sizes = try Folds(of: dataset, Self.section(4)).splits.map(\.val.count)
    #expect(sizes.sorted() == [21, 21, 22, 22])
  }

  @Test("larger groups go to the folds with fewer subjects")
  func sizes() throws {
    // Eight patients with 8, 7, … 1 visits in two folds: 36 subjects, 18 each.
    let subjects = (1...8).flatMap { patient in
      (0..<patient).map {
        Subject(
          name: "p\(patient)v\($0)", images: [], label: "", attributes: ["patient": "p\(patient)"])
      }
    }
    let dataset = Dataset(
      name: "test", channels: [], labels: [], subjects: subjects, columns: ["patient"])
    let folds = try Folds(of: dataset, Self.section(2))
    #expect(folds.splits.map(\.val.count) == [18, 18])
  }

  @Test("the same seed gives the same folds whatever the order of files; another seed, others")
  func determinism() throws {
    let dataset = Self.dataset(patients: 40, strata: 2, visits: 2, seed: 9)
    var random = RandomStream(seed: 3, "test/order")
    let other = Dataset(
      name: "test", channels: [], labels: [],
      subjects: dataset.subjects.shuffled(using: &random), columns: dataset.columns)
    let folds = try Folds(of: dataset, Self.section(4))
    #expect(try Folds(of: other, Self.section(4)) == folds)
    #expect(try Folds(of: dataset, Self.section(4, seed: 2)) != folds)
  }

  @Test("the folds of a small set stay what they are: results depend on them")
  func golden() throws {
    let subjects = "abcdefgh".map { Subject(name: String($0), images: [], label: "") }
    let dataset = Dataset(name: "test", channels: [], labels: [], subjects: subjects)
    let folds = try Folds(of: dataset, Self.section(4))
    #expect(folds.splits.map { $0.val.joined() } == ["ce", "fh", "ad", "bg"])
  }

  @Test("a column fold is respected")
  func foldColumn() throws {
    var dataset = Self.dataset(patients: 6, strata: 1, visits: 1, seed: 1)
    func folded(_ fold: (Int) -> Int?) -> Dataset {
      Dataset(
        name: "test", channels: [], labels: [],
        subjects: dataset.subjects.enumerated().map { index, subject in
          var subject = subject
          subject.fold = fold(index)
          return subject
        }, columns: dataset.columns)
    }
    let folds = try Folds(of: folded { $0 % 3 }, Self.section(3))
    #expect(folds.splits[1].val == [dataset.subjects[1].name, dataset.subjects[4].name])
    #expect(
      Self.faults(folded { $0 % 2 }, Self.section(3)).first?.contains("asks for 0 to 2") == true)
    #expect(
      Self.faults(folded { $0 == 0 ? nil : $0 % 3 }, Self.section(3)).first?.contains("has no fold")
        == true)
    dataset = Dataset(
      name: "test", channels: [], labels: [],
      subjects: ["a", "b", "c", "d"].map {
        Subject(name: $0, images: [], label: "", attributes: ["patient": $0 < "c" ? "x" : $0])
      }, columns: ["patient"])
    #expect(
      Self.faults(folded { $0 % 2 }, Self.section(2)) == [
        "The column fold splits the group x (a, b): put it into one fold."
      ])
  }

  static func faults(_ dataset: Dataset, _ section: FoldsSection) -> [String] {
    do {
      _ = try Folds(of: dataset, section)
      return []
    } catch {
      return error.faults
    }
  }

  @Test("columns: those named must be there, those that look like patients are used unasked")
  func columns() throws {
    func dataset(_ columns: [String], _ attributes: [[String: String]]) -> Dataset {
      Dataset(
        name: "test", channels: [], labels: [],
        subjects: attributes.enumerated().map {
          Subject(name: "s\($0.offset)", images: [], label: "", attributes: $0.element)
        }, columns: columns)
    }
    let pairs = (0..<8).map { ["group": "g\($0 / 2)", "sex": $0 % 4 < 2 ? "f" : "m"] }
    let grouped = dataset(["group", "sex"], pairs)
    for split in try Folds(of: grouped, Self.section(2)).splits {
      for name in split.val {
        let twin = "s\((Int(name.dropFirst()) ?? 0) ^ 1)"
        #expect(split.val.contains(twin))
      }
    }
    // The column that strata are made of is not taken for the patient.
    var section = Self.section(2)
    section.stratify = "group"
    for split in try Folds(of: grouped, section).splits {
      #expect(Set(split.val.map { (Int($0.dropFirst()) ?? 0) / 2 }).count == 4)
    }
    section.stratify = "sexx"
    #expect(
      Self.faults(grouped, section) == [
        "data.folds.stratify names the column sexx, which the table of test lacks: did you mean sex?"
      ])
    let holes = dataset(["group"], [["group": "a"], [:], ["group": "b"]])
    #expect(Self.faults(holes, Self.section(2)).first?.contains("subject s1 has no group") == true)
    #expect(
      Self.faults(grouped, Self.section(5)).first?.contains("There are 4 groups for 5 folds")
        == true)
    // No table at all: subjects stand for themselves, and it is said.
    let bare = Dataset(
      name: "test", channels: [], labels: [],
      subjects: ["a", "b"].map { Subject(name: $0, images: [], label: "") })
    section = Self.section(2)
    section.group = "patient"
    #expect(try Folds(of: bare, section).notices.count == 1)
  }

  @Test("splits are written in nnU-Net's shape and read back")
  func json() throws {
    let dataset = Self.dataset(patients: 10, strata: 1, visits: 1, seed: 1)
    let folds = try Folds(of: dataset, Self.section(3))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(folds.json.utf8)) as? [[String: [String]]])
    #expect(object.map { $0["val"] } == folds.splits.map(\.val))
    #expect(object.allSatisfy { Set($0.keys) == ["train", "val"] })
    let folder = try TemporaryFolder()
    try folder.write(["splits_final.json"], text: folds.json)
    #expect(try Folds(contentsOf: folder.path + "/splits_final.json", dataset: dataset) == folds)
  }

  @Test(
    "splits that do not fit are refused",
    arguments: [
      ("{}", "cannot be read as splits"), ("[]", "has no fold"),
      (#"[{"train": ["a"], "val": ["z"]}]"#, "names z, which test lacks"),
      (#"[{"train": ["a"], "val": ["a"]}]"#, "names a twice"),
      (#"[{"train": [], "val": ["a"]}]"#, "trains on nothing"),
      (#"[{"train": ["a"], "val": []}]"#, "validates nothing"),
    ])
  func jsonFaults(text: String, part: String) throws {
    let dataset = Dataset(
      name: "test", channels: [], labels: [],
      subjects: ["a", "b"].map { Subject(name: $0, images: [], label: "") })
    let folder = try TemporaryFolder()
    try folder.write(["s.json"], text: text)
    let error = #expect(throws: FoldsError.self) {
      try Folds(contentsOf: folder.path + "/s.json", dataset: dataset)
    }
    #expect(error?.description.contains(part) == true)
  }
}
