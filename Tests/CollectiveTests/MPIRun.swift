import Foundation

/// One run of the probe under the real `mpirun`, or alone.
struct MPIRun {
  var status: Int32
  var output: String
  var errors: String
  var seconds: Double

  /// The lines of the ranks that got to the end.
  var reports: [String] {
    output.split(separator: "\n").map(String.init).filter { $0.hasPrefix("report ") }.sorted()
  }

  /// Starts `count` ranks and waits for them.
  ///
  /// Only this launcher allows root and more ranks than cores, as a test on a small machine must.
  /// After `timeoutSeconds` the launcher's whole process group is ended (status 124, or 137).
  static func start(
    ranks count: Int?, _ arguments: [String], environment extra: [String: String] = [:],
    timeoutSeconds: Int = 60
  ) throws -> MPIRun {
    let probe = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appending(path: "CollectiveProbe").path
    let folder = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }

    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let launcher = count.map { ["mpirun", "-n", "\($0)"] } ?? []
    process.arguments =
      ["timeout", "--kill-after=5", "\(timeoutSeconds)"] + launcher + [probe] + arguments
    var environment = ProcessInfo.processInfo.environment
    environment.merge([
      "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
      "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
      "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_pml": "ob1",
      "OMPI_MCA_btl": "self,vader",
    ]) { $1 }
    process.environment = environment.merging(extra) { $1 }
    let files = try ["output", "errors"].map { name in
      let file = folder.appending(path: name)
      try Data().write(to: file)
      return (url: file, handle: try FileHandle(forWritingTo: file))
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = files[0].handle
    process.standardError = files[1].handle
    let start = ContinuousClock.now
    try process.run()
    process.waitUntilExit()
    let duration = ContinuousClock.now - start
    let texts = try files.map { String(decoding: try Data(contentsOf: $0.url), as: UTF8.self) }
    return MPIRun(
      status: process.terminationStatus, output: texts[0], errors: texts[1],
      seconds: Double(duration.components.seconds))
  }
}
