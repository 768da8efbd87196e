// The program that the ranks run in CollectiveTests: `CollectiveProbe CASE RANKS`.
//
// RANKS is how many ranks the test asked for; with any other number the probe fails. Each rank that
// gets to the end writes one line, which the test counts.

import Collective
import Foundation

/// What a probe was asked to do.
struct Job {
  var name: String
  var ranks: Int
}

func job(_ arguments: [String]) throws -> Job {
  guard arguments.count == 3, let ranks = Int(arguments[2]) else {
    throw LawFailure("usage: CollectiveProbe CASE RANKS")
  }
  return Job(name: arguments[1], ranks: ranks)
}

func perform(_ job: Job, on world: any Communicator) throws {
  guard world.size == job.ranks else {
    throw LawFailure("the test is for \(job.ranks) ranks and runs on \(world.size)")
  }
  let last = world.size - 1
  switch job.name {
  case "laws", "laws-in-chunks":
    let digest = try Laws.checkAll(on: world)
    let line = "report rank=\(world.rank) size=\(world.size) digest=\(digest)\n"
    FileHandle.standardOutput.write(Data(line.utf8))
  case "throw":
    // One rank gives up while the others wait for it.
    if world.rank == last { throw LawFailure("the cup is broken") }
    try world.barrier()
  case "peer-error":
    if world.rank == last { try world.send([1].span, to: world.size) }
    try world.barrier()
  case "agree":
    try world.agree { if world.rank == last { throw LawFailure("the file is torn") } }
  case "agree-in-part":
    // A group agrees on a failure; the rest of the world knows nothing of it.
    let group = try world.split(color: world.rank == last ? 1 : 0, key: 0, name: "part")
    if world.rank == last { try group?.agree { throw LawFailure("half of the cup is broken") } }
    try world.barrier()
  case "regroup":
    // How many mappings of memory the process has after a few groupings, and after many.
    let mappings = try [20, 300].map { count in
      for round in 0..<count { try regroup(world, round) }
      let maps = FileHandle(forReadingAtPath: "/proc/self/maps")
      return try maps?.readToEnd()?.count { $0 == UInt8(ascii: "\n") } ?? 0
    }
    let line = "report rank=\(world.rank) mappings=\(mappings[0]),\(mappings[1])\n"
    FileHandle.standardOutput.write(Data(line.utf8))
  case "exit":
    if world.rank == last { exit(0) }
    try world.barrier()
  default:
    throw LawFailure("no such case: \(job.name)")
  }
}

/// What a fold does that gets other ranks: a group, a reducer in shared memory, and an end to both.
func regroup(_ world: any Communicator, _ round: Int) throws {
  let group = try world.group(
    of: round % 2 == 0 ? Array(0..<world.size) : (0..<world.size).reversed(), name: "fold")
  _ = try Laws.checkOrderedSum(
    on: group, shardCount: 4, elementCount: 100, steps: 1, route: .sharedMemory(bucketLength: 50))
  try group.free()
}

do {
  let job = try job(CommandLine.arguments)
  if Launcher.isUnderMPI {
    let chunkLimit = job.name == "laws-in-chunks" ? 1000 : 1 << 30
    try MPIEnvironment.run(chunkLimit: chunkLimit) { try perform(job, on: $0) }
  } else {
    try perform(job, on: SerialCommunicator())
  }
} catch let error as ReportedError {
  exit(error.status)
} catch {
  FileHandle.standardError.write(Data("CollectiveProbe: \(error)\n".utf8))
  exit(2)
}
