/// What had to be assumed because a file does not say it, or is unusual about it.
public struct VolumeNote: Sendable, Equatable {
  /// What it is about.
  public enum Subject: Sendable, Equatable {
    /// The size of voxels: told to ``VolumeConversion``, it need not be assumed.
    case spacing
    /// Which way the axes run, and from where.
    case directions
    /// Anything else.
    case other
  }

  /// What it is about.
  public let subject: Subject
  /// A clause about the file, "it has no spacing: 1 mm is assumed" for instance.
  public let words: String

  /// A note about `subject`; `words` are a clause.
  init(_ subject: Subject, _ words: String) {
    self.subject = subject
    self.words = words
  }

  /// What a file without any word on directions is taken for.
  static let unturned = VolumeNote(
    .directions,
    "it does not say which way its axes run: to the right, anterior and superior is assumed")
}

extension EncodedVolume {
  /// ``notes``, and what is unusual about where the voxels lie: axes that are left-handed, or not at
  /// right angles.
  public var allNotes: [VolumeNote] {
    var notes = notes
    let affine = geometry.affine
    let cosine = affine.shear
    if cosine > 1e-3 {
      notes.append(
        VolumeNote(
          .directions,
          "its axes are not at right angles (cosine \((cosine * 1000).rounded() / 1000)): kept so, but "
            + "programs built on ITK refuse such grids; resample it to one without shear"))
    }
    // What was assumed is told already.
    if affine.determinant < 0, !notes.contains(where: { $0.subject == .directions }) {
      notes.append(
        VolumeNote(
          .directions,
          "its axes are left-handed (\(geometry.orientation)): kept so, left and right as its header "
            + "says"))
    }
    return notes
  }
}

extension Affine {
  /// The largest cosine of the angles between two axes: 0 where all are right.
  public var shear: Double {
    let units = zip(columns, spacing).map { $0 / $1 }
    return [(0, 1), (0, 2), (1, 2)].map { abs((units[$0.0] * units[$0.1]).sum()) }.max() ?? 0
  }
}
