internal import Collective

extension Dataset {
  /// One digest of what the data set says of its subjects and of the bytes of all their files,
  /// wherever these lie; collective over `world`, whose ranks share the reading.
  ///
  /// The files were read a moment ago to be prepared, and so are read at memory's speed.
  /// - Parameters:
  ///   - world: all ranks.
  ///   - threads: how many this rank may read with.
  /// - Returns: 64 hexadecimal digits on rank 0; nil elsewhere.
  /// - Throws: `AgreedError` where a file cannot be read; `MPIError`.
  func checksum(world: any Communicator, threads: Int) throws -> String? {
    let items = subjects.flatMap(FileComparison.items)
    let own = Array(stride(from: world.rank, to: items.count, by: world.size))
    let recorder = world.recorder
    // Three words a file: which, how long, its checksum.
    let found = try world.agree {
      try inBatches(own, threads: threads) { index, _ -> [UInt64] in
        recorder.beat()
        let content = try VolumeChecksum(items[index].path)
        return [UInt64(index), UInt64(content.length), content.checksum]
      }.flatMap { $0 }
    }
    guard let all = try world.gatherArrays(found) else { return nil }
    var contents = [String](repeating: "", count: items.count)
    for words in all {
      for start in stride(from: 0, to: words.count, by: 3) {
        contents[Int(words[start])] = "\(words[start + 1]) \(String(words[start + 2], radix: 16))"
      }
    }
    let lines =
      facts.map { "\($0.name)\t\($0.value)" }
      + zip(items, contents).map { "\($0.name)\t\($1)" }
    return SHA256.hex(of: lines.joined(separator: "\n"))
  }
}
