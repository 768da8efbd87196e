"""PyTorch's models of the volume networks, written from the papers' descriptions.

Each takes a configuration with our keys and gives its outputs as a list, full resolution first.
"""

import torch
from torch import nn
from torch.nn import functional as F

CONV = {2: nn.Conv2d, 3: nn.Conv3d}
UP = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
NORM = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


def pool(x, extent=2):
    return F.max_pool3d(x, extent) if x.dim() == 5 else F.max_pool2d(x, extent)


def linear(x, spatial):
    mode = "trilinear" if x.dim() == 5 else "bilinear"
    return F.interpolate(x, size=tuple(spatial), mode=mode, align_corners=False)


def crop(x, spatial):
    for axis, extent in enumerate(spatial, 2):
        x = x.narrow(axis, (x.shape[axis] - extent) // 2, extent)
    return x


class DeviationNorm(nn.Module):
    """(x - mean) / (std + eps), running mean and std by exponential means (Kayalibay et al.)."""

    def __init__(self, channels, eps=1e-5, momentum=0.5):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_std", torch.ones(channels))

    def forward(self, x):
        flat = x.transpose(0, 1).flatten(1)
        mean, std = flat.mean(1), flat.std(1, unbiased=False)
        with torch.no_grad():
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_std += self.momentum * (std - self.running_std)
        channel = [1, -1] + [1] * (x.dim() - 2)
        y = (x - mean.view(channel)) / (std.view(channel) + self.eps)
        return y * self.weight.view(channel) + self.bias.view(channel)


class Kayalibay(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.axes = config.get("dimensions", 3)
        self.levels = config.get("levels", 4)
        self.skip = config.get("skip", "concat")
        self.combined = config.get("maps", "combined") == "combined"
        base = config.get("features", 8)
        maps = [base * 2**i for i in range(self.levels)]
        stages = [self.unit(channels, maps[0])]
        for level in range(1, self.levels):
            narrow = maps[0] if level == 1 else maps[level]
            stage = self.unit(narrow, maps[level])
            stage["down"] = self.unit(maps[level - 1], narrow, stride=2)
            stages.append(stage)
        self.encoder = nn.ModuleDict({str(i): s for i, s in enumerate(stages[:-1])})
        self.center = stages[-1]
        self.decoder, self.head = nn.ModuleDict(), nn.ModuleDict()
        inputs = maps[-1]
        for level in reversed(range(self.levels - 1)):
            merged = maps[level] * (2 if self.skip == "concat" else 1)
            self.decoder[str(level)] = nn.ModuleDict({
                "reduce": self.unit(inputs, inputs // 2, kernel=1),
                "up": self.unit(inputs // 2, maps[level]),
                "merge": self.unit(merged, 2 * maps[level])})
            inputs = 2 * maps[level]
            if self.combined or level == 0:
                self.head[str(level)] = CONV[self.axes](inputs, classes, 1, bias=False)

    def unit(self, inputs, outputs, kernel=3, stride=1):
        return nn.ModuleDict({
            "conv": CONV[self.axes](inputs, outputs, kernel, stride, kernel // 2, bias=False),
            "norm": DeviationNorm(outputs),
            "act": nn.PReLU(outputs)})

    @staticmethod
    def follow(unit, x):
        return unit["act"](unit["norm"](x))

    def run(self, unit, x):
        return self.follow(unit, unit["conv"](x))

    def forward(self, x):
        x = self.run(self.encoder["0"], x)
        skips = [x]
        for stage in list(self.encoder.values())[1:] + [self.center]:
            raw = stage["down"]["conv"](x)
            y = stage["conv"](self.follow(stage["down"], raw))
            zeros = torch.zeros_like(y[:, : y.shape[1] - raw.shape[1]])
            x = self.follow(stage, y + torch.cat([raw, zeros], 1))
            skips.append(x)
        total = None
        for level, stage in self.decoder.items():
            x = F.interpolate(self.run(stage["reduce"], x), scale_factor=2, mode="nearest")
            x = self.run(stage["up"], x)
            skipped = skips[int(level)]
            if self.skip == "concat":
                x = torch.cat([skipped, x], 1)
            elif self.skip == "sum":
                x = skipped + x
            x = self.run(stage["merge"], x)
            if level in self.head:
                maps = self.head[level](x)
                total = maps if total is None else maps + linear(total, maps.shape[2:])
        return [total]


class DeeplySupervised(nn.Module):
    STAGES = [["1a"], ["2a"], ["3a", "3b"], ["4a", "4b"]]

    def __init__(self, config, channels, classes):
        super().__init__()
        self.axes = axes = config.get("dimensions", 3)
        maps = [config.get("features", 64) * 2**i for i in range(4)]
        self.encoder = nn.ModuleDict()
        for stage, names in enumerate(self.STAGES):
            for name in names:
                self.encoder["conv" + name] = CONV[axes](channels, maps[stage], 3, padding=1)
                self.encoder["norm" + name] = NORM[axes](maps[stage])
                channels = maps[stage]
        self.lower, self.middle, self.upper = (self.level(maps[i]) for i in (2, 1, 0))
        self.lowerClassifier = nn.ModuleDict({
            "up1": self.deconvolution(maps[2], maps[1]),
            "up2": self.deconvolution(maps[1], maps[0]), "head": CONV[axes](maps[0], classes, 1)})
        self.middleClassifier = nn.ModuleDict({
            "up1": self.deconvolution(maps[1], maps[0]), "head": CONV[axes](maps[0], classes, 1)})
        self.upperClassifier = nn.ModuleDict({"head": CONV[axes](maps[0], classes, 1)})

    def deconvolution(self, inputs, outputs):
        return nn.ModuleDict({
            "conv": UP[self.axes](inputs, outputs, 2, 2), "norm": NORM[self.axes](outputs)})

    def level(self, maps):
        conv, norm = CONV[self.axes], NORM[self.axes]
        return nn.ModuleDict({
            "up": self.deconvolution(2 * maps, maps),
            "conv1": conv(2 * maps, maps, 3, padding=1), "norm1": norm(maps),
            "conv2": conv(maps, maps, 3, padding=1), "norm2": norm(maps)})

    @staticmethod
    def run(unit, x, suffix=""):
        return F.relu(unit["norm" + suffix](unit["conv" + suffix](x)))

    def classify(self, branch, x):
        for name in ("up1", "up2"):
            if name in branch:
                x = self.run(branch[name], x)
        return branch["head"](x)

    def forward(self, x):
        stages = []
        for names in self.STAGES:
            x = pool(stages[-1]) if stages else x
            for name in names:
                x = self.run(self.encoder, x, name)
            stages.append(x)
        results = []
        for level, stage in ((self.lower, 2), (self.middle, 1), (self.upper, 0)):
            x = torch.cat([stages[stage], self.run(level["up"], x)], 1)
            x = self.run(level, self.run(level, x, "1"), "2")
            results.append(x)
        return [
            self.classify(self.upperClassifier, results[2]),
            self.classify(self.middleClassifier, results[1]),
            self.classify(self.lowerClassifier, results[0])]


class VNet(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.axes = config.get("dimensions", 3)
        self.kernel = config.get("kernel", 5)
        left = config.get("encoderConvolutions", [1, 1, 2, 3, 3])
        right = config.get("decoderConvolutions", [3, 2, 1, 1])
        self.normalized = config.get("norm", "none") == "batch"
        self.features = config.get("features", 16)
        maps = [self.features * 2**i for i in range(len(left))]
        stages = []
        for level, count in enumerate(left):
            stage = nn.ModuleDict()
            if level > 0:
                stage["down"] = self.unit(CONV[self.axes](maps[level - 1], maps[level], 2, 2))
            inputs = channels if level == 0 else maps[level]
            stages.append(self.stage(stage, inputs, maps[level], count))
        self.encoder = nn.ModuleDict({str(i): s for i, s in enumerate(stages[:-1])})
        self.center = stages[-1]
        self.decoder = nn.ModuleDict()
        inputs = maps[-1]
        for level, count in zip(reversed(range(len(right))), right):
            stage = nn.ModuleDict({"up": self.unit(UP[self.axes](inputs, maps[level], 2, 2))})
            self.decoder[str(level)] = self.stage(stage, 2 * maps[level], 2 * maps[level], count)
            inputs = 2 * maps[level]
        conv = CONV[self.axes]
        self.head = nn.ModuleDict({
            "conv1": conv(inputs, classes, self.kernel, padding=self.kernel // 2),
            "act1": nn.PReLU(classes), "conv2": conv(classes, classes, 1)})

    def unit(self, conv):
        outputs = conv.out_channels
        unit = nn.ModuleDict({"conv": conv})
        if self.normalized:
            unit["norm"] = NORM[self.axes](outputs)
        unit["act"] = nn.PReLU(outputs)
        return unit

    def stage(self, stage, inputs, outputs, count):
        for number in range(1, count + 1):
            stage[f"conv{number}"] = CONV[self.axes](
                inputs, outputs, self.kernel, padding=self.kernel // 2)
            if self.normalized:
                stage[f"norm{number}"] = NORM[self.axes](outputs)
            stage[f"act{number}"] = nn.PReLU(outputs)
            inputs = outputs
        return stage

    def residual(self, stage, x, added):
        count = sum(name.startswith("conv") for name in stage)
        for number in range(1, count + 1):
            x = stage[f"conv{number}"](x)
            if self.normalized:
                x = stage[f"norm{number}"](x)
            x = stage[f"act{number}"](x + added if number == count else x)
        return x

    @staticmethod
    def run(unit, x):
        for module in unit.values():
            x = module(x)
        return x

    def forward(self, x):
        tiled = x.repeat(1, self.features // x.shape[1], *[1] * self.axes)
        x = self.residual(self.encoder["0"], x, tiled)
        skips = [x]
        for stage in list(self.encoder.values())[1:] + [self.center]:
            x = self.run(stage["down"], x)
            x = self.residual(stage, x, x)
            skips.append(x)
        for level, stage in self.decoder.items():
            x = torch.cat([skips[int(level)], self.run(stage["up"], x)], 1)
            x = self.residual(stage, x, x)
        return [self.run(self.head, x)]


class UNet(nn.Module):
    """The U-Nets of Desai et al. 2019 and of Çiçek et al. 2016, where they differ from others."""

    def __init__(self, config, channels, classes):
        super().__init__()
        self.axes = config.get("dimensions", 3)
        self.levels, base = config["levels"], config["features"]
        self.once = config.get("normPlacement") == "block"
        self.plain = config.get("norm") == "none"
        self.padded = config.get("padding", "same") == "same"
        self.up_first = config.get("skipOrder") == "upFirst"
        self.halves = config.get("widening") == "last"
        self.eps, self.momentum = config.get("normEpsilon", 1e-5), config.get("normMomentum", 0.1)
        self.strides = [tuple(s) if isinstance(s, list) else (s,) * self.axes
                        for s in config.get("strides", [2] * (self.levels - 1))]
        maps = [base * 2**i for i in range(self.levels)]
        blocks = []
        for count in maps:
            blocks.append(self.block(channels, count // 2 if self.halves else count, count))
            channels = count
        self.encoder = nn.ModuleDict({str(i): b for i, b in enumerate(blocks[:-1])})
        self.center = blocks[-1]
        self.decoder = nn.ModuleDict()
        kernel = config.get("upKernel")
        for level in reversed(range(self.levels - 1)):
            stride = self.strides[level]
            raised = channels if config.get("upChannels") == "keep" else maps[level]
            size = (kernel,) * self.axes if kernel else stride
            # Off the front ceil((k - s) / 2), off the back the rest.
            front = [(k - s + 1) // 2 for k, s in zip(size, stride)]
            extra = [2 * f - (k - s) for f, k, s in zip(front, size, stride)]
            block = nn.ModuleDict({"up": UP[self.axes](
                channels, raised, size, stride, tuple(front), tuple(extra),
                bias=config.get("upBias", True))})
            block.update(self.block(maps[level] + raised, maps[level], maps[level]))
            self.decoder[str(level)] = block
            channels = maps[level]
        self.head = CONV[self.axes](channels, classes, 1)

    def block(self, inputs, first, second):
        conv, padding = CONV[self.axes], int(self.padded)
        modules = {"conv1": conv(inputs, first, 3, padding=padding)}
        if not (self.once or self.plain):
            modules["norm1"] = self.norm(first)
        modules["conv2"] = conv(first, second, 3, padding=padding)
        if not (self.once or self.plain):
            modules["norm2"] = self.norm(second)
        if self.once:
            modules["norm"] = self.norm(second)
        return nn.ModuleDict(modules)

    def norm(self, channels):
        return NORM[self.axes](channels, self.eps, self.momentum)

    def run(self, block, x):
        for number in ("1", "2"):
            x = block["conv" + number](x)
            if "norm" + number in block:
                x = block["norm" + number](x)
            x = F.relu(x)
        return block["norm"](x) if self.once else x

    def forward(self, x):
        skips = []
        for block, stride in zip(self.encoder.values(), self.strides):
            x = self.run(block, x)
            skips.append(x)
            x = pool(x, stride)
        x = self.run(self.center, x)
        for level, block in self.decoder.items():
            x = block["up"](x)
            skipped = crop(skips[int(level)], x.shape[2:])
            x = torch.cat([x, skipped] if self.up_first else [skipped, x], 1)
            x = self.run(block, x)
        return [self.head(x)]


def same(conv, x):
    """Zeros for extents to stay: an even kernel gets the odd one behind."""
    pads = []
    for kernel in reversed(conv.kernel_size):
        pads += [(kernel - 1) // 2, kernel // 2]
    return conv(F.pad(x, pads))


class Imperial(nn.Module):
    """Names tell the steps; dropout and noise are left out, since they are random."""

    def __init__(self, config, channels, classes):
        super().__init__()
        size, n = config.get("size", "small"), config.get("features", 1)
        self.levels = {"tiny": 2, "small": 3, "large": 5}[size]
        self.vnet = config.get("mode", "unet") == "vnet"
        self.slice = config.get("slice", "none")
        self.relative = config.get("relative", "none")
        self.skips = not config.get("highwayless", False)
        self.stride = (2, 2, 2) if self.slice == "none" else (1, 2, 2)
        self.compresses = size != "large"
        self.lone = size == "large" and self.relative != "none"
        self.settings = config.get("normEpsilon", 1e-3), config.get("normMomentum", 0.01)
        self.count = 3 if self.lone else 2
        maps = [n * 2**i for i in range(self.levels)]
        stages, inputs = [], channels
        for level in range(self.levels):
            kernel = 3
            if size == "large" and level == 0:
                kernel = 5
            if size == "large" and level == self.levels - 1 and not self.lone:
                kernel = 2
            down = None
            if level > 0 and self.vnet:
                outputs = n if config.get("variant") == "imperial" else maps[level]
                down = nn.ModuleDict({"conv": nn.Conv3d(inputs, outputs, 3, self.stride, 1)})
                inputs = outputs
            stages.append(self.block(inputs, maps[level], kernel))
            if down is not None:
                stages[-1]["down"] = down
            inputs = maps[level]
        self.encoder = nn.ModuleDict({str(i): s for i, s in enumerate(stages[:-1])})
        self.center = stages[-1]
        self.decoder = nn.ModuleDict()
        for level in reversed(range(self.levels - 1)):
            stage = self.block(maps[level] * (2 if self.skips else 1), maps[level], 3)
            stage["up"] = nn.ModuleDict({
                "conv": nn.Conv3d(inputs, maps[level], self.stride), "norm": self.norm(maps[level])})
            self.decoder[str(level)] = stage
            inputs = maps[level]
        self.head = nn.ModuleDict({
            "conv1": nn.Conv3d(inputs, classes, 3), "conv2": nn.Conv3d(classes, classes, 1)})
        if self.relative != "none":
            self.position = nn.ModuleDict()
            if self.compresses:
                for number, (a, b) in enumerate([(maps[-1], 3), (3, 3), (3, 1)], 1):
                    self.position[f"conv{number}"] = nn.Conv3d(a, b, 3, 2)
            # The bottom of what the published network was given: 40 voxels along each axis.
            flat = config.get("flattened", 64) if self.compresses else 3
            self.position["dense1"] = nn.Linear(flat, 16)
            self.position["dense2"] = nn.Linear(16, 4)
            self.position["dense3"] = nn.Linear(7 if self.compresses else 4, 1)

    def norm(self, channels):
        return nn.BatchNorm3d(channels, *self.settings)

    def block(self, inputs, outputs, kernel):
        modules = {}
        for number in range(1, self.count + 1):
            modules[f"conv{number}"] = nn.Conv3d(inputs, outputs, kernel)
            inputs = outputs
        return nn.ModuleDict({**modules, "norm": self.norm(outputs)})

    def run(self, block, x):
        for number in range(1, self.count + 1):
            x = F.relu(block["norm"](same(block[f"conv{number}"], x)))
        return x

    def shift(self, position, bottom):
        p, y = self.position, position
        if self.compresses:
            y = bottom
            for number in (1, 2, 3):
                y = F.relu(p[f"conv{number}"](y))
            y = y.flatten(1)
        y = F.relu(p["dense2"](F.relu(p["dense1"](y))))
        if self.compresses:
            y = torch.cat([y, position], 1)
        return torch.tanh(p["dense3"](y)).view(-1, 1, 1, 1, 1)

    def forward(self, x, position=None):
        skips = []
        for level, stage in enumerate(list(self.encoder.values()) + [self.center]):
            if level > 0:
                x = F.selu(stage["down"]["conv"](x)) if self.vnet else pool(x, self.stride)
            y = self.run(stage, x)
            if self.vnet and not (level == 0 and self.lone):
                y = y + x.repeat(1, y.shape[1] // x.shape[1], 1, 1, 1)
            x = y
            skips.append(x)
        bottom = x
        for level, stage in self.decoder.items():
            x = F.interpolate(x, scale_factor=self.stride, mode="nearest")
            x = F.relu(stage["up"]["norm"](same(stage["up"]["conv"], x)))
            if int(level) == self.levels - 2 and self.relative != "none":
                number = self.shift(position, bottom)
                x = x * number if self.relative == "multiply" else x + number
            y = self.run(stage, torch.cat([skips[int(level)], x], 1) if self.skips else x)
            x = y + x if self.vnet else y
        x = self.head["conv2"](F.relu(same(self.head["conv1"], x)))
        if self.slice == "logits":
            return [x.mean(2, keepdim=True)]
        if self.slice == "probabilities":
            return [x.softmax(1).mean(2, keepdim=True).log()]
        return [x]


KINDS = {
    "kayalibayNet": Kayalibay, "deeplySupervisedUNet": DeeplySupervised, "vNet": VNet,
    "unet": UNet, "imperialUNet3D": Imperial,
}
