public import ArgumentParser
import Collective
import Foundation
public import Volumes

extension ElementType: ExpressibleByArgument {}

/// `segmpi convert`.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Copy a volume into another format.",
    discussion: """
      INPUT is a file (.nii, .nii.gz, .hdr/.img, .nrrd, .nhdr, .mha, .mhd, .npy, .npz, .png), a folder \
      of slices as .png, or a DICOM series (read by dcm2niix). The ending of OUTPUT says its format. \
      Voxels and geometry stay what they are. What the input does not say and had to be assumed, \
      and what is unusual about its axes, is told in a line each.
      """)

  @Argument(help: "A volume: a file, or a folder of slices.")
  var input: String

  @Argument(help: "The file to write.")
  var output: String

  @Option(help: "How to store voxels; as in the input where left out.")
  var type: ElementType?

  @Option(
    help: "Voxel size along each axis (mm), in place of the input's: for files that do not say it.",
    transform: PhantomCommand.sizes)
  var spacing: [Double]?

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        let made = try VolumeConversion(input, to: output, as: type, spacing: spacing)
        for note in made.notes { StandardError.say(note) }
        let shape = made.geometry.shape.map(String.init).joined(separator: "x")
        let spacing = made.geometry.spacing.map { String(format: "%.4g", $0) }
          .joined(separator: " x ")
        let channels = made.channels == 1 ? "1 channel" : "\(made.channels) channels"
        print(
          "Converted \(input) to \(output): \(shape), \(channels), \(made.element.rawValue), "
            + "\(spacing) mm, \(made.geometry.orientation)")
      }
    }
  }
}
