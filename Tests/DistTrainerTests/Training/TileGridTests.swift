import Testing

@testable import DistTrainer

@Suite("The tiles of a sliding window")
struct TileGridTests {
  @Test(
    "cover every voxel, overlap as much as they must, and end with the volume",
    arguments: 1...23, [0, 0.25, 0.5, 0.9])
  func cover(extent: Int, overlap: Double) {
    for tile in 1...9 {
      let grid = TileGrid(volume: [extent, 1, 1], tile: [tile, 1, 1], overlap: overlap)
      let starts = grid.origins.map { $0[0] }
      var seen = [Int](repeating: 0, count: extent)
      for start in starts {
        for voxel in max(0, start)..<min(extent, start + tile) { seen[voxel] += 1 }
      }
      #expect(!seen.contains(0))
      if extent > tile {
        #expect(starts.first == 0 && starts.last == extent - tile)
        for (one, next) in zip(starts, starts.dropFirst()) {
          #expect(next > one)
          // A step of one voxel is the smallest; rounding to voxels may cost one of the overlap.
          #expect(next - one <= max(1, Int((Double(tile) * (1 - overlap)).rounded(.up))))
        }
      } else {
        // One tile, which reaches equally far beyond both ends, to the voxel.
        #expect(starts.count == 1)
        let beyond = (-starts[0], starts[0] + tile - extent)
        #expect(beyond.0 >= 0 && beyond.1 - beyond.0 >= 0 && beyond.1 - beyond.0 <= 1)
      }
    }
  }

  @Test("lie on the product of the three axes' places, the last axis fastest")
  func product() {
    let grid = TileGrid(volume: [4, 2, 6], tile: [2, 2, 4], overlap: 0)
    #expect(grid.origins == [[0, 0, 0], [0, 0, 2], [2, 0, 0], [2, 0, 2]])
  }

  // import numpy as np; from scipy.signal.windows import gaussian
  // np.einsum('i,j,k->ijk', *[gaussian(n, n / 8) for n in (2, 3, 4)]).ravel()
  private static let golden: [Float] = [
    4.294649e-05, 0.002344799, 0.002344799, 4.294649e-05, 0.001503439, 0.082085,
    0.082085, 0.001503439, 4.294649e-05, 0.002344799, 0.002344799, 4.294649e-05,
    4.294649e-05, 0.002344799, 0.002344799, 4.294649e-05, 0.001503439, 0.082085,
    0.082085, 0.001503439, 4.294649e-05, 0.002344799, 0.002344799, 4.294649e-05,
  ]

  @Test("Gaussian weights are SciPy's, and never below a thousandth")
  func gaussian() {
    let weights = TileGrid.weights(.gaussian, tile: [2, 3, 4])
    #expect(weights.count == Self.golden.count)
    for (found, expected) in zip(weights, Self.golden) {
      #expect(abs(found - max(1e-3, expected)) < 1e-6)
    }
    // np.maximum(1e-3, np.einsum('i,j,k->ijk', *[gaussian(8, 1)] * 3)): its sum
    let cube = TileGrid.weights(.gaussian, tile: [8, 8, 8])
    #expect(abs(cube.reduce(0) { $0 + Double($1) } - 15.994939) < 1e-4)
    #expect(cube.min() == 1e-3)
  }

  @Test("uniform weights are 1")
  func uniform() {
    #expect(TileGrid.weights(.uniform, tile: [1, 2, 3]) == [1, 1, 1, 1, 1, 1])
  }
}
