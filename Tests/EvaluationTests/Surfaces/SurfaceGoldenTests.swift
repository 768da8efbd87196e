import Evaluation
import Testing

/// Balls whose surface distances other programs agree on.
///
/// Expected values by MedPy 0.5.2 (voxel: `assd`, `hd`, `hd95` and its surface distances) and
/// DeepMind's surface-distance 0.1 (surfel), NumPy 2.4.6, SciPy 1.17.1, a = first, b = second ball:
///
///     ab, ba = [binary.__surface_distances(*p, spacing, 1) for p in ((a, b), (b, a))]
///     assd, ab.mean(), ba.mean(), (ab.mean() + ba.mean()) / 2, hd,
///     max(percentile(ab, 95), percentile(ba, 95)), hd95, (concatenate([ab, ba]) <= 1).mean()
///
/// and for surfels `compute_average_surface_distance`, `compute_robust_hausdorff` (100, 95; the
/// pooled one by the same rule over both surfaces), `compute_surface_dice_at_tolerance(d, 1)`. The
/// first six are MONAI's test cases.
@Suite struct SurfaceGoldenTests {
  /// A pair of balls; the second may be the first, moved by voxels around the grid.
  struct Balls: Sendable, CustomTestStringConvertible {
    var name: String
    var shape = [99, 99, 99]
    var spacing = [1.0, 1, 1]
    var first: (radius: Double, center: [Double])
    var second: (radius: Double, center: [Double])
    var voxel: [Double]
    var surfel: [Double]
    var pieces: [Int]
    var dice: Double

    var testDescription: String { name }
  }

  static let anisotropic = [0.85, 1.2, 0.9]
  static let knee = [0.234, 0.234, 1.5]

