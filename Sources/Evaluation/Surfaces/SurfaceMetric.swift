/// A quantity of the distances between the surfaces of a prediction S and a reference G.
///
/// d(s, G) is the distance of a piece s of S's surface to the nearest piece of G's, in mm; pieces
/// weigh as ``SurfaceFamily`` says (in the family `voxel` N is their number).
///
/// The rule for absent structures, stated with every table: with the structure in neither volume
/// every quantity is undefined (`bothEmpty`); with it in one volume only, distances are undefined
/// (there is nothing to measure to) and aggregates count them with the diagonal of the image grid
/// as worst case, while the surface Dice is 0.
public enum SurfaceMetric: Sendable, Hashable {
  /// The mean over all pieces of both surfaces (Deniz et al. 2018; MedPy `assd`).
  case pooledMean
  /// The mean over the prediction's surface of the distance to the reference's.
  case predictionMean
  /// The mean over the reference's surface of the distance to the prediction's.
  case referenceMean
  /// The mean of the two directed means.
  case symmetricMean
  /// The largest distance: Hausdorff's, Deniz's MSD.
  case maximum
  /// The larger of the two directed 95th percentiles (MONAI, DeepMind).
  case percentile95
  /// The 95th percentile of the distances of both surfaces together (MedPy).
  case pooledPercentile95
  /// The part of both surfaces that lies within a tolerance (mm) of the other: normalized surface
  /// Dice (Nikolov et al. 2018).
  case surfaceDice(tolerance: Double)

  /// All quantities of these settings, in the order of tables' columns.
  public static func all(_ settings: SurfaceSettings) -> [SurfaceMetric] {
    [
      .pooledMean, .predictionMean, .referenceMean, .symmetricMean, .maximum, .percentile95,
      .pooledPercentile95,
    ] + settings.tolerances.map { .surfaceDice(tolerance: $0) }
  }

  /// The name of the column: what, of which family where it is not `voxel`, in which unit.
  public func name(_ family: SurfaceFamily) -> String {
    let mark = family == .voxel ? "" : "_\(family.rawValue)"
    return switch self {
    case .pooledMean: "asd\(mark)_mm"
    case .predictionMean: "asd_prediction\(mark)_mm"
    case .referenceMean: "asd_reference\(mark)_mm"
    case .symmetricMean: "asd_symmetric\(mark)_mm"
    case .maximum: "hd\(mark)_mm"
    case .percentile95: "hd95\(mark)_mm"
    case .pooledPercentile95: "hd95_pooled\(mark)_mm"
    case .surfaceDice(let tolerance): "nsd\(mark)_\(Self.text(tolerance))mm"
    }
  }

  /// The formula in words.
  public func definition(_ family: SurfaceFamily) -> String {
    let percentile =
      family == .voxel
      ? "linear interpolation between order statistics"
      : "least distance that reaches 95 % of the area"
    return switch self {
    case .pooledMean: "(sum d(s, G) + sum d(g, S)) / (N_S + N_G), mm"
    case .predictionMean: "sum d(s, G) / N_S, mm"
    case .referenceMean: "sum d(g, S) / N_G, mm"
    case .symmetricMean: "(sum d(s, G) / N_S + sum d(g, S) / N_G) / 2, mm"
    case .maximum: "max(max d(s, G), max d(g, S)), mm (Hausdorff)"
    case .percentile95: "max(p95 d(s, G), p95 d(g, S)), mm; p95: \(percentile)"
    case .pooledPercentile95: "p95 of all d(s, G) and d(g, S), mm; p95: \(percentile)"
    case .surfaceDice(let tolerance):
      "(N(d(s, G) <= t) + N(d(g, S) <= t)) / (N_S + N_G), t = \(Self.text(tolerance)) mm"
    }
  }

  /// Whether it is a distance (undefined with one surface only) rather than a part of surfaces.
  public var isDistance: Bool {
    if case .surfaceDice = self { false } else { true }
  }

  /// `1` for 1.0, `0.5` for 0.5.
  private static func text(_ tolerance: Double) -> String {
    let text = "\(tolerance)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
