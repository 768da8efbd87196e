#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Another program, run to its end.
enum ChildProcess {
  /// How a program ended.
  struct Outcome {
    /// Its exit status; -1 where a signal ended it.
    let status: Int
    /// What it printed.
    let output: String
  }

  /// Runs `program`, found along `PATH`, with `arguments`; its output goes through the file `log`. Nil
  /// where there is no such program.
  ///
  /// Must not be called between the start and the end of MPI: some of its transports do not survive a
  /// child process.
  ///
  /// - Throws: ``VolumeError`` of kind `inaccessible` where it cannot be started.
  static func run(_ program: String, _ arguments: [String], log: String) throws -> Outcome? {
    let strings = unsafe ([program] + arguments).map { unsafe strdup($0) }
    defer { unsafe strings.forEach { unsafe free($0) } }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var child = pid_t()
    let status = unsafe posix_spawnp(&child, program, &actions, nil, strings + [nil], environ)
    if status == ENOENT { return nil }
    guard status == 0 else {
      let reason = unsafe String(cString: strerror(status))
      throw VolumeError(.inaccessible, program, "cannot be started (\(reason)); check the machine")
    }
    var ending: Int32 = 0
    while unsafe waitpid(child, &ending, 0) < 0 && errno == EINTR {}
    let output = (try? FileAccess.read(log, limit: 1 << 20)) ?? []
    return Outcome(
      status: ending & 0x7F == 0 ? Int(ending >> 8) & 0xFF : -1,
      output: String(decoding: output, as: UTF8.self))
  }

  /// The value of the environment's variable `name`.
  static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}

/// A folder that exists while `body` runs.
enum TemporaryFolder {
  /// Runs `body` with the path of an empty folder, which is removed with the files in it afterwards.
  ///
  /// - Throws: ``VolumeError`` of kind `inaccessible` where no folder can be made; what `body` throws.
  static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
    let parent = ChildProcess.environment("TMPDIR") ?? "/tmp"
    // mkdtemp wants six of them, and puts a name in their place.
    let marks = String(repeating: "X", count: 6)
    var template = Array("\(parent)/segmpi-\(marks)".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      let reason = unsafe String(cString: strerror(errno))
      throw VolumeError(
        .inaccessible, parent, "cannot hold a temporary folder (\(reason)); set TMPDIR to another")
    }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer {
      for name in (try? FileAccess.names(in: folder)) ?? [] {
        _ = unsafe unlink("\(folder)/\(name)")
      }
      _ = unsafe rmdir(folder)
    }
    return try body(folder)
  }
}
