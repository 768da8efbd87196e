import Foundation

/// What the environment says about how this process was started, without starting MPI.
public enum Launcher {
  /// Whether a launcher of parallel programs started this process, so that MPI is to be started.
  public static var isUnderMPI: Bool { isUnderMPI(in: ProcessInfo.processInfo.environment) }

  /// The number of processes that the launcher says it started, where it says so.
  public static var announcedSize: Int? { announcedSize(in: ProcessInfo.processInfo.environment) }

  /// As ``isUnderMPI``, in a given environment.
  ///
  /// A Slurm step of several tasks counts even where Slurm offers no process management: its tasks
  /// would otherwise each run the whole job and overwrite each other's files.
  static func isUnderMPI(in environment: [String: String]) -> Bool {
    let marks = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"]
    if marks.contains(where: { environment[$0] != nil }) { return true }
    return announcedSize(in: environment).map { $0 > 1 } ?? false
  }

  /// As ``announcedSize``, in a given environment.
  ///
  /// Open MPI's word comes first: under its `mpirun` inside a Slurm job, Slurm's variables count
  /// the daemons, not the ranks.
  static func announcedSize(in environment: [String: String]) -> Int? {
    for key in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"] {
      if let size = environment[key].flatMap({ Int($0) }) { return size }
    }
    return nil
  }
}