  static let cases: [Balls] = [
    Balls(
      name: "balls of one size, a voxel apart along each axis",
      first: (20, [20, 20, 20]), second: (20, [19, 19, 19]),
      voxel: [
        0.8957429366433527, 0.8958613558852289, 0.8956245174014764, 0.8957429366433527,
        1.7320508075688772, 1.7320508075688772, 1.7320508075688772, 0.7548435171385991,
      ],
      surfel: [
        0.6367106303637481, 0.6369087508312604, 0.6365123501831362, 0.6367105505071984,
        1.7320508075688772, 1.4142135623730951, 1.4142135623730951, 0.8682958214079116,
      ], pieces: [4026, 4026, 7544, 7532], dice: 0.9349840566475546),
    Balls(
      name: "balls cut by the grid's border", first: (33, [19, 33, 22]),
      second: (33, [20, 33, 22]),
      voxel: [
        0.3502174700978615, 0.3483278807706289, 0.3520961329960246, 0.35021200688332677, 1, 1, 1,
        1,
      ],
      surfel: [
        0.16392269450379487, 0.1611156679789979, 0.1667056055297456, 0.16391063675437173, 1, 1, 1,
        1,
      ], pieces: [11004, 11068, 17088, 17292], dice: 0.9839611906330479),
    Balls(
      name: "a ball within a ball", first: (20, [20, 33, 22]), second: (40, [20, 33, 22]),
      voxel: [
        15.117740826766532, 12.040033513150455, 15.911313879451194, 13.975673696300824,
        20.223748416156685, 20.09975124224178, 20.049937655763422, 0.012321792260692464,
      ],
      surfel: [
        15.214701461626715, 12.120059533201827, 16.13083337404306, 14.125446453622445,
        20.223748416156685, 19.949937343260004, 19.8997487421324, 0.011707947963374835,
      ], pieces: [4026, 15614, 7544, 22508], dice: 0.29572146351180856),
    Balls(
      name: "anisotropic voxels", spacing: anisotropic, first: (20, [20, 20, 20]),
      second: (20, [19, 19, 19]),
      voxel: [
        0.8684719175666511, 0.8691247580367502, 0.8678189286224857, 0.8684718433296179,
        2.2671568097509267, 1.7240939649566667, 1.7240939649566667, 0.5979533826037521,
      ],
      surfel: [
        0.6162121992501329, 0.6163662957061783, 0.6160580888395497, 0.6162121922728641,
        2.2671568097509267, 1.4705441169852742, 1.4705441169852742, 0.7594183035048583,
      ], pieces: [4398, 4397, 8052, 8048], dice: 0.9348007839804827),
    Balls(
      name: "a ball within a ball, anisotropic", spacing: anisotropic,
      first: (15, [20, 33, 22]), second: (30, [20, 33, 22]),
      voxel: [
        13.491868481546701, 12.54856923751595, 13.722911460409883, 13.135740348962916,
        15.6259399717265, 15.215206209578627, 15.167152006886461, 0,
      ],
      surfel: [
        13.263626741492367, 12.330841853902557, 13.509523512936138, 12.920182683419348,
        15.6259399717265, 15.086749152816187, 15.035956903370002, 0,
      ], pieces: [2440, 9962, 4524, 15920], dice: 0.24599118942731277),
    Balls(
      name: "a millimeter apart, anisotropic", spacing: anisotropic,
      first: (33, [42, 45, 52]), second: (33, [43, 45, 52]),
      voxel: [
        0.4950997436983202, 0.4950997436983202, 0.4950997436983202, 0.4950997436983202, 1.7, 1.2,
        1.2, 0.937057175811501,
      ],
      surfel: [
        0.26438579903071874, 0.26438579903071874, 0.26438579903071874, 0.26438579903071874, 1.7,
        0.85, 0.85, 0.9846770284523695,
      ], pieces: [12138, 12138, 21956, 21956], dice: 0.9773317879582749),
    Balls(
      name: "thick slices: a millimeter of radius", shape: [200, 200, 30], spacing: knee,
      first: (18, [23.4, 23.4, 22.5]), second: (17, [23.4, 23.4, 22.5]),
      voxel: [
        0.7797378808270168, 0.7868569391815834, 0.771748198466496, 0.7793025688240397, 1.5, 1.5,
        1.5, 0.6952432065984973,
      ],
      surfel: [
        0.7139999864281297, 0.7282471891333043, 0.6981701158264234, 0.7132086524798639, 1.5, 1.5,
        1.5, 0.7732540101994443,
      ], pieces: [37442, 33362, 48632, 43576], dice: 0.9154951691703241),
    Balls(
      name: "thick slices: a slice apart", shape: [200, 200, 30], spacing: knee,
      first: (18, [23.4, 23.4, 22.5]), second: (18, [23.4, 23.4, 24]),
      voxel: [
        0.8224568915177664, 0.8224568915177664, 0.8224568915177664, 0.8224568915177664, 1.5, 1.5,
        1.5, 0.638240478606912,
      ],
      surfel: [
        0.4912455047286205, 0.4912455047286205, 0.4912455047286205, 0.4912455047286205, 1.5, 1.5,
        1.5, 0.7902911013840697,
      ], pieces: [37442, 37442, 48632, 48632], dice: 0.937453073812578),
    Balls(
      name: "thick slices: three voxels apart in the plane", shape: [200, 200, 30],
      spacing: knee, first: (18, [23.4, 23.4, 22.5]), second: (18, [24.102, 23.4, 22.5]),
      voxel: [
        0.14583943116906914, 0.1458394311690691, 0.1458394311690691, 0.1458394311690691,
        0.7020000000000001, 0.6618519471906085, 0.6618519471906085, 1,
      ],
      surfel: [
        0.17591786743242907, 0.17591786743242907, 0.17591786743242907, 0.17591786743242907,
        0.7020000000000001, 0.6618519471906085, 0.6618519471906085, 1,
      ], pieces: [37442, 37442, 48632, 48632], dice: 0.9710345477746466),
  ]

  @Test("distances of balls are those of MedPy, MONAI and DeepMind", arguments: cases)
  func balls(_ balls: Balls) throws {
    let pair = try MaskPair(
      balls.shape, balls.spacing,
      prediction: MaskPair.ball(
        balls.shape, balls.spacing, radius: balls.first.radius, center: balls.first.center),
      reference: MaskPair.ball(
        balls.shape, balls.spacing, radius: balls.second.radius, center: balls.second.center))
    var counts = LabelCounts()
    try counts.add(prediction: pair.prediction.span, reference: pair.reference.span)
    let dice = try #require(Dice.value(of: counts[1]).number)
    #expect(abs(dice - balls.dice) < 1e-12)
    for (family, expected) in [(SurfaceFamily.voxel, balls.voxel), (.surfel, balls.surfel)] {
      let distances = try #require(try pair.distances(family, threads: 2))
      let pieces = [distances.fromPrediction.count, distances.fromReference.count]
      #expect(pieces == Array(balls.pieces[family == .voxel ? 0..<2 : 2..<4]))
      let metrics = SurfaceMetric.all(try SurfaceSettings(family: family, tolerances: [1]))
      let values = distances.values(of: metrics)
      for (index, metric) in metrics.enumerated() {
        #expect(
          abs(values[index] - expected[index]) <= 1e-12 * max(1, expected[index]),
          "\(metric.name(family)): \(values[index])")
      }
    }
  }
}
