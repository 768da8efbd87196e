/// One thing that is wrong with a data set, or may be: one line of a report.
public struct Finding: Sendable, Equatable, Codable {
  /// Whether training would refuse it, or go wrong.
  public enum Severity: String, Sendable, Codable {
    /// Must be mended, or the subject left out.
    case fault
    /// May be meant so.
    case warning
  }

  /// What it is.
  public var kind: Kind
  /// The subject that it is about; nil for the data set as a whole.
  public var subject: String?
  /// What is wrong, where, and how to mend it.
  public var sentence: String

  /// Fault or warning: the kind decides.
  public var severity: Severity { kind.severity }

  init(_ kind: Kind, _ subject: String?, _ sentence: String) {
    self.kind = kind
    self.subject = subject
    self.sentence = sentence
  }
}

extension Finding {
  /// What can be found.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    // Files and lists.
    /// A listed image is not there; half a pair.
    case missingImage
    /// A listed label is not there, or an image has none.
    case missingLabel
    /// One of a subject's channels is not there.
    case missingChannel
    /// An image is of a channel that is not declared.
    case extraChannel
    /// An image's name does not tell its channel.
    case unnamedChannel
    /// A label belongs to no image.
    case labelWithoutImage
    /// A subject is there twice.
    case repeatedSubject
    /// Several files could be the one that is wanted.
    case ambiguousFile
    /// A line of a table lacks something, or names what is not there.
    case brokenRow
    /// A table has no line for a subject.
    case missingRow
    /// A table names a subject that the data set lacks.
    case unknownSubject
    /// A folder or list holds no subject at all.
    case noSubject
    /// A pair of files is not listed.
    case unlisted
    /// A subject has images and no label, in a layout where that is usual.
    case unlabeled
    /// Two subjects' names differ by capitals alone.
    case similarNames

    // Single files.
    /// A file is not there any more or may not be read.
    case unreadable
    /// A file ends too early, or its checksum is wrong.
    case damaged
    /// A file is not what its name says, or contradicts itself.
    case malformed
    /// A file holds what has no meaning here.
    case unsupported
    /// A header places its voxels nowhere.
    case singularGeometry
    /// A name says compressed and the content is not, or the other way round.
    case misnamed

    // Grids.
    /// A subject has another number of channels than is declared.
    case channelCount
    /// A channel lies on another grid than the first.
    case channelGrid
    /// A label has several channels.
    case labelChannels
    /// A label has another shape than its image.
    case labelShape
    /// A label lies beside its image.
    case labelPlacement
    /// A label covers its image with axes in another order or direction.
    case labelAxes
    /// A header's two transforms disagree.
    case transforms
    /// A header does not say where its voxels lie.
    case unplaced
    /// A header's voxel sizes are not those of its transform.
    case voxelSize
    /// A header counts in meters or micrometers.
    case units
    /// A grid's axes are not at right angles.
    case sheared
    /// A grid is turned against the scanner's axes.
    case oblique
    /// A volume is a single slice.
    case singleSlice
    /// A volume is smaller than the patch.
    case smallerThanPatch
    /// A subject's axes run otherwise than most subjects'.
    case orientation
    /// A subject's voxels are far from the size of most subjects'.
    case spacing
    /// A subject's volume is far from the size of most subjects'.
    case extent
    /// A subject's image is stored in another type than all others'.
    case elementType

    // Voxels.
    /// An image holds NaN or infinity.
    case notFinite
    /// An image has one value only.
    case constantImage
    /// An image has a handful of values, as a label has.
    case fewValues
    /// Slices within an image are blank.
    case blankSlices
    /// Much of an image is at its greatest value.
    case clipped
    /// A few voxels are far beyond all others.
    case hotVoxels
    /// A subject's intensities are far from those of most subjects.
    case intensity
    /// A label holds numbers that are not whole.
    case labelFraction
    /// A label holds values that are not declared.
    case labelUndeclared
    /// A label is all background.
    case labelEmpty
    /// A label has no background.
    case labelFull
    /// A structure is far larger or smaller than in most subjects.
    case labelVolume
    /// A declared label occurs nowhere.
    case labelNowhere
    /// A declared label occurs in one subject only.
    case labelRare
    /// The label is the image once more.
    case labelIsImage
    /// Two subjects have the same image.
    case duplicateImage
    /// Two subjects have the same label.
    case duplicateLabel

    // Folds.
    /// A group's subjects are in several folds.
    case groupAcrossFolds
    /// Subjects do not fall into folds as is asked for.
    case folds

    /// Whether this must be mended.
    public var severity: Severity {
      switch self {
      case .unlisted, .unlabeled, .similarNames, .misnamed, .channelGrid, .transforms, .unplaced,
        .voxelSize, .units, .sheared, .oblique, .singleSlice, .smallerThanPatch, .orientation,
        .spacing, .extent, .elementType, .fewValues, .blankSlices, .clipped, .hotVoxels,
        .intensity, .labelEmpty, .labelFull, .labelVolume, .labelRare, .duplicateLabel:
        .warning
      default: .fault
      }
    }
  }
}

extension [Finding] {
  /// What must be mended, one sentence each.
  var faults: [String] { filter { $0.severity == .fault }.map(\.sentence) }
  /// What may be meant so, one sentence each.
  var warnings: [String] { filter { $0.severity == .warning }.map(\.sentence) }
}
