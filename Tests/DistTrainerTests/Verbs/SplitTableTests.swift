import DistTrainer
import Foundation
import Testing

@Suite struct SplitTableTests {
  @Test("the table counts subjects, groups and strata of each fold")
  func counts() throws {
    let subjects = (0..<18).map { index in
      Subject(
        name: "s\(index)", images: [], label: "",
        attributes: ["patient": "p\(index / 2)", "stratum": index < 12 ? "a" : "b"])
    }
    let dataset = Dataset(
      name: "d", channels: ["T1"], labels: [], subjects: subjects, columns: ["patient", "stratum"])
    var section = FoldsSection()
    section.count = 3
    let table = SplitTable(try Folds(of: dataset, section), of: dataset, section)
    // 6 patients of stratum a and 3 of b, two subjects each, fall into thirds.
    #expect(
      table.description == """
        fold  train  validate  groups  a  b
           0     12         6       3  4  2
           1     12         6       3  4  2
           2     12         6       3  4  2
        """)
    struct Form: Decodable {
      struct Fold: Decodable, Equatable {
        var fold: Int
        var train: Int
        var validate: Int
        var groups: Int?
        var strata: [String: Int]
      }
      var folds: [Fold]
    }
    let form = try JSONDecoder().decode(Form.self, from: Data(table.json.utf8))
    let expected = (0..<3).map { fold in
      Form.Fold(fold: fold, train: 12, validate: 6, groups: 3, strata: ["a": 4, "b": 2])
    }
    #expect(form.folds == expected)
  }

  @Test("without a table of attributes there are neither groups nor strata")
  func bare() throws {
    let dataset = Dataset(
      name: "d", channels: ["T1"], labels: [],
      subjects: (0..<5).map { Subject(name: "s\($0)", images: [], label: "") })
    var section = FoldsSection()
    section.count = 2
    let table = SplitTable(try Folds(of: dataset, section), of: dataset, section)
    #expect(table.strata == [])
    #expect(table.rows.allSatisfy { $0.groups == nil && $0.training + $0.validation == 5 })
    #expect(table.rows.map(\.validation).sorted() == [2, 3])
  }
}
