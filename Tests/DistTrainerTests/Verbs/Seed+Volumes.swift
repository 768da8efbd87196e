import DistTrainer
import Foundation
import Volumes

extension Seed {
  // MARK: Grids, voxels, labels

  static let volumes: [Seed] = [
    Seed(.channelCount, "channelCount_0001.nii: holds 3 channels where 2 are declared") {
      data, name in
      try data.edit(data.image(name)) {
        $0 = Volume(
          voxels: $0.voxels + $0.voxels.reversed(), channels: 2, geometry: $0.geometry)
      }
    },
    Seed(.labelChannels, "labelsTr/labelChannels.nii: holds 2 channels, a label has one") {
      data, name in
      try data.edit(data.label(name)) {
        $0 = Volume(voxels: $0.voxels + $0.voxels, channels: 2, geometry: $0.geometry)
      }
    },
    Seed(.labelShape, "labelsTr/labelShape.nii: has shape 8x9x9 where") { data, name in
      try data.edit(data.label(name)) {
        $0 = Volume(
          voxels: Array($0.voxels.prefix(648)),
          geometry: Geometry(shape: [8, 9, 9], affine: $0.geometry.affine))
      }
    },
    Seed(
      .labelPlacement,
      "by 3.0 mm at every corner (the label lies 3.0 mm anterior of the image): the label is wrong, for"
    ) { data, name in
      try data.place(
        data.label(name), Affine(spacing: SIMD3(1, 1.5, 2), origin: SIMD3(0, 3, 0)))
    },
    Seed(
      .labelPlacement, "imageElsewhere",
      "(the label lies 3.0 mm posterior of the image): the image is wrong, for"
    ) { data, name in
      try data.place(
        data.image(name), Affine(spacing: SIMD3(1, 1.5, 2), origin: SIMD3(0, 3, 0)))
    },
    Seed(.labelAxes, "has axes that run LPS where those of") { data, name in
      try data.edit(data.label(name)) {
        // Two axes reversed, each voxel where it was.
        let geometry = $0.geometry
        var affine = geometry.affine.shifted(to: SIMD3(7, 8, 0))
        for row in 0..<3 {
          affine.rows[row].x *= -1
          affine.rows[row].y *= -1
        }
        var voxels = $0.voxels
        for place in voxels.indices {
          let index = geometry.index(of: place)
          voxels[place] = $0.voxels[((7 - index[0]) * 9 + 8 - index[1]) * 10 + index[2]]
        }
        $0 = Volume(voxels: voxels, geometry: Geometry(shape: geometry.shape, affine: affine))
      }
    },
    Seed(.notFinite, "notFinite_0000.nii: 2 voxels NaN or infinite, the first at (0, 0, 7)") {
      data, name in
      try data.edit(data.image(name)) {
        $0.voxels[7] = .nan
        $0.voxels[9] = .infinity
      }
    },
    Seed(.constantImage, "constantImage_0001.nii: every voxel holds 4.0") { data, name in
      try data.edit(data.image(name, 1)) { for i in $0.voxels.indices { $0.voxels[i] = 4 } }
    },
    Seed(.labelFraction, "no whole numbers, such as 0.5 (1 voxel, the first at (0, 0, 4))") {
      data, name in try data.edit(data.label(name)) { $0.voxels[4] = 0.5 }
    },
    Seed(
      .labelUndeclared,
      "2 labels that are not declared: 9 (2 voxels, the first at (0, 2, 1)), 255 (1 voxel"
    ) { data, name in
      try data.editLabel(name) {
        $0.voxels[21] = 9
        $0.voxels[22] = 9
        $0.voxels[719] = 255
      }
    },
    Seed(.labelIsImage, "labelIsImage.nii: holds the same voxels as the image") { data, name in
      try data.copy(data.image(name), to: data.label(name))
    },
    Seed(.duplicateImage, "duplicateImage_0000.nii: has the same voxels as") { data, name in
      try data.add("aTwin")
      for channel in 0..<2 {
        try data.copy(data.image("aTwin", channel), to: data.image(name, channel))
      }
    },
  ]

  // MARK: What may be meant so

