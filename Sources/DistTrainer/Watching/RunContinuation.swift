/// The command that goes on with a run: as its last call, and from the run's own configuration.
struct RunContinuation {
  /// The words of the command.
  let words: [String]

  /// The command for a shell.
  var command: String { words.map(Self.quoted).joined(separator: " ") }

  /// The command for a run.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - call: what made the run last; nil where that is not known, and one process goes on with all
  ///     folds.
  init(of folder: RunFolder, after call: Provenance?) {
    var words: [String] = []
    if let call, call.ranks > 1 {
      words += ["mpirun", "-n", "\(call.ranks)"]
      var hosts: [(name: String, ranks: Int)] = []
      for host in call.hosts {
        if let place = hosts.firstIndex(where: { $0.name == host }) {
          hosts[place].ranks += 1
        } else {
          hosts.append((host, 1))
        }
      }
      if hosts.count > 1 {
        words += ["--host", hosts.map { "\($0.name):\($0.ranks)" }.joined(separator: ",")]
      }
    }
    words += [call?.command.first ?? "segmpi", "train", folder.configuration]
    words += ["--output", folder.path]
    if let fold = Self.fold(in: call?.command ?? []) { words += ["--fold", fold] }
    self.words = words + ["--continue"]
  }

  /// The fold that a command line asks for, if it asks for one.
  private static func fold(in command: [String]) -> String? {
    var found: String?
    for (place, word) in command.enumerated() {
      if word == "--fold", place + 1 < command.count { found = command[place + 1] }
      if word.hasPrefix("--fold=") { found = String(word.dropFirst(7)) }
    }
    return found == "all" ? nil : found
  }

  /// A word as a shell reads it back.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0))
        || "_./:=,@%+-".unicodeScalars.contains($0)
    }
    return isPlain && !word.isEmpty ? word : "'\(word.replacing("'", with: #"'\''"#))'"
  }
}
