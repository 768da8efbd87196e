internal import Collective
internal import Foundation
internal import Volumes

/// Whether all hosts see the same files.
///
/// Only with several hosts is anything read. A file whose length, number and time of change agree
/// everywhere is one file of a shared file system (or its clone) and is not read either; of the others
/// each host reads its own, dealt to its ranks and their threads, once.
struct FileComparison {
  /// A file under comparison.
  struct Item {
    /// What messages call it, for example `image of subject A7`.
    var name: String
    /// Where this rank sees it.
    var path: String
  }

  /// The lowest rank of each host, in order.
  let leaders: [Int]
  /// The host of each rank.
  let hosts: [String]
  /// This rank's place among the ranks of its host, and their number.
  let place: (index: Int, count: Int)

  init(_ check: LaunchCheck, rank: Int) {
    let groups = check.hosts
    leaders = groups.map(\.ranks[0])
    hosts = check.ranks.map(\.host)
    let own = groups.first { $0.ranks.contains(rank) }?.ranks ?? [rank]
    place = (own.firstIndex(of: rank) ?? 0, own.count)
  }

  /// What differs, in a sentence, the same on every rank; nil where nothing does.
  ///
  /// Collective over `world`. Every rank has as many items, in the same order.
  func difference(
    of items: [Item], world: any Communicator, threads: Int, remedy: String
  ) throws -> String? {
    guard leaders.count > 1 else { return nil }
    let stamps = leaders.contains(world.rank) ? items.map { Self.stamp($0.path) } : []
    let suspects = try world.broadcast(
      suspects(try world.gatherTexts(stamps.joined(separator: "\n")), count: items.count), root: 0)
    guard !suspects.isEmpty else { return nil }

    let own = stride(from: place.index, to: suspects.count, by: place.count).map { suspects[$0] }
    // Three words a file: which, how long, its checksum.
    let found = try world.agree {
      try inBatches(own, threads: threads) { index, _ -> [UInt64] in
        let content = try VolumeChecksum(items[index].path)
        return [UInt64(index), UInt64(content.length), content.checksum]
      }.flatMap { $0 }
    }
    let all = try world.gatherArrays(found)
    return try world.broadcast(all.flatMap { sentence($0, items, remedy) } ?? "", root: 0)
      .nilWhereEmpty
  }

  /// The stamps of a volume's files, where there are any.
  private static func stamp(_ path: String) -> String {
    let parts = (try? VolumeFiles.parts(of: path)) ?? [path]
    return parts.map { FileStamp($0).acrossHosts }.joined(separator: ", ")
  }

  /// The places of files that are not evidently one; on rank 0, of what the leaders wrote.
  private func suspects(_ texts: [String]?, count: Int) -> [Int] {
    guard let texts else { return [] }
    let stamps = leaders.map {
      texts[$0].split(separator: "\n", omittingEmptySubsequences: false)
    }
    return (0..<count).filter { index in
      stamps.contains { $0[index] != stamps[0][index] }
    }
  }

  /// The first difference from what rank 0's host has.
  private func sentence(_ found: [[UInt64]], _ items: [Item], _ remedy: String) -> String? {
    struct Content: Equatable {
      var length: UInt64
      var checksum: UInt64
    }
    var contents: [String: [Int: Content]] = [:]
    for (rank, words) in found.enumerated() {
      for start in stride(from: 0, to: words.count, by: 3) {
        contents[hosts[rank], default: [:]][Int(words[start])] = Content(
          length: words[start + 1], checksum: words[start + 2])
      }
    }
    for index in items.indices {
      guard let first = contents[hosts[0]]?[index] else { continue }
      for leader in leaders.dropFirst() {
        guard let other = contents[hosts[leader]]?[index], other != first else { continue }
        let how =
          other.length != first.length
          ? "\(other.length) bytes, where host \(hosts[0]) (rank 0) has \(first.length)"
          : "other bytes than on host \(hosts[0]) (rank 0), as many"
        return "\(items[index].name) differs on host \(hosts[leader]) (rank \(leader)): \(how); "
          + remedy
      }
    }
    return nil
  }
}

/// The length and checksum of all files of a volume.
struct VolumeChecksum {
  var length = 0
  var checksum: UInt64 = 0

  init(_ path: String) throws {
    var sum = ContentChecksum()
    for part in try VolumeFiles.parts(of: path) {
      if let file = MappedFile(part) {
        length += file.count
        file.withBytes(0..<file.count) { sum.update($0) }
      } else if !FileManager.default.isReadableFile(atPath: part) {
        throw FileError(
          path: part,
          description: "\(part) cannot be read on host \(ProcessInfo.processInfo.hostName): mend "
            + "the path or its permissions.")
      }
    }
    checksum = sum.value
  }
}

extension String {
  /// The text, or nil for an empty one.
  var nilWhereEmpty: String? { isEmpty ? nil : self }
}
