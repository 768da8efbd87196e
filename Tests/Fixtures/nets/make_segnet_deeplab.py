"""Makes the fixtures of SegNet and DeepLabV3+, as make_2d_networks.py makes those of U-Nets.

    /tmp/venv/bin/python Tests/Fixtures/nets/make_segnet_deeplab.py             # small widths
    /tmp/venv/bin/python Tests/Fixtures/nets/make_segnet_deeplab.py --counts    # full width
    /tmp/venv/bin/python Tests/Fixtures/nets/make_segnet_deeplab.py --full NAME --output FOLDER

(what to install: see there). The networks are written here from the papers' descriptions and the
published counts, with PyTorch's modules; their parameter names come out as ours.
"""

import argparse
import pathlib

import make_2d_networks as common
import torch
from torch import nn
from torch.nn import functional as F

common.VERSIONS["script"] = "Tests/Fixtures/nets/make_segnet_deeplab.py"


class Axes:
    """PyTorch's modules for two or three axes, and one setting of batch normalization."""

    def __init__(self, config):
        self.count = config.get("dimensions", 2)
        self.three = self.count == 3
        self.eps, self.momentum = config.get("normEpsilon", 1e-3), config.get("normMomentum", 0.01)

    def conv(self, inputs, outputs, kernel=1, stride=1, dilation=1, groups=1, bias=False):
        kind = nn.Conv3d if self.three else nn.Conv2d
        padding = dilation * (kernel - 1) // 2
        return kind(inputs, outputs, kernel, stride, padding, dilation, groups, bias)

    def norm(self, channels):
        kind = nn.BatchNorm3d if self.three else nn.BatchNorm2d
        return kind(channels, self.eps, self.momentum)

    def resize(self, x, extents):
        mode = "trilinear" if self.three else "bilinear"
        return F.interpolate(x, size=tuple(extents), mode=mode, align_corners=False)


