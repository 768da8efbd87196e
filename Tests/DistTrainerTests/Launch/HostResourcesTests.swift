import Testing

@testable import DistTrainer

@Suite("What the system lends to a process")
struct HostResourcesTests {
  /// A folder that looks like the system's, with the files given.
  private static func host(
    _ folder: borrowing TemporaryFolder, _ files: [String: String]
  ) throws -> HostResources {
    for (path, text) in files { try folder.write([path], text: text) }
    return HostResources(root: folder.path)
  }

  @Test("Cores are those that the process may run on")
  func cores() throws {
    let folder = try TemporaryFolder()
    let host = try Self.host(
      folder, ["proc/self/status": "Name:\tx\nCpus_allowed:\t10f\nCpus_allowed_list:\t0-3,8\n"])
    #expect(host.cores == [0, 1, 2, 3, 8])
    #expect(HostResources.list([8, 2, 0, 1, 3]) == "0-3,8")
    #expect(HostResources.numbers(in: "4-2,x,99999999").isEmpty)
    #expect(!HostResources().cores.isEmpty)
  }

  private static let free = ["proc/meminfo": "MemTotal: 9000 kB\nMemAvailable:    8000 kB\n"]

  @Test("Memory without control groups is what the host has free")
  func free() throws {
    let folder = try TemporaryFolder()
    #expect(try Self.host(folder, Self.free).availableMemory == 8000 * 1024)
  }

  @Test("The narrowest limit of version 2 counts, less what is used, files' idle pages aside")
  func second() throws {
    let folder = try TemporaryFolder()
    let host = try Self.host(
      folder,
      Self.free.merging([
        "proc/self/cgroup": "0::/job_7/step_0\n",
        "sys/fs/cgroup/job_7/step_0/memory.max": "max\n",
        "sys/fs/cgroup/job_7/step_0/memory.current": "100\n",
        "sys/fs/cgroup/job_7/memory.max": "5000000\n",
        "sys/fs/cgroup/job_7/memory.current": "3000000\n",
        "sys/fs/cgroup/job_7/memory.stat": "anon 1\ninactive_file 1000000\nactive_file 7\n",
      ]) { $1 })
    #expect(host.availableMemory == 5_000_000 - 2_000_000)
  }

  @Test("Version 1 too, and without its folder, as in a container, that of the mount")
  func first() throws {
    let folder = try TemporaryFolder()
    let host = try Self.host(
      folder,
      Self.free.merging([
        "proc/self/cgroup": "5:cpu,cpuacct:/a\n4:memory:/slurm/uid_1\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "4000000\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "3500000\n",
        "sys/fs/cgroup/memory/memory.stat": "inactive_file 5\ntotal_inactive_file 250000\n",
      ]) { $1 })
    #expect(host.availableMemory == 750_000)
    // No limit is a number near the greatest.
    try folder.write(
      ["sys/fs/cgroup/memory/memory.limit_in_bytes"], text: "9223372036854771712\n")
    #expect(host.availableMemory == 8000 * 1024)
  }

  @Test("Nobody says: unknown")
  func unknown() throws {
    let folder = try TemporaryFolder()
    #expect(try Self.host(folder, [:]).availableMemory == nil)
  }
}
