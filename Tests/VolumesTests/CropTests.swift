import Foundation
import Testing

@testable import Volumes

@Suite("Crops")
struct CropTests {
  @Test(
    "a crop keeps the part it names, and what is asked beyond the image is left out",
    arguments: [
      (NoCrop() as any Crop, [0, 0, 0], [6, 7, 8]),
      (CenterCrop(shape: [nil, 4, 3]), [0, 1, 2], [6, 4, 3]),
      (CenterCrop(shape: [9, 7, 1]), [0, 0, 3], [6, 7, 1]),
      (SlicesCrop(axis: 2, count: 5), [0, 0, 1], [6, 7, 5]),
      (SlicesCrop(axis: 0, count: 60), [0, 0, 0], [6, 7, 8]),
      (SlicesCrop(), [0, 0, 0], [6, 7, 8]),
      (BoxCrop(origin: [1, 2, 3], shape: [2, nil, 99]), [1, 2, 3], [2, 5, 5]),
    ])
  func boxes(crop: any Crop, origin: [Int], shape: [Int]) throws {
    try crop.validate()
    let image = ramp([6, 7, 8], channels: 2)
    #expect(try crop.box(in: image) == Box(origin: origin, shape: shape))
  }

  @Test("48 of 60 coronal slices are numbers 6 to 53")
  func slices() throws {
    let image = Volume(
      voxels: [Float](repeating: 0, count: 240), geometry: Geometry(shape: [2, 2, 60]))
    let box = SlicesCrop(axis: 2, count: 48).box(in: image)
    #expect(box == Box(origin: [0, 0, 6], shape: [2, 2, 48]))
  }

  @Test("the center of mass is SciPy's, and the box around it stays within the image")
  func centerOfMass() throws {
    let fixture = try Place.fixture(
      "normalization.json", as: NormalizationTests.Fixture.self)
    let image = Volume(voxels: fixture.values, geometry: Geometry(shape: fixture.shape))
    // An odd extent has a middle voxel: the one nearest to the center.
    let box = try CenterOfMassCrop(shape: [3, 3, 3], above: 200).box(in: image)
    #expect(box.origin == fixture.centerOfMassAbove200.map { Int($0.rounded()) - 1 })
    var corner = ramp([6, 7, 8])
    corner.voxels = [Float](repeating: 0, count: 336)
    corner.voxels[(5 * 7 + 0) * 8 + 7] = 3
    let moved = try CenterOfMassCrop(shape: [4, 3, nil]).box(in: corner)
    #expect(moved == Box(origin: [2, 0, 0], shape: [4, 3, 8]))
    // Nothing above: the middle.
    let none = try CenterOfMassCrop(shape: [2, 3, 4], above: 10).box(in: corner)
    #expect(none == Box(origin: [2, 2, 2], shape: [2, 3, 4]))
    #expect(fault(try CenterOfMassCrop(shape: [1, 1, 1], channel: 1).box(in: corner)) != nil)
  }

  @Test("a margin grows the non-zero box as far as there are voxels")
  func margin() {
    var image = ramp([5, 6, 7])
    image.voxels = [Float](repeating: 0, count: 210)
    image.voxels[(1 * 6 + 4) * 7 + 3] = 1
    #expect(NonZeroCrop(margin: 2).box(in: image) == Box(origin: [0, 2, 1], shape: [4, 4, 5]))
    #expect(NonZeroCrop().box(in: image) == Box(origin: [1, 4, 3], shape: [1, 1, 1]))
  }

  @Test("a crop is written as a kind or as a mapping, and read back from either")
  func coding() throws {
    func read(_ json: String) throws -> AnyCrop {
      try JSONDecoder().decode(AnyCrop.self, from: Data(json.utf8))
    }
    #expect(try read(#""nonZero""#) == AnyCrop(NonZeroCrop()))
    #expect(
      try read(#"{"kind": "center", "shape": [160, null, 288]}"#)
        == AnyCrop(CenterCrop(shape: [160, nil, 288])))
    for type in Crops.catalogue {
      let once = try read(#"{"kind": "\#(type.kind)"}"#)
      #expect(once == AnyCrop(type.init()))
      #expect(try JSONDecoder().decode(AnyCrop.self, from: JSONEncoder().encode(once)) == once)
      #expect(throws: Never.self) { try once.value.validate() }
    }
    #expect(throws: DecodingError.self) { try read(#""middle""#) }
  }

  @Test(
    "settings that make no sense are refused at their key",
    arguments: [
      (CenterCrop(shape: [1, 2]) as any Crop, "shape"), (CenterCrop(shape: [0, 1, 1]), "shape"),
      (BoxCrop(origin: [0, -1, 0], shape: [1, 1, 1]), "origin"),
      (BoxCrop(origin: [0, 0, 0], shape: []), "shape"), (SlicesCrop(axis: 3, count: 1), "axis"),
      (SlicesCrop(axis: 0, count: 0), "count"), (NonZeroCrop(margin: -1), "margin"),
      (CenterOfMassCrop(shape: [1, 1, -1]), "shape"),
      (CenterOfMassCrop(shape: [1, 1, 1], channel: -1), "channel"),
    ])
  func refused(crop: any Crop, key: String) {
    #expect(fault(try crop.validate())?.subject == "preparation.crop.\(key)")
  }

  @Test("a box beyond the image is a fault, not an empty volume")
  func beyond() {
    let crop = BoxCrop(origin: [6, 0, 0], shape: [1, 1, 1])
    #expect(fault(try crop.box(in: ramp([6, 7, 8])))?.kind == .geometry)
  }
}