class SegNet(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.axes = Axes(config)
        features = config.get("features", [64, 128, 256, 256, 512, 512])
        counts = config.get("convolutions", [2, 2, 3, 3, 3, 3])
        self.strides = [tuple(s) if isinstance(s, list) else s
                        for s in config.get("strides", [2] * len(features))]
        self.ends_in_convolution = config.get("head", "pointwise") == "convolution"
        self.encoder, self.decoder = nn.ModuleDict(), nn.ModuleDict()
        for level, maps in enumerate(features):
            self.encoder[str(level)] = self.block(channels, [maps] * counts[level])
            channels = maps
        for level in reversed(range(len(features))):
            last = features[max(0, level - 1)]
            if level == 0 and self.ends_in_convolution:
                last = classes
            made = self.block(channels, [features[level]] * (counts[level] - 1) + [last])
            if level == 0 and self.ends_in_convolution:
                del made[f"norm{counts[level]}"]
            self.decoder[str(level)] = made
            channels = last
        if not self.ends_in_convolution:
            self.head = self.axes.conv(channels, classes, bias=True)

    def block(self, inputs, maps):
        modules = {}
        for number, outputs in enumerate(maps, 1):
            modules[f"conv{number}"] = self.axes.conv(inputs, outputs, 3, bias=True)
            modules[f"norm{number}"] = self.axes.norm(outputs)
            inputs = outputs
        return nn.ModuleDict(modules)

    def run(self, block, x):
        for name, module in block.items():
            x = module(x)
            if name.startswith("norm"):
                x = F.relu(x)
        return x

    def forward(self, x):
        pool = F.max_pool3d if self.axes.three else F.max_pool2d
        unpool = F.max_unpool3d if self.axes.three else F.max_unpool2d
        left = []
        for block, stride in zip(self.encoder.values(), self.strides):
            x = self.run(block, x)
            extents = x.shape[2:]
            x, indices = pool(x, stride, return_indices=True)
            left.append((indices, extents, stride))
        for block, (indices, extents, stride) in zip(self.decoder.values(), reversed(left)):
            x = self.run(block, unpool(x, indices, stride, output_size=extents))
        return x if self.ends_in_convolution else self.head(x)


class SeparableUnit(nn.Module):
    """Depthwise convolution and norm, pointwise convolution and norm; ReLU before or after both."""

    def __init__(self, axes, inputs, outputs, stride=1, dilation=1, rectify_first=False):
        super().__init__()
        self.depthwise = axes.conv(inputs, inputs, 3, stride, dilation, groups=inputs)
        self.depthwiseNorm = axes.norm(inputs)
        self.pointwise = axes.conv(inputs, outputs)
        self.pointwiseNorm = axes.norm(outputs)
        self.rectify_first = rectify_first

    def forward(self, x):
        if self.rectify_first:
            return self.pointwiseNorm(self.pointwise(self.depthwiseNorm(self.depthwise(F.relu(x)))))
        x = F.relu(self.depthwiseNorm(self.depthwise(x)))
        return F.relu(self.pointwiseNorm(self.pointwise(x)))


class ConvUnit(nn.Module):
    def __init__(self, axes, inputs, outputs, kernel=1, stride=1, rectified=True):
        super().__init__()
        self.conv = axes.conv(inputs, outputs, kernel, stride)
        self.norm = axes.norm(outputs)
        self.rectified = rectified

    def forward(self, x):
        x = self.norm(self.conv(x))
        return F.relu(x) if self.rectified else x


class XceptionBlock(nn.Module):
    """Three separable units and a shortcut: convolved, plain, or none."""

    def __init__(self, axes, inputs, maps, stride, dilation, shortcut, rectify_first=True):
        super().__init__()
        self.kind = shortcut
        for number, outputs in enumerate(maps, 1):
            setattr(self, f"unit{number}", SeparableUnit(
                axes, inputs if number == 1 else maps[number - 2], outputs,
                stride if number == 3 else 1, dilation, rectify_first))
        if shortcut == "convolution":
            self.shortcut = ConvUnit(axes, inputs, maps[-1], 1, stride, rectified=False)

    def forward(self, x):
        second = self.unit2(self.unit1(x))
        y = self.unit3(second)
        if self.kind == "convolution":
            y = y + self.shortcut(x)
        elif self.kind == "sum":
            y = y + x
        return y, second


class DeepLabV3Plus(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.axes = axes = Axes(config)
        width = config.get("width", 1)

        def maps(*numbers):
            return [max(1, int(number * width + 0.5)) for number in numbers]

        coarse = config.get("outputStride", 16) == 16
        middle, exits = (1, (1, 2)) if coarse else (2, (2, 4))
        stem = maps(32, 64)
        self.stem = nn.ModuleDict({
            "0": ConvUnit(axes, channels, stem[0], 3, 2), "1": ConvUnit(axes, stem[0], stem[1], 3)})
        entry = maps(128, 256, 728)
        self.entry = nn.ModuleDict()
        inputs = stem[1]
        for index, outputs in enumerate(entry):
            stride = 1 if index == 2 and not coarse else 2
            self.entry[str(index)] = XceptionBlock(
                axes, inputs, [outputs] * 3, stride, 1, "convolution")
            inputs = outputs
        self.middle = nn.ModuleDict({
            str(index): XceptionBlock(axes, inputs, [inputs] * 3, 1, middle, "sum")
            for index in range(config.get("middleBlocks", 16))})
        last = maps(1536, 1536, 2048)
        self.exit = nn.ModuleDict({
            "0": XceptionBlock(
                axes, inputs, maps(728, 1024, 1024), 1, exits[0], "convolution"),
            "1": XceptionBlock(
                axes, maps(1024)[0], last, 1, exits[1], "none", rectify_first=False)})
        [plain] = maps(256)
        self.pyramid = nn.ModuleDict()
        if config.get("imagePooling", True):
            self.pyramid["pooling"] = ConvUnit(axes, last[-1], plain)
        self.pyramid["point"] = ConvUnit(axes, last[-1], plain)
        rates = config.get("rates", [2, 4, 6])
        for index, rate in enumerate(rates):
            self.pyramid[f"rate{index}"] = SeparableUnit(axes, last[-1], plain, 1, rate)
        self.pyramid["projection"] = ConvUnit(axes, plain * len(self.pyramid), plain)
        [low] = maps(48)
        self.decoder = nn.ModuleDict({
            "low": ConvUnit(axes, entry[1], low),
            "unit1": SeparableUnit(axes, plain + low, plain),
            "unit2": SeparableUnit(axes, plain, plain)})
        self.head = axes.conv(plain, classes, bias=True)

    def forward(self, image):
        x = image
        for unit in self.stem.values():
            x = unit(x)
        for name, block in self.entry.items():
            x, second = block(x)
            if name == "1":
                low = second
        for block in list(self.middle.values()) + list(self.exit.values()):
            x, _ = block(x)
        branches = []
        for name, branch in self.pyramid.items():
            if name == "pooling":
                mean = x.mean(tuple(range(2, x.dim())), keepdim=True)
                branches.append(self.axes.resize(branch(mean), x.shape[2:]))
            elif name != "projection":
                branches.append(branch(x))
        x = self.pyramid["projection"](torch.cat(branches, 1))
        low = self.decoder["low"](low)
        x = torch.cat([self.axes.resize(x, low.shape[2:]), low], 1)
        x = self.head(self.decoder["unit2"](self.decoder["unit1"](x)))
        return self.axes.resize(x, image.shape[2:])


common.KINDS.update({"segNet": SegNet, "deepLabV3Plus": DeepLabV3Plus})

VGG = {"kind": "segNet", "features": [64, 128, 256, 512, 512], "convolutions": [2, 2, 3, 3, 3],
       "head": "convolution", "normEpsilon": 1e-5, "normMomentum": 0.1}
DEEP = {"kind": "deepLabV3Plus", "dropout": 0.0}

# configuration, shape of the image, classes, seed.
FIXTURES = {
    "segnet2d": (
        {"kind": "segNet", "features": [3, 4, 5], "convolutions": [2, 1, 2]}, (2, 1, 22, 17), 3, 21),
    "segnet3d": (
        {"kind": "segNet", "features": [3, 4], "convolutions": [2, 2], "dimensions": 3,
         "strides": [[2, 2, 1], 2], "head": "convolution", "normEpsilon": 1e-5,
         "normMomentum": 0.1}, (2, 2, 8, 9, 5), 2, 22),
    # Wide enough that no map stands alone: normalized twice, a single one has no gradient to speak
    # of before the last.
    "deeplab2d": (
        {**DEEP, "width": 0.026, "middleBlocks": 1, "rates": [1, 2], "normEpsilon": 0.05},
        (2, 1, 36, 33), 3, 23),
    "deeplab2d_8": (
        {**DEEP, "width": 0.027, "middleBlocks": 1, "outputStride": 8, "imagePooling": False,
         "normEpsilon": 0.05}, (2, 2, 33, 36), 2, 24),
    "deeplab3d": (
        {**DEEP, "width": 0.018, "middleBlocks": 0, "rates": [1], "dimensions": 3,
         "normEpsilon": 0.1}, (2, 1, 12, 16, 13), 2, 25),
}

# configuration, channels, classes.
FULL = {
    "segnet": ({"kind": "segNet"}, 1, 1),
    "segnet_vgg16": (VGG, 3, 11),
    "deeplab": (DEEP, 1, 1),
    "deeplab_rgb": ({**DEEP, "rates": [6, 12, 18]}, 3, 21),
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--full", choices=list(FULL))
    parser.add_argument("--output", type=pathlib.Path, default=common.HERE)
    parser.add_argument("--extent", type=int, default=64)
    arguments = parser.parse_args()
    # Unpooling is deterministic where windows do not overlap, which PyTorch does not know.
    torch.use_deterministic_algorithms(True, warn_only=True)
    if arguments.counts:
        with torch.device("meta"):
            for name, (config, channels, classes) in FULL.items():
                net = common.KINDS[config["kind"]](config, channels, classes)
                trainable = sum(p.numel() for p in net.parameters())
                running = sum(b.numel() for k, b in net.named_buffers() if "running" in k)
                print(f"{name}: {trainable:,} trainable, {trainable + running:,} in all")
    elif arguments.full:
        config, channels, classes = FULL[arguments.full]
        shape = (2, channels) + (arguments.extent,) * config.get("dimensions", 2)
        common.fixture(arguments.full, config, shape, max(2, classes), 1, arguments.output)
    else:
        for name, (config, shape, classes, seed) in FIXTURES.items():
            common.fixture(name, config, shape, classes, seed, arguments.output)
