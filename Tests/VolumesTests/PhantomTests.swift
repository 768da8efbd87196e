import Foundation
import Testing

@testable import Volumes

@Suite("Phantoms")
struct PhantomTests {
  private let tiny = Phantom(shape: [24, 18, 24], spacing: [4.5, 5, 5])

  @Test("two scans of a patient share group and grade, and differ as pictures")
  func subjects() throws {
    let scans = try (0..<6).map(tiny.subject)
    #expect(scans.map(\.id).prefix(3) == ["patient001_t1", "patient001_t2", "patient002_t1"])
    #expect(scans.map(\.group) == [1, 1, 2, 2, 3, 3].map { "patient00\($0)" })
    #expect(scans[0].stratum == scans[1].stratum)
    #expect(Set(scans.map(\.stratum)) == ["normal", "osteopenia", "osteoporosis"])
    #expect(scans[0].image.voxels != scans[1].image.voxels)
    for scan in scans {
      #expect(scan.labels.labels == [0, 1, 2])
      #expect(scan.image.geometry == scan.labels.geometry)
      #expect(scan.image.voxels.allSatisfy { $0 >= 0 && $0 <= 32_767 })
      // Both labels are large enough to be learned, and leave room around them.
      for label in 1...2 {
        let share = Double(scan.labels.voxels.filter { $0 == label }.count) / 10_368
        #expect((0.02...0.3).contains(share), "\(scan.id) label \(label): \(share)")
      }
    }
    // The same settings give the same subject, another seed another.
    let (again, first) = (try tiny.subject(3), scans[3])
    #expect(again.image == first.image && again.labels == first.labels)
    var other = tiny
    other.seed = 2
    #expect(try other.subject(3).image != first.image)
  }

  @Test("bone marrow stands out from muscle by many times the noise")
  func contrast() throws {
    let scan = try tiny.subject(0)
    func mean(_ label: UInt8) -> Double {
      let values = zip(scan.image.voxels, scan.labels.voxels).filter { $1 == label }.map {
        Double($0.0)
      }
      return values.reduce(0, +) / Double(values.count)
    }
    #expect(mean(2) > 1.2 * mean(0))
  }

  @Test("noise is Rician: second and fourth moment as Rice's, and labels do not change")
  func rician() throws {
    func scan(noise: Float) throws -> Phantom.Subject {
      try Phantom(shape: [40, 40, 40], spacing: [3, 3, 3], noise: noise, bias: 0).subject(0)
    }
    let (quiet, noisy) = (try scan(noise: 0), try scan(noise: 0.4))
    #expect(quiet.labels == noisy.labels)
    func moment(_ power: Double, _ subject: Phantom.Subject) -> Double {
      subject.image.voxels.reduce(0.0) { $0 + pow(Double($1), power) } / 64_000
    }
    // E M² = S² + 2σ², E M⁴ = S⁴ + 8σ²S² + 8σ⁴ (Rice 1944); a normal error of the same second
    // moment would give 12 for both eights.
    let (second, fourth) = (moment(2, quiet), moment(4, quiet))
    let variance = (moment(2, noisy) - second) / 2
    #expect(variance > 0.05 * second)
    let wanted = fourth + 8 * variance * second + 8 * variance * variance
    #expect(abs(moment(4, noisy) / wanted - 1) < 0.03)
  }

  @Test("a data set is written in nnU-Net's layout, with a manifest beside it")
  func dataset() throws {
    try Place.withFolder { folder in
      let root = "\(folder)/made/here"
      var heard: [Int] = []
      var phantom = tiny
      phantom.orientation = "LSA"
      let entries = try phantom.write(to: root, count: 3) { heard.append($0) }
      #expect(heard == [1, 2, 3])
      #expect(entries.count == 3)
      struct Description: Decodable {
        let channel_names: [String: String]
        let labels: [String: Int]
        let numTraining: Int
        let file_ending: String
      }
      let description = try JSONDecoder().decode(
        Description.self, from: Data(contents("\(root)/dataset.json")))
      #expect(description.channel_names == ["0": "MRI"])
      #expect(description.labels == ["background": 0, "femur": 1, "head": 2])
      #expect(description.numTraining == 3 && description.file_ending == ".nii.gz")
      let lines = try String(decoding: contents("\(root)/manifest.csv"), as: UTF8.self)
        .split(separator: "\n")
      #expect(lines.first == "subject,image,label,group,stratum")
      #expect(
        lines[2]
          == "patient001_t2,imagesTr/patient001_t2_0000.nii.gz,labelsTr/patient001_t2.nii.gz,patient001,normal"
      )
      for (index, entry) in entries.enumerated() {
        let made = try phantom.subject(index)
        let image = try VolumeFiles.readImage("\(root)/\(entry.image)")
        #expect(image.voxels == made.image.voxels)
        #expect(image.geometry.orientation.code == "LSA")
        let labels = try VolumeFiles.readLabels("\(root)/\(entry.label)")
        #expect(labels.voxels == made.labels.voxels)
        #expect(labels.geometry == image.geometry)
      }
    }
  }

  @Test("settings out of range are refused by name")
  func settings() {
    #expect(fault(try Phantom(shape: [1, 2, 3]).subject(0))?.subject == "phantom.shape")
    #expect(fault(try Phantom(spacing: [1, 1, -1]).subject(0))?.subject == "phantom.spacing")
    #expect(fault(try Phantom(noise: .nan).subject(0))?.kind == .setting)
    #expect(fault(try Phantom(orientation: "up").subject(0))?.kind == .setting)
    #expect(fault(try tiny.write(to: "/nowhere", count: 0))?.subject == "phantom.count")
  }

  @Test("a folder with anything else in it is left alone, with the remedy")
  func otherFolder() throws {
    func refusal(_ folder: String, count: Int = 2) -> String {
      fault(try tiny.write(to: folder, count: count))?.description ?? ""
    }
    try Place.withFolder { folder in
      let remedy = "; name a new folder, or remove this one first"
      // Somebody's notes; then an nnU-Net data set of somebody's own.
      try save([1], "\(folder)/notes.txt")
      #expect(
        refusal(folder)
          == "\(folder): is not empty and holds no whole data set of phantoms (notes.txt lies there)"
          + remedy)
      try save(Array(#"{"name": "Femurs", "description": "real"}"#.utf8), "\(folder)/dataset.json")
      #expect(refusal(folder).contains("holds no whole data set of phantoms (dataset.json lies"))
      #expect(try contents("\(folder)/notes.txt") == [1])
      #expect(try FileAccess.names(in: folder) == ["dataset.json", "notes.txt"])

      // Its own is written anew, by fewer scans it would be mixed.
      let own = "\(folder)/own"
      try tiny.write(to: own, count: 2)
      let path = "\(own)/imagesTr/patient001_t1_0000.nii.gz"
      let first = try contents(path)
      var other = tiny
      other.seed = 9
      try other.write(to: own, count: 3)
      #expect(try contents(path) != first)
      #expect(
        refusal(own)
          == "\(own): holds imagesTr/patient002_t1_0000.nii.gz, which would stay beside the 2 scans of "
          + "this data set" + remedy)
      try save([1], "\(own)/labelsTr/other.nii.gz")
      #expect(refusal(own, count: 3).contains("holds labelsTr/other.nii.gz, which"))
      // One that was not finished is not whole.
      try FileManager.default.removeItem(atPath: "\(own)/dataset.json")
      #expect(refusal(own, count: 3).contains("holds no whole data set"))
    }
  }
}
