import Collective
import DistTrainer
import Evaluation
import Foundation
import Testing
import Volumes

@Suite("Post-processing chosen on validation predictions")
struct PostProcessingSearchTests {
  /// A run whose predictions are the references, changed by `change`.
  private static func arrange(
    _ path: String, _ change: (_ subject: Int, inout LabelVolume) -> Void
  ) throws {
    try SmallStudy.writePhantoms("\(path)/data", count: 4)
    let outcome = try #require(try SmallStudy.train(in: path))
    for (index, subject) in outcome.table.subjects.enumerated() {
      var volume = try VolumeFiles.readLabels(subject.referenceFile)
      change(index, &volume)
      try VolumeFiles.write(volume, to: subject.predictionFile)
    }
  }

  /// The places of the 26 voxels around one, in a grid of 24x20x24 voxels.
  private static let neighbors = (-1...1).flatMap { d in
    (-1...1).flatMap { h in (-1...1).map { w in (d * 20 + h) * 24 + w } }
  }

  private static func search(_ path: String, ranks: Int = 1) throws -> PostProcessingSearch {
    try InProcessCommunicator.run(ranks: ranks) { world in
      try PostProcessingSearch("\(path)/run", world: world)
    }[0]
  }

  @Test("a step that improves a label is chosen for that label, whatever the number of ranks")
  func chosen() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try Self.arrange(path) { index, volume in
      // In the middle of label 2, away from label 1: a speck of label 1, so that the foreground is
      // still one piece, and a hole.
      let inner = volume.voxels.indices.filter { place in
        volume.voxels[place] == 2
          && Self.neighbors.allSatisfy { volume.voxels[place + $0] == 2 }
      }
      volume.voxels[inner[inner.count / 2]] = 0
      if index < 3 { volume.voxels[inner[0]] = 1 }
    }
    let found = try Self.search(path)
    #expect(
      found.steps
        == [PostProcessingChoice]([LargestComponent(labels: [1]), FillHoles(labels: [2])]))
    let again = try Self.search(path, ranks: 3)
    #expect(try found.json() == again.json())
    let file = try found.write()
    #expect(file == "\(path)/run/crossval/postprocessing.json")
    for place in [file, "\(path)/run"] {
      #expect(try [PostProcessingChoice](contentsOf: place) == found.steps)
    }
    let lines = found.description.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(lines.count == 1 + 5 + 2)
    #expect(lines[1].hasPrefix("largestComponent foreground") && lines[1].hasSuffix("no"))
    #expect(lines[2].hasPrefix("largestComponent femur") && lines[2].hasSuffix("1.0000 yes"))
    #expect(lines[3].hasSuffix("no") && lines[4].hasSuffix("no") && lines[5].hasSuffix("yes"))
    // Where a speck was, there is a hole too, which is filled.
    #expect(lines[7].hasPrefix("all accepted head") && lines[7].hasSuffix("1.0000 -"))
  }

  @Test("specks of the foreground far from it go by the joint step, and nothing else is chosen")
  func together() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try Self.arrange(path) { _, volume in
      #expect(volume.voxels[0] == 0 && volume.voxels[volume.voxels.count - 1] == 0)
      volume.voxels[0] = 1
      volume.voxels[volume.voxels.count - 1] = 2
    }
    let found = try Self.search(path)
    #expect(found.steps == [PostProcessingChoice]([LargestComponent(together: true)]))
  }

  @Test("predictions that nothing improves leave no step")
  func nothing() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try Self.arrange(path) { _, _ in }
    let found = try Self.search(path)
    #expect(found.steps.isEmpty)
    #expect(try [PostProcessingChoice](contentsOf: found.write()).isEmpty)
  }

  @Test("what is no run, or has no finished fold, is refused in a sentence")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    func message(_ body: () throws -> Void) -> String { SegmentationComparisonTests.message(body) }
    #expect(
      message { _ = try PostProcessingSearch(path, world: SerialCommunicator()) }
        == "\(path) is no run folder (it lacks config.resolved.yaml): name the folder that segmpi "
        + "train wrote.")
    try Self.arrange(path) { _, _ in }
    for fold in 0..<2 {
      try FileManager.default.removeItem(atPath: "\(path)/run/fold_\(fold)/validation/metrics.csv")
    }
    #expect(
      message { _ = try Self.search(path) }.contains("has validated no fold yet"))
    #expect(
      message { _ = try [PostProcessingChoice](contentsOf: "\(path)/run") }
        .contains("There is no \(path)/run/crossval/postprocessing.json"))
    try folder.write(["x.json"], text: "{\"postprocessing\": [{\"kind\": \"nonsense\"}]}")
    #expect(
      message { _ = try [PostProcessingChoice](contentsOf: "\(path)/x.json") }
        .contains("x.json is not a list of steps"))
    try folder.write(
      ["y.json"], text: "{\"postprocessing\": [{\"kind\": \"fillHoles\", \"connectivity\": 7}]}")
    #expect(
      message { _ = try [PostProcessingChoice](contentsOf: "\(path)/y.json") }
        .contains("postprocessing.0.connectivity is 7; it must be 6, 18 or 26"))
  }
}
