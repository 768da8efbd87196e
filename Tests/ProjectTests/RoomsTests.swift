import Testing

/// Who may import whom, and where the walls are: docs/decisions/0001-rooms.md.
@Suite("The rooms")
struct RoomsTests {
  /// What each room may import beside the standard library and the system's.
  static let allowed: [String: Set<String>] = [
    "CounterRandom": [],
    "Collective": ["CMPI"],
    "Compute": ["CDNNL", "CounterRandom"],
    "Nets": ["Compute", "CounterRandom"],
    "Volumes": ["CPNG", "CZlib", "CounterRandom"],
    "Evaluation": ["CounterRandom", "Volumes"],
    "DistTrainer": [
      "Collective", "Compute", "CounterRandom", "Evaluation", "Nets", "Volumes", "Yams",
    ],
    "segmpi": [
      "ArgumentParser", "Collective", "Compute", "DistTrainer", "Evaluation", "Nets", "Volumes",
    ],
  ]

  /// Rooms without Swift code: the C libraries' headers.
  static let libraries: Set<String> = ["CDNNL", "CMPI", "CPNG", "CZlib"]

  static let system: Set<String> = [
    "Darwin", "Dispatch", "Foundation", "Glibc", "Musl", "Synchronization", "Swift",
  ]

  /// The only place of each outer module within the room that may import it.
  static let walls: [String: String] = [
    "CDNNL": "Sources/Compute/Engine/CPU/",
    "CMPI": "Sources/Collective/MPI/",
    "CPNG": "Sources/Volumes/Files/Bytes/",
    "CZlib": "Sources/Volumes/Files/Bytes/",
    "Yams": "Sources/DistTrainer/Configuration/",
  ]

  /// The folders and files that may use unsafe constructs.
  static let unsafePlaces = [
    // The C libraries' rooms within rooms.
    "Sources/Compute/Engine/CPU/", "Sources/Collective/MPI/", "Sources/Volumes/Files/Bytes/",
    // Buffers that travel: bytes of typed spans, memory that outlives a call.
    "Sources/Collective/InProcess/", "Sources/Collective/Serial/", "Sources/Collective/Wire.swift",
    "Sources/Collective/WireStorage.swift", "Sources/Collective/SharedMemory.swift",
    "Sources/Collective/Watchdog/Sockets.swift", "Sources/Collective/Watchdog/CoarseClock.swift",
    "Sources/Collective/Ordered/BFloat16Memory.swift",
    "Sources/Collective/Ordered/FloatMemory.swift",
    "Sources/Collective/Typed/Communicator+Spans.swift",
    // System calls; files mapped into memory.
    "Sources/DistTrainer/RunFolder/SystemCalls.swift", "Sources/DistTrainer/RunFolder/SHA256.swift",
    "Sources/DistTrainer/Preparation/",
    // An array that several threads fill.
    "Sources/Volumes/Resampling/SharedVoxels.swift",
    // The loops over patches: vectors loaded from spans.
    "Sources/Volumes/Kernels/",
    // The signal of a file that is cut short while it is mapped.
    "Sources/segmpi/MapFault.swift",
    // The signals that ask a run to stop.
    "Sources/segmpi/StopSignals.swift",
    // The question how large a terminal is.
    "Sources/segmpi/TerminalSize.swift",
    // The bytes of floats, for a hash.
    "Sources/DistTrainer/Checking/SubjectInspection.swift",
  ]

  static func sources(of room: String) throws -> [SourceTree.File] {
    try SourceTree.files(below: ["Sources/\(room)"], endings: ["swift"])
  }

  @Test("every folder of Sources is a room that these rules know")
  func everyFolder() throws {
    #expect(Set(try SourceTree.names(in: "Sources")) == Self.libraries.union(Self.allowed.keys))
    for library in Self.libraries { #expect(try Self.sources(of: library).isEmpty) }
  }

  @Test("a room imports rooms below it only", arguments: allowed.keys.sorted())
  func imports(room: String) throws {
    let files = try Self.sources(of: room)
    #expect(!files.isEmpty)
    let allowed = try #require(Self.allowed[room])
    for file in files {
      for imported in file.imports where !Self.system.contains(imported.module) {
        #expect(
          allowed.contains(imported.module), "\(file.path) may not import \(imported.module)")
      }
    }
  }

  @Test("no room is below itself")
  func acyclic() {
    func below(_ room: String, _ path: [String]) {
      for next in Self.allowed[room] ?? [] {
        #expect(!path.contains(next), "\(path.joined(separator: " -> ")) -> \(next)")
        if !path.contains(next) { below(next, path + [next]) }
      }
    }
    for room in Self.allowed.keys { below(room, [room]) }
  }

  @Test(
    "outer libraries are imported in one folder, and C never in public",
    arguments: walls.keys.sorted())
  func outerLibraries(module: String) throws {
    let wall = try #require(Self.walls[module])
    let files = try SourceTree.files(below: ["Sources", "Tests"], endings: ["swift"])
    let users = files.filter { $0.imports.contains { $0.module == module } }
    #expect(!users.isEmpty, "nobody imports \(module): remove it")
    for file in users {
      #expect(file.path.hasPrefix(wall), "\(file.path) imports \(module), which belongs to \(wall)")
      for imported in file.imports where Self.libraries.contains(imported.module) {
        #expect(
          imported.modifiers == ["internal"], "\(file.path): write internal import \(module)")
      }
    }
  }

  @Test("unsafe code stays behind its walls")
  func unsafeCode() throws {
    var found: Set<String> = []
    for file in try SourceTree.files(below: ["Sources"], endings: ["swift"]) {
      let lines = file.lineNumbers(ofWord: "unsafe")
      guard let first = lines.first else { continue }
      let place = Self.unsafePlaces.first { file.path.hasPrefix($0) }
      if let place { found.insert(place) }
      #expect(place != nil, "\(file.path):\(first) uses unsafe code outside its walls")
    }
    #expect(found == Set(Self.unsafePlaces), "a place is allowed unsafe code but has none")
  }

  @Test(
    "engines and communicators are chosen by the program alone",
    arguments: [
      ("CPUEngine", "Compute"), ("SerialCommunicator", "Collective"),
      ("MPIEnvironment", "Collective"),
    ])
  func choices(type: String, home: String) throws {
    for room in Self.allowed.keys where room != home && room != "segmpi" {
      for file in try Self.sources(of: room) {
        let lines = file.lineNumbers(ofWord: type)
        #expect(lines.isEmpty, "\(file.path):\(lines) names \(type): take the protocol")
      }
    }
  }
}
