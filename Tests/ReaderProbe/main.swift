// Mutated files through every reader: `ReaderProbe CORPUS COUNT SECONDS`, or through none for what the
// program takes by itself. Ends with status 0 and a line that says how many there were, or dies.

import Foundation
import Synchronization

@testable import Volumes

/// The files of the corpus by reader.
func seeds(_ folder: String) throws -> [(reader: ReaderProbe, files: [[UInt8]])] {
  try ReaderProbe.allCases.map { reader in
    let path = "\(folder)/\(reader.rawValue)"
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    return (reader, try names.map { try [UInt8](Data(contentsOf: URL(filePath: "\(path)/\($0)"))) })
  }
}

/// The most memory that the process has held so far (bytes).
func peak() -> Int {
  var usage = rusage()
  _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let count = Int(arguments[2]), let seconds = Double(arguments[3]) else {
  fatalError("usage: ReaderProbe CORPUS COUNT SECONDS")
}
let corpus = try seeds(arguments[1])
// Every seed once: what threads, tables and buffers take that stay.
for (reader, files) in corpus {
  for file in files { _ = reader.run(file) }
}
let before = peak()
let end = ContinuousClock.now.advanced(by: .seconds(seconds))
let counts = Mutex([ReaderProbe.Outcome: Int]())
let largest = Atomic(0)
ParallelLoop.run(count, threads: 2) { index in
  guard ContinuousClock.now < end else { return }
  let (reader, files) = corpus[index % corpus.count]
  var mutator = Mutator(seed: 1, index: index)
  let bytes = mutator.mutate(files)
  largest.max(bytes.count, ordering: .relaxed)
  let outcome = reader.run(bytes)
  counts.withLock { $0[outcome, default: 0] += 1 }
}
let (read, refused) = counts.withLock { ($0[.volume] ?? 0, $0[.refused] ?? 0) }
print(
  "report read=\(read) refused=\(refused) largest=\(largest.load(ordering: .relaxed)) "
    + "grown=\(peak() - before)")
