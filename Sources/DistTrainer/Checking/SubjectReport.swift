internal import Volumes

/// What was found in one subject's files.
struct SubjectReport: Codable, Sendable, Equatable {
  /// The subject's name.
  var subject: String
  /// The first image file.
  var image: String
  /// Voxels along (D, H, W); nil where no image could be read.
  var shape: [Int]?
  /// Voxel size along (D, H, W) in mm; nil where no image could be read.
  var spacing: [Double]?
  /// Which way the axes run, such as "RAS"; nil where no image could be read.
  var orientation: String?
  /// Extents along right, anterior, superior.
  var canonicalShape: [Int]?
  /// Voxel size along right, anterior, superior in mm.
  var canonicalSpacing: [Double]?
  /// Where the first image lies; nil where it could not be read.
  var grid: Geometry?
  /// The image and the label that lie in two places, until ``Swift/Array/judgingDisputes()``.
  var dispute: PlacementDispute?
  /// The type in which each image file stores its voxels.
  var elements: [String] = []
  /// Channels of all images together.
  var channels = 0
  /// For each channel, its 1st, 50th and 99th percentile; empty where not all could be read.
  var levels: [[Double]] = []
  /// Voxels by declared label, in the order of the labels; empty where the label could not be read.
  var labelVoxels: [Int] = []
  /// SHA-256 of the images' voxels; nil where an image could not be read.
  var content: String?
  /// SHA-256 of the label's voxels; nil where it could not be read, or shows background alone.
  var labelContent: String?
  /// What is amiss.
  var findings: [Finding] = []

  /// Whether something of a kind was found.
  func has(_ kind: Finding.Kind) -> Bool { findings.contains { $0.kind == kind } }

  /// Whether nothing must be mended.
  var isWhole: Bool { !findings.contains { $0.severity == .fault } }
}
