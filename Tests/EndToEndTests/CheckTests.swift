import DistTrainer
import Foundation
import ProcessTestSupport
import Testing
import Volumes

extension EndToEnd {
  /// `segmpi check`: its lines, its status, its mended copies.
  @Suite("segmpi check", .serialized, .timeLimit(.minutes(3)))
  struct CheckTests {
    /// Every file below a folder with its bytes.
    private static func contents(_ folder: String) throws -> [String: Data] {
      var contents: [String: Data] = [:]
      for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
        contents[path] = FileManager.default.contents(atPath: "\(folder)/\(path)")
      }
      return contents
    }

    private static func label(_ workshop: Workshop, _ patient: Int) -> String {
      "\(workshop.dataset)/labelsTr/patient00\(patient)_t1.nii.gz"
    }

    @Test("faults end with status 1 and a line each, on any number of ranks", arguments: [nil, 2])
    func faults(ranks: Int?) throws {
      let workshop = try Workshop()
      let whole = try Binary.run(["check", workshop.dataset], ranks: ranks)
      #expect(whole.status == 0 && whole.output.hasSuffix("no faults\n"), "\(whole.output)")
      let image = "\(workshop.dataset)/imagesTr/patient002_t1_0000.nii.gz"
      let bytes = try Data(contentsOf: URL(filePath: image))
      try bytes.prefix(bytes.count / 2).write(to: URL(filePath: image))
      try FileManager.default.removeItem(atPath: Self.label(workshop, 3))
      let run = try Binary.run(["check", workshop.dataset, "--threads", "2"], ranks: ranks)
      #expect(run.status == 1)
      let lines = run.output.split(separator: "\n").filter { $0.hasPrefix("fault ") }
      #expect(lines.count == 2, "\(run.output)")
      #expect(lines.contains { $0.contains("patient002_t1") && $0.contains("truncated gzip") })
      #expect(lines.contains { $0.contains("patient003_t1") && $0.contains("has no label") })
      #expect(run.output.hasSuffix("2 faults\n"))
      let json = try Binary.run(["check", workshop.dataset, "--json"], ranks: ranks)
      struct Form: Decodable { var faults: Int }
      #expect(json.status == 1)
      #expect(try JSONDecoder().decode(Form.self, from: Data(json.output.utf8)).faults == 2)
    }

    @Test("a configuration is checked with its folds and its patch")
    func configuration() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration(training: "patch: [48, 16, 16]")
      let text = try String(contentsOfFile: configuration, encoding: .utf8)
        .replacing("patch: [16, 16, 16], ", with: "")
      try text.write(toFile: configuration, atomically: true, encoding: .utf8)
      let run = try Binary.run(["check", configuration])
      #expect(run.status == 0)
      #expect(run.output.contains("smallerThanPatch"), "\(run.output)")
      try text.replacing("count: 4", with: "count: 5").write(
        toFile: configuration, atomically: true, encoding: .utf8)
      let folds = try Binary.run(["check", configuration])
      #expect(folds.status == 1 && folds.output.contains("There are 4 groups for 5 folds"))
    }

    @Test("--fix writes a data set without fault and leaves the originals as they are")
    func fix() throws {
      let workshop = try Workshop()
      let labels = try VolumeFiles.readLabels(Self.label(workshop, 2))
      var other = labels.geometry.affine
      other.rows[1].w += 5
      try VolumeFiles.write(
        LabelVolume(
          voxels: labels.voxels, geometry: Geometry(shape: labels.shape, affine: other)),
        to: Self.label(workshop, 2))
      let before = try Self.contents(workshop.dataset)
      #expect(try Binary.run(["check", workshop.dataset]).status == 1)
      let mended = "\(workshop.path)/mended"
      let run = try Binary.run(
        ["check", workshop.dataset, "--fix", "copy-geometry", "--output", mended])
      #expect(run.status == 0 && run.output.hasSuffix("no faults\n"), "\(run.errors)\(run.output)")
      #expect(run.errors.contains("copy-geometry 1"))
      #expect(try Self.contents(workshop.dataset) == before)
      let fixed = try VolumeFiles.readLabels("\(mended)/labelsTr/patient002_t1.nii.gz")
      #expect(fixed.voxels == labels.voxels && fixed.geometry == labels.geometry)
      // A second time, the folder is not overwritten.
      let again = try Binary.run(
        ["check", workshop.dataset, "--fix", "copy-geometry", "--output", mended])
      #expect(again.status == 1 && again.errors.contains("is not empty"))
    }

    @Test(
      "wrong usage ends with status 64",
      arguments: [
        ["--fix", "resample"], ["--output", "x"], ["--fix", "everything", "--output", "x"],
        ["--map", "a=b"], ["--threads", "0"],
      ])
    func usage(arguments: [String]) throws {
      #expect(try Binary.run(["check", "data"] + arguments).status == 64)
    }

    @Test("a full disk ends the mending in one sentence and leaves no data set behind")
    func fullDisk() throws {
      let workshop = try Workshop()
      let probe = try ProgramRun.run("/usr/bin/env", ["unshare", "-rm", "true"])
      guard probe.status == 0 else {
        let reason = "no mount namespaces here, so no full disk can be made: \(probe.errors)"
        withKnownIssue("skipped") { Issue.record(Comment(rawValue: reason)) }
        return
      }
      let target = "\(workshop.path)/small"
      let script = """
        mkdir -p "$1" && mount -t tmpfs -o size=40960 tmpfs "$1" || exit 99
        folder=$1; shift
        "$@"; status=$?
        ls -R "$folder" | grep -c nii && exit 98
        exit $status
        """
      let end = try ProgramRun.run(
        "/usr/bin/env",
        ["unshare", "-rm", "sh", "-c", script, "sh", target, Binary.path, "check"]
          + [workshop.dataset, "--fix", "resample", "--output", target])
      let sentences = end.errors.split(separator: "\n").filter { $0.hasPrefix("segmpi: ") }
      #expect(end.status == 1, "\(end.errors)")
      #expect(sentences.count == 1, "\(end.errors)")
      #expect(sentences.first?.contains("No space left") == true)
    }

    /// The real data: beside the package, or where SEGMPI_SHARED says.
    static let hippocampus: String = {
      let named = ProcessInfo.processInfo.environment["SEGMPI_SHARED"]
      let beside = TestProducts.root.deletingLastPathComponent().appending(path: "shared").path
      return (named ?? beside) + "/data/hippocampus"
    }()

    @Test(
      "200 subjects of the Decathlon's hippocampus are clean, voxel by voxel",
      .enabled(
        if: FileManager.default.fileExists(atPath: hippocampus),
        "SKIPPED: \(hippocampus) is not there"),
      .enabled(
        if: Binary.path.contains("/release/"),
        "SKIPPED: a debug build reads them in minutes; build for release first"))
    func realData() throws {
      let start = ContinuousClock.now
      let run = try Binary.run(["check", Self.hippocampus], timeoutSeconds: 120)
      let seconds = start.duration(to: .now) / .seconds(1)
      #expect(run.status == 0 && run.output.hasSuffix("\nno faults\n"), "\(run.output)")
      // Two to three seconds on two cores that are free; ten times as much is no busy machine.
      #expect(seconds < 30, "\(seconds) s")
    }
  }
}
