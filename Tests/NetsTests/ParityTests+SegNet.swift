import Nets
import Testing

/// The fixtures that `Tests/Fixtures/nets/make_segnet_deeplab.py` makes.
let segNetsAndDeepLabs = ["segnet2d", "segnet3d", "deeplab2d", "deeplab2d_8", "deeplab3d"]

extension ParityTests {
  @Test(
    "SegNet and DeepLabV3+ are PyTorch's within 1e-4, while training and at inference",
    arguments: segNetsAndDeepLabs)
  func segNetOrDeepLab(name: String) throws {
    try compare(try Fixture.load(name))
    try inference2D(name: name)
  }

  @Test(
    "SegNet and DeepLabV3+ in bfloat16 are about as far from float64 as PyTorch is",
    arguments: segNetsAndDeepLabs)
  func segNetOrDeepLabInBFloat16(name: String) throws { try lowPrecision(name: name) }
}
