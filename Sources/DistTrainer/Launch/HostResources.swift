internal import Foundation

/// What the operating system says a process may use, read from its files.
struct HostResources {
  /// The folder that the system's files are in; another one in tests.
  var root = "/"

  /// The numbers of the processors that this process may run on (`sched_getaffinity`'s answer, which
  /// is what a launcher bound the rank to); those there are where the system does not say.
  var cores: [Int] {
    let status = lines("proc/self/status").first { $0.hasPrefix("Cpus_allowed_list:") }
    let cores = status.map { Self.numbers(in: $0.dropFirst("Cpus_allowed_list:".count)) } ?? []
    return cores.isEmpty ? Array(0..<ProcessInfo.processInfo.activeProcessorCount) : cores
  }

  /// The bytes that processes of this job may still take on this host: what the host has free, and
  /// no more than what is left of the limits that hold for this process; nil where nobody says.
  var availableMemory: Int? {
    let host = lines("proc/meminfo").first { $0.hasPrefix("MemAvailable:") }
      .flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") }
      .flatMap { Self.product($0, 1024) }
    return (groupLimits + [host].compactMap { $0 }).min()
  }

  /// What is left of the memory of every control group that this process belongs to, version 1 or 2.
  private var groupLimits: [Int] {
    lines("proc/self/cgroup").flatMap { line -> [Int] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      let names = fields[1].split(separator: ",")
      guard fields[0] == "0" || names.contains("memory") else { return [] }
      let isSecond = fields[0] == "0"
      let mount = isSecond ? "sys/fs/cgroup" : "sys/fs/cgroup/memory"
      // A limit of any folder above holds too. In a container the path may begin outside of what it
      // sees: then only the mount's own folder is there.
      var parts = fields[2].split(separator: "/").map(String.init)
      var limits: [Int] = []
      while true {
        let folder = ([mount] + parts).joined(separator: "/")
        if let left = Self.rest(
          limit: number(folder + (isSecond ? "/memory.max" : "/memory.limit_in_bytes")),
          used: number(folder + (isSecond ? "/memory.current" : "/memory.usage_in_bytes")),
          cached: cached(folder, isSecond ? "inactive_file" : "total_inactive_file"))
        {
          limits.append(left)
        }
        guard parts.popLast() != nil else { return limits }
      }
    }
  }

  /// What a limit leaves; pages of files that nobody has used lately do not count as used.
  private static func rest(limit: Int?, used: Int?, cached: Int) -> Int? {
    // No limit is "max" in version 2 and a number near the greatest in version 1.
    guard let limit, limit < 1 << 60, let used else { return nil }
    return max(0, limit - max(0, used - cached))
  }

  private func cached(_ folder: String, _ name: String) -> Int {
    lines("\(folder)/memory.stat").first { $0.hasPrefix(name + " ") }
      .flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
  }

  private func number(_ path: String) -> Int? { lines(path).first.flatMap { Int($0) } }

  private func lines(_ path: String) -> [String] {
    // These files have no length: they are read to their ends.
    guard let file = FileHandle(forReadingAtPath: root.appending(file: path)),
      let data = try? file.readToEnd()
    else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The numbers of a list as the kernel writes it: `0-3,8`.
  static func numbers(in list: some StringProtocol) -> [Int] {
    list.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-")
        .compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard let first = ends.first, let last = ends.last, 0 <= first, first <= last,
        last < 1 << 16
      else { return [] }
      return Array(first...last)
    }
  }

  /// Numbers as such a list.
  static func list(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in Set(numbers).sorted() {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  private static func product(_ a: Int, _ b: Int) -> Int? {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : product
  }
}
