/// What was found in one subject's files.
struct SubjectReport: Codable, Sendable, Equatable {
  /// The subject's name.
  var subject: String
  /// Voxels along (D, H, W); nil where no image could be read.
  var shape: [Int]?
  /// Voxel size along (D, H, W) in mm; nil where no image could be read.
  var spacing: [Double]?
  /// Channels of all images together.
  var channels = 0
  /// Voxels by declared label, in the order of the labels; empty where the label could not be read.
  var labelVoxels: [Int] = []
  /// SHA-256 of the images' voxels; nil where an image could not be read.
  var content: String?
  /// What must be mended, one sentence each.
  var faults: [String] = []
  /// What may be meant so, one sentence each.
  var notices: [String] = []
}
