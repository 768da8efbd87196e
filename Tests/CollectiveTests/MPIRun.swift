import ProcessTestSupport

/// One run of the probe under the real `mpirun`, or alone.
struct MPIRun {
  private let run: ProgramRun

  var status: Int32 { run.status }
  var errors: String { run.errors }
  var seconds: Double { run.seconds }

  /// The lines of the ranks that got to the end.
  var reports: [String] {
    run.output.split(separator: "\n").map(String.init).filter { $0.hasPrefix("report ") }.sorted()
  }

  /// Starts `count` ranks and waits for them.
  static func start(
    ranks count: Int?, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> MPIRun {
    MPIRun(
      run: try ProgramRun.run(
        TestProducts.path(of: "CollectiveProbe"), arguments, ranks: count,
        environment: environment))
  }
}
