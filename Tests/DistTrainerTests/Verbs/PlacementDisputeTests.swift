import DistTrainer
import Foundation
import Testing
import Volumes

@Suite("An image and a label that lie in two places")
struct PlacementDisputeTests {
  /// The one fault of a data set of `others` and the subject b, which is edited.
  private func sentence(
    others: Int, _ edit: (inout Volume, inout Volume) -> Void
  ) throws -> String {
    let folder = try TemporaryFolder()
    let names = (0..<others).map { "a\($0)" } + ["b"]
    try SmallStudy.writeDataset(folder.path, subjects: names, shape: [6, 5, 4]) {
      name, image, label in
      if name == "b" { edit(&image, &label) }
    }
    let faults = try DatasetCheckTests.check(folder.path).findings.filter {
      $0.kind == .labelPlacement
    }
    #expect(faults.count == 1)
    #expect(faults.first?.subject == "b" && faults.first?.severity == .fault)
    return faults.first?.sentence.replacing(folder.path + "/", with: "") ?? ""
  }

  private func move(_ volume: inout Volume, by offset: SIMD3<Double>) {
    let grid = volume.geometry
    volume = Volume(
      voxels: volume.voxels,
      geometry: Geometry(
        shape: grid.shape, affine: Affine(columns: grid.affine.columns, origin: offset)))
  }

  static let names = "labelsTr/b.nii.gz and its image imagesTr/b_0000.nii.gz"

  @Test("both are named, with the way from one to the other and what each remedy takes from where")
  func both() throws {
    let told = try sentence(others: 1) { image, _ in move(&image, by: SIMD3(-3, 0, 4)) }
    #expect(
      told == Self.names
        + " disagree about where they lie, by 5.0 mm at every corner (the label lies 3.0 mm right, "
        + "4.0 mm inferior of the image), and nothing tells which of the two is wrong; correct that "
        + "one's header, or write mended copies: --fix copy-geometry gives the label the place of "
        + "imagesTr/b_0000.nii.gz, its voxels as they are, --fix resample leaves each where its header "
        + "says and takes the label's nearest voxels onto the grid of imagesTr/b_0000.nii.gz.")
  }

  @Test("the other subjects tell which of the two is wrong")
  func others() throws {
    let image = try sentence(others: 4) { image, _ in move(&image, by: SIMD3(0, 5, 0)) }
    #expect(
      image.contains(
        "(the label lies 5.0 mm posterior of the image): the image is wrong, it seems, for 4 of 4 other "
          + "subjects' images lie where this label does; correct its header (--fix would take its place for the right one)."
      ))
    let label = try sentence(others: 5) { _, label in move(&label, by: SIMD3(0, 5, 0)) }
    #expect(
      label.contains(
        "(the label lies 5.0 mm anterior of the image): the label is wrong, it seems, for 5 of 5 other "
          + "subjects' images lie where this image does; correct its header, or"))
  }

  @Test("corners that lie apart by unlike distances are told as the nearest and the farthest")
  func corners() throws {
    // The corners of 6 voxels of 1 mm and of 2 mm are 0 and 5 mm apart.
    let told = try sentence(others: 5) { _, label in
      label = Volume(
        voxels: label.voxels, geometry: Geometry(shape: [6, 5, 4], spacing: [2, 1.5, 2]))
    }
    #expect(
      told.contains("by 0.0 mm at the nearest corner and 5.0 mm at the farthest: the label is"))
  }
}
