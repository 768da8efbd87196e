import ArgumentParser
import Collective
import Volumes

/// `segmpi phantom`.
struct PhantomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phantom",
    abstract: "Write a data set of synthetic femurs, in nnU-Net's layout with a manifest.",
    discussion: """
      Two scans a patient (column group), strata of bone density (column stratum). The same seed \
      gives the same files. A folder with anything else in it is refused.
      """)

  @Argument(help: "The folder to write into; made where it is missing.")
  var folder: String

  @Option(help: "Scans to write.")
  var count = 40

  @Option(help: "Voxels along each axis.", transform: PhantomCommand.numbers)
  var shape: [Int] = [56, 36, 56]

  @Option(help: "Voxel size along each axis (mm).", transform: PhantomCommand.sizes)
  var spacing: [Double] = [2, 2.8, 2]

  @Option(help: "Seed of every scan's random numbers.")
  var seed: UInt64 = 1

  @Option(help: "Standard deviation of the Rician noise, where bone marrow has intensity 1.")
  var noise: Float?

  static func numbers(_ text: String) throws -> [Int] {
    try parts(text).map {
      guard let number = Int($0), number > 0 else { throw wrong(text) }
      return number
    }
  }

  static func sizes(_ text: String) throws -> [Double] {
    try parts(text).map {
      guard let number = Double($0), number > 0 else { throw wrong(text) }
      return number
    }
  }

  private static func parts(_ text: String) throws -> [Substring] {
    let parts = text.split(separator: ",")
    guard parts.count == 3 else { throw wrong(text) }
    return parts
  }

  private static func wrong(_ text: String) -> ValidationError {
    ValidationError("needs three positive numbers such as 56,36,56, not \(text)")
  }

  func run() throws {
    try Job.run { world in
      guard world.rank == 0 else { return }
      var phantom = Phantom()
      phantom.shape = shape
      phantom.spacing = spacing
      phantom.seed = seed
      if let noise { phantom.noise = noise }
      try phantom.write(to: folder, count: count)
      print("Wrote \(count) scans to \(folder)")
    }
  }
}
