/// A fault in a volume, its file or its geometry: one sentence that names what, where and the remedy.
public struct VolumeError: Error, CustomStringConvertible, Equatable, Sendable {
  /// What went wrong, for callers that treat kinds apart.
  public enum Kind: String, Sendable {
    /// The file is not there or may not be read or written.
    case inaccessible
    /// The file ends before the content that its header declares, or its checksum is wrong.
    case damaged
    /// The file is not what its name says, or its header contradicts itself.
    case malformed
    /// The file is sound, but holds something that has no meaning here (colors, complex numbers).
    case unsupported
    /// The voxels hold NaN or infinity, or labels that are not labels.
    case voxels
    /// Shapes, spacings or orientations do not fit.
    case geometry
    /// A setting is out of its range.
    case setting
  }

  /// What kind of fault this is.
  public let kind: Kind
  /// The file or the setting at fault.
  public let subject: String
  /// What is wrong with it and how to mend it.
  public let reason: String

  /// A fault of `kind` in `subject`; `reason` says what is wrong and how to mend it.
  public init(_ kind: Kind, _ subject: String, _ reason: String) {
    self.kind = kind
    self.subject = subject
    self.reason = reason
  }

  /// The sentence to print. Files are hostile and are quoted in it: what could command a terminal is
  /// replaced.
  public var description: String {
    let scalars = "\(subject): \(reason)".unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