  static let warnings: [Seed] = [
    Seed(.channelGrid, "channelGrid_0001.nii: lies on another grid than") { data, name in
      try data.edit(data.image(name, 1)) { $0 = $0.resampled(to: [4, 9, 10]) }
    },
    Seed(.transforms, "has two transforms that lie 25.0 mm apart") { data, name in
      try data.patch(data.image(name), at: 268, Float(25))
    },
    Seed(.unplaced, "does not say where left and right are") { data, name in
      for path in [data.image(name), data.image(name, 1), data.label(name)] {
        try data.patch(path, at: 252, Int16(0))
        try data.patch(path, at: 254, Int16(0))
      }
    },
    Seed(.voxelSize, "voxel sizes (pixdim) 3.0 x 1.5 x 2.0 where its transform has 1.0 x 1.5 x 2.0")
    {
      data, name in
      try data.patch(data.image(name), at: 252, Int16(0))
      try data.patch(data.image(name), at: 80, Float(3))
    },
    Seed(.units, "counts in meters, which is read as millimeters") { data, name in
      try data.patch(data.image(name), at: 123, [9])
    },
    Seed(.sheared, "axes that are not at right angles (cosine 0.447)") { data, name in
      let affine = Affine(
        columns: [SIMD3(1, 0.5, 0), SIMD3(0, 1.5, 0), SIMD3(0, 0, 2)], origin: .zero)
      for path in [data.image(name), data.image(name, 1), data.label(name)] {
        try data.place(path, affine)
      }
    },
    Seed(.oblique, "is turned by 30.0 degrees against the scanner's axes") { data, name in
      try data.add(name, affine: turned)
    },
    Seed(.singleSlice, "has a single slice along axis 0") { data, name in
      try data.add(name, shape: [1, 9, 10])
    },
    Seed(.orientation, "has axes that run LAS where") { data, name in
      try data.add(
        name,
        affine: Affine(
          columns: [SIMD3(-1, 0, 0), SIMD3(0, 1.5, 0), SIMD3(0, 0, 2)], origin: .zero))
    },
    Seed(.spacing, "has voxels of 1.0 x 1.5 x 6.0 mm") { data, name in
      try data.add(name, affine: Affine(spacing: SIMD3(1, 1.5, 6)))
    },
    Seed(.extent, "has 8x9x24 voxels") { data, name in try data.add(name, shape: [8, 9, 24]) },
    Seed(.elementType, "is stored as int16 where") { data, name in
      try VolumeFiles.write(
        VolumeFiles.readImage(data.image(name)), to: data.image(name), as: .int16)
    },
    Seed(.fewValues, "holds 3 different values only, as a label does") { data, name in
      try data.edit(data.image(name)) {
        for i in $0.voxels.indices { $0.voxels[i] = Float(i % 3) }
      }
    },
    Seed(.blankSlices, "2 blank slices amid others (the first is slice 3 along axis 0)") {
      data, name in
      try data.edit(data.image(name)) { for i in (3 * 90)..<(5 * 90) { $0.voxels[i] = 0 } }
    },
    Seed(.clipped, "% of the voxels are at the greatest value, 700.0") { data, name in
      try data.edit(data.image(name)) {
        for i in $0.voxels.indices { $0.voxels[i] = min(700, $0.voxels[i]) }
      }
    },
    Seed(.hotVoxels, "a few voxels reach 90000.0 where 99 % are below") { data, name in
      try data.edit(data.image(name)) { $0.voxels[300] = 90_000 }
    },
    Seed(.intensity, "where the median of all subjects is") { data, name in
      try data.edit(data.image(name, 1)) {
        for i in $0.voxels.indices { $0.voxels[i] *= 0.001 }
      }
    },
    Seed(.labelEmpty, "labelEmpty.nii: holds nothing but background") { data, name in
      try data.editLabel(name) { for i in $0.voxels.indices { $0.voxels[i] = 0 } }
    },
    Seed(.labelFull, "labelFull.nii: has no voxel of background") { data, name in
      try data.editLabel(name) {
        for i in $0.voxels.indices where $0.voxels[i] == 0 { $0.voxels[i] = 1 }
      }
    },
    Seed(.labelVolume, "labelVolume.nii: holds 3.0 mm\u{B3} of the label 2 (tail)") { data, name in
      try data.editLabel(name) {
        for i in $0.voxels.indices where $0.voxels[i] == 2 && i > 0 { $0.voxels[i] = 1 }
        $0.voxels[0] = 2
      }
    },
    Seed(.labelRare, "The label 4 (rare) occurs in the subject labelRare only") { data, name in
      try data.editLabel(name) { $0.voxels[5] = 4 }
    },
    Seed(.duplicateLabel, "has the same voxels as") { data, name in
      try data.add("aLabel")
      try data.copy(data.label("aLabel"), to: data.label(name))
    },
    Seed(.misnamed, "is compressed, which its name does not say") { data, name in
      try data.compress(data.image(name))
    },
    Seed(.similarNames, "similarNames", "The subjects SimilarNames and similarNames differ") {
      data, name in try data.add("SimilarNames")
    },
  ]
}
