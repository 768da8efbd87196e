extension Preparation {
  /// The image as the network sees it, and the record that brings results back.
  ///
  /// - Parameters:
  ///   - image: the image on the grid of its file.
  ///   - threads: how many to use for resampling; they do not change a bit.
  /// - Returns: the prepared image, and the way back.
  /// - Throws: ``VolumeError`` for settings that make no sense or are yet to be learned, or a
  ///   spacing so fine that the grid would be huge.
  public func prepare(
    _ image: Volume, threads: Int = 1
  ) throws -> (image: Volume, grid: PreparedGrid) {
    guard isComplete else {
      throw VolumeError(
        .setting, "preparation",
        "goes by a median or by landmarks of a data set, which are not known yet; learn them from "
          + "training subjects first")
    }
    var (result, grid) = try place(image, threads: threads)
    for step in normalization.steps { result.normalize(by: step.value) }
    return (result, grid)
  }

  /// What the image contributes to what must be learned: a list of numbers for each channel.
  ///
  /// - Parameters:
  ///   - image: the image on the grid of its file.
  ///   - threads: how many to use.
  /// - Returns: `[channel]`; empty where nothing must be learned.
  /// - Throws: as ``prepare(_:threads:)`` does.
  public func measure(_ image: Volume, threads: Int = 1) throws -> [[Double]] {
    guard let (place, rule) = normalization.unlearned else { return [] }
    var (result, _) = try self.place(image, threads: threads)
    for step in normalization.steps[..<place] { result.normalize(by: step.value) }
    let count = result.geometry.count
    return (0..<result.channels).map {
      rule.measure(result.voxels.span, in: $0 * count..<($0 + 1) * count)
    }
  }

  /// The preparation with what was to be learned, from what ``measure(_:threads:)`` gave for the
  /// training subjects, `[subject][channel]`, in an order that is the experiment's.
  public func learned(from measured: [[[Double]]]) -> Preparation {
    guard let (place, rule) = normalization.unlearned else { return self }
    var result = self
    result.normalization.steps[place] = AnyNormalization(rule.learned(from: measured))
    return result
  }

  /// The preparation with the median along each axis of `spacings`, which are those of images with
  /// their axes in the order of ``orientation`` (mm).
  public func measured(spacings: [[Double]]) -> Preparation {
    guard spacing == .median, !spacings.isEmpty else { return self }
    var result = self
    result.spacing = .fixed(
      (0..<3).map { axis in
        let sorted = spacings.map { $0[axis] }.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1
          ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
      })
    return result
  }

  /// Everything but the intensities.
  private func place(_ image: Volume, threads: Int) throws -> (image: Volume, grid: PreparedGrid) {
    try validate()
    let oriented = image.oriented(to: try Orientation(code: orientation))
    let box = try crop.value.box(in: oriented)
    let cropped =
      box == Box(whole: oriented.geometry.shape) ? oriented : oriented.cropped(to: box)
    let target = try targetShape(of: cropped.geometry, channels: image.channels)
    let (from, to) = (cropped.geometry.spacing, cropped.geometry.resized(to: target).spacing)
    let resampled = cropped.resampled(
      to: target, by: coarseAxis.interpolations(from: from, to: to, interpolation),
      threads: threads)
    let grid = PreparedGrid(
      original: image.geometry, source: image.source, oriented: oriented.geometry, box: box,
      prepared: resampled.geometry,
      labels: coarseAxis.interpolations(from: from, to: to, .linear),
      scores: coarseAxis.interpolations(from: to, to: from, restore))
    return (resampled, grid)
  }

  private func targetShape(of grid: Geometry, channels: Int) throws -> [Int] {
    var target = grid.shape
    if case .fixed(let sizes) = spacing {
      let known = (0..<3).map { sizes[$0] ?? grid.spacing[$0] }
      let shape = grid.shape(atSpacing: known)
      for axis in 0..<3 where sizes[axis] != nil { target[axis] = shape[axis] }
    }
    for (axis, extent) in (size ?? []).enumerated() {
      if let extent { target[axis] = extent }
    }
    let (rows, overflow) = target[0].multipliedReportingOverflow(by: target[1])
    let (count, overflow2) = rows.multipliedReportingOverflow(by: target[2])
    guard !overflow, !overflow2, count <= NIfTIFormat.maximumCount / channels else {
      throw VolumeError(
        .setting, size == nil ? "preparation.spacing" : "preparation.size",
        "makes \(target.map(String.init).joined(separator: "x")) voxels of an image of spacing "
          + "\(grid.spacing) mm; choose a coarser one, or mend that file's spacing")
    }
    return target
  }

  /// The labels on the grid of their prepared image.
  ///
  /// - Parameters:
  ///   - labels: the labels on the grid of their file.
  ///   - grid: the way of their image.
  ///   - threads: how many to use for resampling; they do not change a bit.
  /// - Returns: the prepared labels.
  /// - Throws: ``VolumeError`` of kind `geometry` where their grid is not the image's: another
  ///   shape, or a corner more than a tenth of a voxel away.
  public func prepare(
    _ labels: LabelVolume, on grid: PreparedGrid, threads: Int = 1
  ) throws -> LabelVolume {
    let name = "the grids of image and label"
    guard let distance = labels.geometry.cornerDisagreement(with: grid.original) else {
      throw VolumeError(
        .geometry, name,
        "have the shapes \(grid.original.shape) and \(labels.shape); put the image's own label there, "
          + "or resample it")
    }
    guard distance <= 0.1 * (grid.original.spacing.min() ?? 0) else {
      throw VolumeError(
        .geometry, name,
        "lie \((distance * 1000).rounded() / 1000) mm apart (the farthest corner); correct the header of "
          + "the one that is wrong, or resample the label")
    }
    let change = Reorientation(
      from: grid.original.orientation, to: try Orientation(code: orientation))
    let voxels = change(labels.voxels, shape: labels.shape)
    return LabelVolume(voxels: voxels, geometry: grid.oriented, source: labels.source)
      .cropped(to: grid.box)
      .resampled(to: grid.prepared.shape, by: grid.labels, threads: threads)
  }
}
