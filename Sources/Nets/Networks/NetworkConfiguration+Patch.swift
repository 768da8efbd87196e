/// What networks ask of the extents of a patch, in one set of words.
extension NetworkConfiguration {
  /// No extent that a file states is calculated with beyond this.
  static var largestExtent: Int { 1 << 20 }

  /// Requires a configuration without faults and as many extents as there are axes.
  ///
  /// - Throws: ``ConfigurationProblem`` for the first of the network's faults, or for the key
  ///   `patch`.
  func requireAxes(_ patch: [Int]) throws {
    if let problem = problems().first { throw problem }
    guard patch.count == dimensions else {
      throw ConfigurationProblem(
        "patch", "has \(patch.count) extents; the network has \(dimensions) axes")
    }
  }

  /// Requires extents that can be calculated with, beside what ``requireAxes(_:)`` does.
  ///
  /// - Parameters:
  ///   - patch: the extents.
  ///   - levels: the number of resolutions of a network that needs multiples of
  ///     ``patchMultiple``; nil for one that takes any extent.
  /// - Throws: ``ConfigurationProblem`` that names the nearest extents that fit.
  func requireSound(_ patch: [Int], levels: Int? = nil) throws {
    try requireAxes(patch)
    for (axis, (extent, multiple)) in zip(patch, patchMultiple).enumerated() {
      guard (1...Self.largestExtent).contains(extent) else {
        throw ConfigurationProblem(
          "patch", "is \(extent) on axis \(axis); it must lie in 1 … \(Self.largestExtent)")
      }
      guard let levels, extent % multiple != 0 else { continue }
      let below = extent / multiple * multiple
      let nearest = below > 0 ? "\(below) or \(below + multiple)" : "\(multiple)"
      throw ConfigurationProblem(
        "patch",
        "is \(extent) on axis \(axis), which does not fit the network's \(levels) levels; "
          + "use \(nearest)")
    }
  }
}
