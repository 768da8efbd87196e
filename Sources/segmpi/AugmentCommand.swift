import ArgumentParser
import Collective
import DistTrainer
import Foundation
import Volumes

/// `segmpi augment`.
struct AugmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "augment",
    abstract: "Make pictures of what augmentations do, on a phantom.",
    discussion: """
      Each picture shows a slice as it is and after three draws, with the borders of labels. \
      Without a configuration there is one for every kind, strongly set; with one, a picture for \
      each step of its augmentation, always applied as configured, and one of all of them (all.png).
      """)

  @Argument(help: "The folder for the pictures; it is made if need be.")
  var folder: String

  @Option(help: "An experiment's configuration, whose augmentation is shown.")
  var config: String?

  @Option(help: "The seed of the draws.")
  var seed: UInt64 = 1

  func run() throws {
    try Job.run { world in
      guard world.rank == 0 else { return }
      let gallery = try AugmentationGallery(seed: seed)
      var pictures: [AugmentationGallery.Picture] = []
      if let config {
        let steps = try ExperimentConfiguration.load(contentsOf: config).augmentation.map(\.value)
        for (number, picture) in try gallery.pictures(of: steps).enumerated() {
          pictures.append(.init(name: "\(number)-\(picture.name)", image: picture.image))
        }
        pictures.append(.init(name: "all", image: try gallery.picture(of: steps)))
      } else {
        pictures = try gallery.pictures()
      }
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      for picture in pictures { try picture.image.write(to: "\(folder)/\(picture.name).png") }
      print("Wrote \(pictures.count) pictures to \(folder)")
    }
  }
}
