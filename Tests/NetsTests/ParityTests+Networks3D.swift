import Nets
import Testing

/// The fixtures that `Tests/Fixtures/nets/make_3d_networks.py` makes.
let networks3D = [
  "kayalibay_concat", "kayalibay_sum", "kayalibay_none", "kayalibay2d", "supervised3d",
  "supervised2d", "vnet3d", "vnet2d", "desai2d", "desai3d", "cicek3d",
  "imperial_tiny", "imperial_small", "imperial_published", "imperial_highwayless",
  "imperial_slice", "imperial_slice_after", "imperial_large", "imperial_large_relative",
  "imperial_relative",
]

extension ParityTests {
  @Test("the networks for volumes are PyTorch's within 1e-4", arguments: networks3D)
  func network3D(name: String) throws {
    try compare(try Fixture.load(name))
  }
}
