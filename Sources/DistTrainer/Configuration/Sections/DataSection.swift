/// `data`: which subjects, and how they fall into folds.
public struct DataSection: ConfigurationSection {
  /// The data set: a folder with `dataset.json` or in BIDS' layout, or a manifest in CSV
  /// (`docs/data.md`). A relative path starts at the working folder, as it would on the command
  /// line. There is no default.
  public var dataset = ""
  /// The names of labels 0, 1, …, where the data set does not tell (a manifest in CSV).
  public var labels: [String]?
  /// The labels that values in label files stand for, where they are not the labels' numbers, such
  /// as `{255: 1}`; `null`: what the data set says itself.
  public var map: [String: Int]?
  /// Which files of a data set in BIDS' layout are meant.
  public var bids = BIDSSection()
  /// How closely the files are looked at before training: `none`, `headers` (grids, channels), or
  /// `full` (every voxel, as the verb `check` does).
  public var check = CheckDepth.headers
  /// How subjects fall into folds.
  public var folds = FoldsSection()
  /// Train on this part of each fold's groups (above 0, up to 1), or on so many of them (a whole
  /// number from 2 on); `null`: all. Smaller subsets lie within larger ones, and hold strata in
  /// their proportions. Validation stays as it is.
  public var subset: Double?
  /// A folder that keeps prepared volumes, so that runs on the same data prepare them once; `null`:
  /// every run prepares them anew, in memory, or, where several ranks run on one host, in temporary
  /// files that these share.
  public var cache: String?

  /// All keys at their defaults.
  public init() {}
}

/// `data.bids`: which files of a data set in BIDS' layout are meant.
public struct BIDSSection: ConfigurationSection {
  /// The suffixes of the images that are channels, in order (`[T1w, FLAIR]`); `null`: all that
  /// occur beside segmentations, by name.
  public var modalities: [String]?
  /// The suffix of segmentations.
  public var label = "dseg"
  /// The folder below `derivatives` that holds the segmentations; `null`: the only one that does.
  public var derivative: String?
  /// Entities (`acq-mprage`, `desc-manual`) that choose among several files of one kind.
  public var entities: [String] = []

  /// All keys at their defaults.
  public init() {}
}

/// `data.folds`: how subjects fall into folds.
public struct FoldsSection: ConfigurationSection {
  /// How many folds, at least 2.
  public var count = 5
  /// The seed of the shuffling.
  public var seed: UInt64 = 1
  /// The column of the data set's table whose values every fold shall hold in equal parts; `null`:
  /// `stratum`, where there is such a column.
  public var stratify: String?
  /// The column whose value (usually a patient) is never split over folds; `null`: `patient` or
  /// `group`, where there is such a column that `stratify` does not name.
  public var group: String?
  /// Which subjects of a fold are kept for the final measurement and neither train nor validate.
  public var test = TestPart.none
  /// Splits to take as they are, in the form of nnU-Net's `splits_final.json`; `null`: divide by the
  /// keys above.
  public var file: String?

  /// All keys at their defaults.
  public init() {}
}

/// Which subjects of a fold are kept for the final measurement.
public enum TestPart: String, Codable, Sendable, CaseIterable {
  /// None: the fold's part validates and is measured.
  case none
  /// The fold's part is the test, the next fold's part validates, the rest trains: 20, 5 and 5 of
  /// 30 subjects in six folds (Kayalibay 2017, hands).
  case next
  /// Half of the fold's part is the test, the other half validates: 220, 27 and 27 of 274 subjects
  /// in five folds (Kayalibay 2017, brains).
  case half
}
