import Collective
import DistTrainer
import Foundation
import Testing
import Volumes

@Suite("Ensembles of predictions")
struct EnsembleRunTests {
  static let geometry = Geometry(shape: [1, 2, 2], spacing: [1, 2, 3])

  static func write(_ voxels: [Float], _ path: String, on geometry: Geometry = geometry) throws {
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try VolumeFiles.write(
      Volume(voxels: voxels, channels: voxels.count / geometry.count, geometry: geometry), to: path)
  }

  @discardableResult
  static func run(
    _ paths: [String], _ output: String, vote: EnsembleVote = .mean, weights: [Double]? = nil,
    probabilities: Bool = false, ranks: Int = 1
  ) throws -> [String] {
    try InProcessCommunicator.run(ranks: ranks) { world in
      try EnsembleRun(
        paths, output: output, vote: vote, weights: weights, savesProbabilities: probabilities
      ).run(world: world)
    }[0]
  }

  @Test("the mean of probabilities decides, by weight, and is written where wanted")
  func mean() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    // Two classes, four voxels: the foreground's probabilities are 0.4 0.9 0.5 0.0 and 0.7 0.0 0.5
    // 1.0; with weights 3 to 1 they are 0.475 0.675 0.5 0.25.
    for (model, foreground) in [("a", [0.4, 0.9, 0.5, 0] as [Float]), ("b", [0.7, 0, 0.5, 1])] {
      for name in ["x", "y"] {
        try Self.write(
          foreground.map { 1 - $0 } + foreground,
          "\(path)/\(model)/\(name)_probabilities.nii.gz")
        // Labels beside them are not looked at.
        try Self.write([0, 0, 0, 9], "\(path)/\(model)/\(name).nii.gz")
      }
    }
    let inputs = ["\(path)/a", "\(path)/b"]
    let files = try Self.run(inputs, "\(path)/out/mean", probabilities: true)
    #expect(files == ["\(path)/out/mean/x.nii.gz", "\(path)/out/mean/y.nii.gz"])
    let labels = try VolumeFiles.readLabels(files[0])
    // Means 0.55, 0.45, 0.5, 0.5; ties go to the background.
    #expect(labels.voxels == [1, 0, 0, 0])
    #expect(labels.geometry == Self.geometry)
    let mean = try VolumeFiles.readImage("\(path)/out/mean/y_probabilities.nii.gz")
    for (value, expected) in zip(
      mean.voxels, [0.45, 0.55, 0.5, 0.5, 0.55, 0.45, 0.5, 0.5] as [Float])
    {
      #expect(abs(value - expected) < 1e-6)
    }
    let weighted = try Self.run(inputs, "\(path)/out/weighted", weights: [3, 1])
    #expect(try VolumeFiles.readLabels(weighted[0]).voxels == [0, 1, 0, 0])
    // Any number of ranks writes the same bytes.
    let shared = try Self.run(inputs, "\(path)/out/shared", probabilities: true, ranks: 3)
    for file in ["x.nii.gz", "y.nii.gz", "x_probabilities.nii.gz", "y_probabilities.nii.gz"] {
      #expect(
        try SmallStudy.bytes("\(path)/out/shared/\(file)")
          == SmallStudy.bytes("\(path)/out/mean/\(file)"))
    }
    #expect(shared.count == 2)
  }

  @Test("the majority of labels decides, and probabilities beside them are not looked at")
  func majority() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    for (model, labels) in [
      ("a", [1, 2, 0, 3] as [UInt8]), ("b", [1, 0, 2, 2]), ("c", [0, 1, 2, 1]),
    ] {
      try SegmentationComparisonTests.write(
        labels, "\(path)/\(model)/x.nii.gz", spacing: [1, 2, 3], shape: [1, 2, 2])
      try Self.write([1, 1, 1, 1], "\(path)/\(model)/x_probabilities.nii.gz")
    }
    let inputs = ["a", "b", "c"].map { "\(path)/\($0)" }
    let files = try Self.run(inputs, "\(path)/out", vote: .majority)
    #expect(try VolumeFiles.readLabels(files[0]).voxels == [1, 0, 2, 1])
    // Single files go to a file.
    let single = try Self.run(
      inputs.map { "\($0)/x.nii.gz" }, "\(path)/one.nii", vote: .majority, weights: [3, 1, 1])
    #expect(single == ["\(path)/one.nii"])
    #expect(try VolumeFiles.readLabels(single[0]).voxels == [1, 2, 0, 3])
  }

  @Test("what does not belong together is refused in a sentence")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let two: [Float] = [0, 0, 0, 0, 1, 1, 1, 1]
    func file(_ folder: String, _ name: String = "x") -> String {
      "\(path)/\(folder)/\(name)_probabilities.nii.gz"
    }
    try Self.write(two, file("a"))
    try Self.write(two, file("b"))
    try Self.write(two, file("more"))
    try Self.write(two, file("more", "y"))
    try Self.write(two, file("more", "z"))
    try Self.write(two, file("shape"), on: Geometry(shape: [2, 2, 1]))
    try Self.write(two, file("beside"), on: Geometry(shape: [1, 2, 2], spacing: [1, 2, 3.5]))
    try Self.write(two + [0, 0, 0, 0], file("three"))
    try Self.write([0, 0, 0, 0, 1, 1, 2, 1], file("wrong"))
    try Self.write([.nan, 0, 0, 0, 1, 1, 1, 1], file("nan"))
    try Self.write([1, 1, 1, 1], file("one"))
    try Self.write([1, 1, 1, 1], "\(path)/labels/x.nii.gz")
    func message(_ inputs: [String], _ output: String = "out", weights: [Double]? = nil) -> String {
      SegmentationComparisonTests.message {
        try Self.run(inputs.map { "\(path)/\($0)" }, "\(path)/\(output)", weights: weights)
      }
    }
    #expect(message(["a"]).contains("name two folders or more"))
    #expect(
      message(["a", "more"])
        == "\(path)/a lacks y and 1 more, which \(path)/more has: predict the same subjects with "
        + "every model.")
    #expect(message(["more", "a"]).contains("\(path)/a lacks y and 1 more"))
    #expect(message(["a", "shape"]).contains("has shape [2, 2, 1] and \(file("a")) [1, 2, 2]"))
    #expect(message(["a", "beside"]).contains("lies 0.5000 mm beside \(file("a"))"))
    #expect(message(["a", "three"]).contains("has 3 channels and \(file("a")) 2"))
    #expect(
      message(["one", "one"]).contains("has 1 channels, not one for each of 2 to 256 labels"))
    #expect(message(["a", "wrong"]).contains("holds 2.0, which is no probability"))
    #expect(message(["a", "nan"]).contains("NaN"))
    #expect(message(["a", "labels"]).contains("holds no volume of probabilities"))
    #expect(message(["a", "gone"]) == "There is nothing at \(path)/gone: mend the path.")
    #expect(message(["a", "b/x_probabilities.nii.gz"]).contains("is a file among folders"))
    #expect(message(["a", "b"], weights: [1]).contains("1 weights for 2 models"))
    #expect(message(["a", "b"], weights: [1, -1]).contains("must be positive"))
    #expect(
      message(["a/x_probabilities.nii.gz", "b/x_probabilities.nii.gz"], "b/x.nii.gz")
        .contains("is one of the models' own files"))
    #expect(!FileManager.default.fileExists(atPath: "\(path)/out/x.nii.gz"))
  }
}
