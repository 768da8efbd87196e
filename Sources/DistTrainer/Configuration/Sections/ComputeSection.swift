public import Compute

/// `compute`: what the machine lends to a rank.
///
/// Threads and instruction set belong to what a result depends on: the same bits come out for equal
/// numbers of threads and equal instruction sets. `prefetch` and `elastic` change no bit.
public struct ComputeSection: ConfigurationSection {
  /// Threads a rank.
  ///
  /// One by default, and not the cores there are, so that a run gives the same bits on any number
  /// of ranks without a word in its configuration; take more ranks to use more cores.
  public var threads = 1
  /// The largest instruction set to use, by oneDNN's name (`avx2`, `avx512_core`, …), so that
  /// unlike hosts agree; `null`: all that the processor has.
  public var isa: InstructionSet?

  /// Threads that make patches ahead of time; 0: patches are made when they are needed, by the
  /// threads that otherwise compute; `null`: as many as there are cores that the launcher gave the
  /// rank and `threads` leaves over, at most 2.
  public var prefetch: Int?
  /// Whether ranks whose fold has ended join a fold under way, at the end of one of its epochs,
  /// where that saves time.
  public var elastic = true

  /// All keys at their defaults.
  public init() {}
}
