import Collective
import CounterRandom
import DistTrainer
import Evaluation
import Foundation
import Testing

@Suite("Protocols of splitting") struct SplitProtocolTests {
  static func data(
    _ count: Int, test: TestPart = .none, subset: Double? = nil, seed: UInt64 = 1
  ) -> DataSection {
    var data = DataSection("data")
    data.folds.count = count
    data.folds.test = test
    data.folds.seed = seed
    data.subset = subset
    return data
  }

  @Test(
    "each fold trains, validates and tests on parts that share no patient",
    arguments: [4, 5, 6], [TestPart.next, .half])
  func testPart(count: Int, part: TestPart) throws {
    let dataset = FoldsTests.dataset(patients: 60, strata: 2, visits: 2, seed: 4)
    let folds = try Folds(of: dataset, Self.data(count, test: part))
    let plain = try Folds(of: dataset, Self.data(count))
    let patient = Dictionary(
      uniqueKeysWithValues: dataset.subjects.map { ($0.name, $0.attributes["patient"]) })
    for (fold, split) in folds.splits.enumerated() {
      let parts = [split.train, split.val, split.test]
      #expect(parts.allSatisfy { !$0.isEmpty })
      #expect(Set(parts.joined()).count == dataset.subjects.count)
      let patients = parts.map { Set($0.map { patient[$0] }) }
      #expect(patients[0].isDisjoint(with: patients[1]))
      #expect(patients[0].isDisjoint(with: patients[2]))
      #expect(patients[1].isDisjoint(with: patients[2]))
      switch part {
      case .next:
        #expect(split.test == plain.splits[fold].val)
        #expect(split.val == plain.splits[(fold + 1) % count].val)
      default:
        #expect(Set(split.test + split.val) == Set(plain.splits[fold].val))
        #expect(abs(patients[1].count - patients[2].count) <= 1)
      }
    }
    // No subject is tested twice; with next, every one is tested.
    let tested = folds.splits.flatMap { $0.test }
    #expect(Set(tested).count == tested.count)
    if part == .next { #expect(tested.count == dataset.subjects.count) }
  }

  @Test("the papers' numbers: 20, 5 and 5 of 30 in six folds; 220, 27 and 27 of 274 in five")
  func kayalibay() throws {
    let hands = FoldsTests.dataset(patients: 30, strata: 1, visits: 1, seed: 1)
    for split in try Folds(of: hands, Self.data(6, test: .next)).splits {
      let sizes = [split.train.count, split.val.count, split.test.count]
      #expect(sizes == [20, 5, 5])
    }
    let brains = FoldsTests.dataset(patients: 274, strata: 1, visits: 1, seed: 1)
    let sizes = try Folds(of: brains, Self.data(5, test: .half)).splits.map {
      [$0.train.count, $0.val.count, $0.test.count]
    }
    let expected: Set = [[219, 27, 28], [220, 27, 27]]
    #expect(Set(sizes) == expected)
  }

  @Test("smaller subsets lie within larger ones, keep strata even and patients whole")
  func nested() throws {
    let dataset = FoldsTests.dataset(patients: 80, strata: 3, visits: 2, seed: 8)
    let whole = try Folds(of: dataset, Self.data(4))
    func attribute(_ name: String, _ subjects: [String]) -> [String?] {
      let names = Set(subjects)
      return dataset.subjects.filter { names.contains($0.name) }.map { $0.attributes[name] }
    }
    var larger = whole.splits.map { Set($0.train) }
    for subset in [1, 0.5, 30 / 60.0, 15, 0.2, 5, 2, 0.001] {
      let folds = try Folds(of: dataset, Self.data(4, subset: subset))
      for (fold, split) in folds.splits.enumerated() {
        #expect(split.val == whole.splits[fold].val)
        #expect(Set(split.train).isSubset(of: larger[fold]))
        larger[fold] = Set(split.train)
        let patients = Set(attribute("patient", split.train))
        let all = Set(attribute("patient", whole.splits[fold].train))
        let expected =
          subset <= 1 ? max(1, Int((subset * Double(all.count)).rounded())) : Int(subset)
        #expect(patients.count == expected)
        // Whole patients.
        let visits = dataset.subjects.filter { patients.contains($0.attributes["patient"]) }
        #expect(visits.count == split.train.count)
        // Strata in their proportions, within one patient.
        for stratum in Set(attribute("stratum", whole.splits[fold].train)) {
          func count(_ patients: Set<String?>) -> Int {
            Set(
              dataset.subjects.filter {
                patients.contains($0.attributes["patient"])
                  && $0.attributes["stratum"] == stratum
              }.map { $0.attributes["patient"] }
            ).count
          }
          let share = Double(count(all)) / Double(all.count)
          #expect(abs(Double(count(patients)) - share * Double(expected)) <= 1)
        }
      }
      #expect(folds.notices.count == 4)
    }
  }

  @Test("a subset depends on seed and names alone, and asks for no more than there is")
  func subsetLimits() throws {
    let dataset = FoldsTests.dataset(patients: 20, strata: 1, visits: 1, seed: 2)
    let first = try Folds(of: dataset, Self.data(4, subset: 0.3))
    var random = RandomStream(seed: 3, "test/order")
    let other = Dataset(
      name: "test", channels: [], labels: [],
      subjects: dataset.subjects.shuffled(using: &random), columns: dataset.columns)
    #expect(try Folds(of: other, Self.data(4, subset: 0.3)).splits == first.splits)
    let error = #expect(throws: FoldsError.self) {
      try Folds(of: dataset, Self.data(4, subset: 16))
    }
    #expect(
      error?.description == "data.subset asks for 16 groups, but fold 0 trains on 15: lower it, or "
        + "take more folds.")
  }

  @Test("splits of a file are taken as they are, unless they split a patient")
  func file() throws {
    let dataset = FoldsTests.dataset(patients: 12, strata: 1, visits: 2, seed: 6)
    let folder = try TemporaryFolder()
    let folds = try Folds(of: dataset, Self.data(3, test: .next))
    try folder.write(["splits.json"], text: folds.json)
    var data = Self.data(5)
    data.folds.file = folder.path + "/splits.json"
    #expect(try Folds(of: dataset, data).splits == folds.splits)
    #expect(folds.json.contains("\"test\""))
    // The second visit of a patient trains.
    var torn = folds
    let patients = Dictionary(grouping: dataset.subjects) { $0.attributes["patient"] ?? "" }
    let pair = try #require(
      patients.values.first { visits in
        visits.count == 2 && torn.splits[1].val.contains(visits[0].name)
      })
    torn.splits[1] = Split(
      train: torn.splits[1].train + [pair[1].name],
      val: torn.splits[1].val.filter { $0 != pair[1].name }, test: torn.splits[1].test)
    try folder.write(["splits.json"], text: torn.json)
    let error = #expect(throws: FoldsError.self) { try Folds(of: dataset, data) }
    #expect(error?.findings.map(\.kind) == [.groupAcrossFolds])
    #expect(error?.description.contains("Fold 1 of ") == true)
  }

  @Test("a run with test subjects validates on the others and is measured on these alone")
  func trained() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writePhantoms(folder.path + "/data", count: 12)
    let outcome = try #require(
      try SmallStudy.train(
        in: folder.path, folds: [0],
        overrides: [
          "data.folds.count=3", "data.folds.test=next", "training.validateEvery=1",
        ]))
    let dataset = try Dataset.open(folder.path + "/data")
    let folds = try Folds(contentsOf: outcome.folder.splits, dataset: dataset)
    #expect(outcome.table.subjects.map(\.subject) == folds.splits[0].test)
    let log = try String(contentsOfFile: outcome.folder.fold(0).log, encoding: .utf8)
    #expect(log.contains("\"dice\""))
    // Finished, it goes on with the same table.
    let again = try #require(
      try SmallStudy.train(
        in: folder.path, folds: [1], continues: true,
        overrides: [
          "data.folds.count=3", "data.folds.test=next", "training.validateEvery=1",
        ]))
    #expect(
      Set(again.table.subjects.map(\.subject))
        == Set(folds.splits[0].test + folds.splits[1].test))
  }
}
