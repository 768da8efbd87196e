import Nets
import Testing

/// The fixtures that `Tests/Fixtures/nets/make_segnet_deeplab.py` makes.
let segNetsAndDeepLabs = ["segnet2d", "segnet3d", "deeplab2d", "deeplab2d_8", "deeplab3d"]

extension ParityTests {
  @Test("SegNet and DeepLabV3+ are PyTorch's within 1e-4", arguments: segNetsAndDeepLabs)
  func segNetOrDeepLab(name: String) throws {
    try compare(try Fixture.load(name))
  }
}
