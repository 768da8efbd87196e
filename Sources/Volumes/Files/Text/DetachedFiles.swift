/// The files that hold the voxels of a header in text.
enum DetachedFiles: Equatable {
  /// The header's own, behind the header.
  case attached
  /// Files by name, each with an equal part of the voxels, in order.
  case named([String])

  /// More files than any scanner makes slices. A header of a hundred bytes could name as many as it
  /// declares voxels, and the names alone would fill the memory.
  static let largestCount = 1 << 14

  /// Reads the files that `pattern` names: `%03d` (or the like) with the numbers from `first` to `last`
  /// by `step`; nil where these make none, or more than `most` or ``largestCount``.
  init?(pattern: Substring, first: Int, last: Int, step: Int, most: Int) {
    guard step != 0, let percent = pattern.firstIndex(of: "%"), first >= 0, last >= 0 else {
      return nil
    }
    var width = pattern[pattern.index(after: percent)...].prefix(while: \.isNumber)
    let rest = pattern[width.endIndex...]
    guard rest.first == "d" || rest.first == "i", !rest.contains("%") else { return nil }
    let fill: Character = width.first == "0" ? "0" : " "
    if fill == "0" { width.removeFirst() }
    let digits = width.isEmpty ? 0 : Int(width) ?? 0
    let (difference, overflow) = last.subtractingReportingOverflow(first)
    guard !overflow, digits <= 64 else { return nil }
    // Of the smallest step and -1 the quotient overflows.
    let steps = step == -1 ? -difference : difference / step
    guard (0..<min(most, Self.largestCount)).contains(steps) else { return nil }
    self = .named(
      (0...steps).map { index in
        let number = String(first + index * step)
        let padding = String(repeating: fill, count: max(0, digits - number.count))
        return String(pattern[..<percent]) + padding + number + String(rest.dropFirst())
      })
  }

  /// The header at `path` and the files that it names.
  func parts(of path: String) -> [String] {
    guard case .named(let names) = self else { return [path] }
    return [path] + names.map { FilePath.sibling($0, of: path) }
  }

  /// The voxels that `section` describes, `count` of them; a longer grid has `face` more, at least.
  ///
  /// `header` are the content of the file `path`, where voxels that are attached start at `start`.
  ///
  /// - Throws: ``VolumeError``.
  func read(
    _ section: VoxelSection, header: [UInt8], start: Int, path: String, count: Int,
    face: Int, _ element: ElementType, in files: any FileSource
  ) throws -> [UInt8] {
    guard case .named(let names) = self else {
      return try section.read(
        header, from: start, path: path, count: count, face: face, element)
    }
    guard let first = names.first, count % names.count == 0 else {
      throw VolumeError(
        .malformed, path,
        "divides \(count) voxels among \(names.count) files, which cannot be; export it again")
    }
    func part(_ name: String) throws -> [UInt8] {
      let file = FilePath.sibling(name, of: path)
      return try section.read(
        files.read(file, limit: nil), from: 0, path: file, count: count / names.count, face: face,
        element)
    }
    var voxels = try part(first)
    for name in names.dropFirst() { voxels += try part(name) }
    return voxels
  }
}
