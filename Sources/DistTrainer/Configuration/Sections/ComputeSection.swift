/// `compute`: what the machine lends to a rank.
///
/// Both keys belong to what a result depends on: the same bits come out for equal numbers of
/// threads and equal instruction sets.
public struct ComputeSection: ConfigurationSection {
  /// Threads a rank; `null`: the cores given to the job on this host, divided by its ranks.
  public var threads: Int?
  /// The largest instruction set to use, by oneDNN's name (`avx2`, `avx512_core`, …), so that
  /// unlike hosts agree; `null`: all that the processor has.
  public var isa: String?

  /// All keys at their defaults.
  public init() {}
}
