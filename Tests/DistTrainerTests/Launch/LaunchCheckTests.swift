import Testing

@testable import DistTrainer

@Suite("The way ranks were started")
struct LaunchCheckTests {
  /// Two hosts with two ranks each, every rank bound to a core of its own.
  private static func fit(
    _ change: (inout [RankSituation]) -> Void = { _ in }
  ) -> LaunchCheck {
    var ranks = (0..<4).map { RankSituation(host: $0 < 2 ? "alpha" : "beta", cores: [$0 % 2]) }
    change(&ranks)
    return LaunchCheck(ranks: ranks)
  }

  @Test("is fit where every thread has a core")
  func fit() {
    #expect(Self.fit().problem == nil)
    #expect(Self.fit().hosts.map(\.name) == ["alpha", "beta"])
    #expect(Self.fit().hosts.map(\.ranks) == [[0, 1], [2, 3]])
    // Unbound, and as many threads as cores.
    let unbound = Self.fit { ranks in
      for rank in ranks.indices { ranks[rank].cores = [0, 1] }
    }
    #expect(unbound.problem == nil)
    let wide = Self.fit { ranks in
      for rank in ranks.indices {
        ranks[rank].cores = rank % 2 == 0 ? [0, 1, 2] : [3, 4, 5]
        ranks[rank].threads = 3
      }
    }
    #expect(wide.problem == nil)
  }

  @Test("is refused where ranks share cores, with the host, the figures and the remedy")
  func crowded() {
    let shared = Self.fit { ranks in
      for rank in 2..<4 {
        ranks[rank].cores = [4, 5, 6, 8]
        ranks[rank].threads = 3
      }
    }
    #expect(
      shared.problem
        == "2 ranks on host beta have 6 threads for 4 cores (4-6,8), which slows every step: start "
        + "fewer ranks there, give each its own cores with mpirun --bind-to core, lower "
        + "compute.threads, or permit it with mpirun --oversubscribe (srun --overcommit)")
    let bound = Self.fit { $0[1].threads = 2 }
    #expect(
      bound.problem
        == "rank 1 on host alpha has 2 threads for 1 core (1), which slows every step: give each rank "
        + "its cores with mpirun --map-by slot:PE=2, lower compute.threads, or permit it with mpirun "
        + "--oversubscribe (srun --overcommit)")
    // Both bound to one core while another is idle: the sum alone would not tell.
    let same = Self.fit { ranks in
      ranks[0].cores = [1]
      ranks.append(RankSituation(host: "alpha", cores: [0, 2, 3]))
    }
    #expect(same.problem?.hasPrefix("2 ranks on host alpha have 2 threads for 1 core (1)") == true)
  }

  @Test("is told of, not refused, where the launcher was permitted to")
  func permitted() {
    let check = Self.fit { ranks in
      ranks[0].cores = [1]
      for rank in ranks.indices { ranks[rank].mayOversubscribe = true }
    }
    #expect(check.problem == nil)
    #expect(check.warnings.count == 1)
    #expect(check.warnings.first?.hasPrefix("2 ranks on host alpha have 2 threads") == true)
    #expect(Self.fit().warnings.isEmpty)
  }

  @Test("is refused where hosts would compute other bits")
  func unlike() {
    #expect(
      Self.fit { $0[3].instructionSet = "avx2" }.problem
        == "rank 3 on host beta computes with the instruction set avx2, rank 0 on host alpha with "
        + "instructions, so that their results differ: set compute.isa to the lesser of the two")
    #expect(
      Self.fit { $0[2].engine = "cpu-onednn-3.5" }.problem
        == "rank 2 on host beta computes with cpu-onednn-3.5, rank 0 on host alpha with engine, so "
        + "that their results differ: install the same version of the library on both")
    #expect(
      Self.fit { $0[2].environment = ["DNNL_MAX_CPU_ISA": "AVX2"] }.problem
        == "the variable DNNL_MAX_CPU_ISA is 'AVX2' for rank 2 on host beta and not set for rank 0 on "
        + "host alpha, so that their results may differ: set it alike everywhere (mpirun -x "
        + "DNNL_MAX_CPU_ISA), or nowhere")
  }

  @Test("Variables that decide results are compared, those that make libraries talk are not")
  func variables() {
    let environment = [
      "DNNL_MAX_CPU_ISA": "AVX2", "ONEDNN_DEFAULT_FPMATH_MODE": "BF16", "DNNL_VERBOSE": "1",
      "ONEDNN_JIT_DUMP": "1", "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "8", "HOME": "/root",
    ]
    #expect(
      Set(RankSituation.relevant(in: environment).keys)
        == ["DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "OMP_THREAD_LIMIT"])
  }

  @Test(
    "A launcher's permission is read from its variables",
    arguments: [
      ([:], false),
      (["OMPI_MCA_rmaps_base_oversubscribe": "1"], true),
      (["OMPI_MCA_rmaps_base_oversubscribe": "0"], false),
      (["OMPI_MCA_rmaps_base_mapping_policy": "slot:OVERSUBSCRIBE"], true),
      (["OMPI_MCA_rmaps_base_mapping_policy": "node:NOOVERSUBSCRIBE"], false),
      (["OMPI_MCA_hwloc_base_binding_policy": "core:overload-allowed"], true),
      (["OMPI_MCA_hwloc_base_binding_policy": "core"], false),
      (["SLURM_OVERCOMMIT": "1"], true),
    ] as [([String: String], Bool)])
  func permission(environment: [String: String], isGiven: Bool) {
    #expect(RankSituation.permitsOversubscription(in: environment) == isGiven)
  }
}
