"""PyTorch models of the attention, recurrent, multi-resolution and dense U-Nets.

Written from the papers' descriptions; parameter names come out as ours. `make_2d_networks.py` makes
the fixtures with them.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


class ShiftNorm(nn.Module):
    """Batch normalization that shifts but does not scale (Keras: scale=False)."""

    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.eps, self.momentum = eps, momentum

    def forward(self, x):
        return F.batch_norm(
            x, self.running_mean, self.running_var, None, self.bias, self.training,
            self.momentum, self.eps)


class Kit:
    """PyTorch's modules for two or three axes."""

    def __init__(self, config):
        self.three = config.get("dimensions", 2) == 3
        self.instance = config.get("norm", "batch") == "instance"
        self.eps = config.get("normEpsilon", 1e-5)

    def conv(self, inputs, outputs, kernel, stride=1, bias=True):
        kind = nn.Conv3d if self.three else nn.Conv2d
        # An even kernel of stride 1 gets its extra zero after the last element, as in TensorFlow.
        if stride == 1 and kernel % 2 == 0:
            pad = (nn.ConstantPad3d if self.three else nn.ConstantPad2d)(
                (kernel // 2 - 1, kernel // 2) * (3 if self.three else 2), 0.0)
            conv = kind(inputs, outputs, kernel, bias=bias)
            conv.register_forward_pre_hook(lambda module, args: (pad(args[0]),))
            return conv
        padding = 0 if stride > 1 else kernel // 2
        return kind(inputs, outputs, kernel, stride, padding, bias=bias)

    def norm(self, channels):
        if self.instance:
            kind = nn.InstanceNorm3d if self.three else nn.InstanceNorm2d
            return kind(channels, self.eps, affine=True)
        return (nn.BatchNorm3d if self.three else nn.BatchNorm2d)(channels, self.eps)

    def transposed(self, inputs, outputs, kernel):
        kind = nn.ConvTranspose3d if self.three else nn.ConvTranspose2d
        return kind(inputs, outputs, kernel, 2, (kernel - 1) // 2, kernel % 2)

    def pool(self, x):
        return F.max_pool3d(x, 2) if self.three else F.max_pool2d(x, 2)

    def nearest(self, x):
        return F.interpolate(x, scale_factor=2, mode="nearest")

    def linear(self, x, spatial):
        mode = "trilinear" if self.three else "bilinear"
        return F.interpolate(x, size=tuple(spatial), mode=mode, align_corners=False)

    def dropout(self, rate):
        return nn.Dropout(rate)

    def unit(self, inputs, outputs, kernel=3, relu=True):
        """conv, norm, ReLU."""
        return Named(
            conv=self.conv(inputs, outputs, kernel), norm=self.norm(outputs),
            **({"act": nn.ReLU()} if relu else {}))

    def pair(self, inputs, outputs):
        return Named(
            conv1=self.conv(inputs, outputs, 3), norm1=self.norm(outputs), act1=nn.ReLU(),
            conv2=self.conv(outputs, outputs, 3), norm2=self.norm(outputs), act2=nn.ReLU())


class Named(nn.Module):
    """Modules one after another, each under its name."""

    def __init__(self, **modules):
        super().__init__()
        self.order = list(modules)
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, x):
        for name in self.order:
            x = getattr(self, name)(x)
        return x


# Attention U-Net -------------------------------------------------------------------------------


class AdditiveGate(nn.Module):
    """Oktay et al. 2018 equations 1 and 2 with the gating signal at the skip's resolution."""

    def __init__(self, kit, channels):
        super().__init__()
        inner = channels // 2
        self.phi = kit.unit(channels, inner, 1, relu=False)
        self.theta = kit.unit(channels, inner, 1, relu=False)
        self.psi = kit.unit(inner, 1, 1, relu=False)

    def forward(self, skip, gating):
        alpha = torch.sigmoid(self.psi(torch.relu(self.phi(gating) + self.theta(skip))))
        return skip * alpha


class ConcatenationGate(nn.Module):
    """The Imperial project's: both, concatenated, decide on every map of the skip."""

    def __init__(self, kit, channels):
        super().__init__()
        self.phi = kit.unit(channels, channels, 1)
        self.theta = kit.unit(channels, channels, 1)
        self.psi = kit.unit(2 * channels, channels, 1)

    def forward(self, skip, gating):
        return skip * torch.sigmoid(
            self.psi(torch.cat([self.theta(skip), self.phi(gating)], 1)))


class GridGate(nn.Module):
    """Oktay et al. 2018, figure 2: the gating signal is one level coarser than the skip."""

    def __init__(self, kit, channels, gating):
        super().__init__()
        self.kit = kit
        self.theta = Named(conv=kit.conv(channels, channels, 2, stride=2, bias=False))
        self.phi = Named(conv=kit.conv(gating, channels, 1))
        self.psi = Named(conv=kit.conv(channels, 1, 1))
        self.output = kit.unit(channels, channels, 1, relu=False)
        self.combine = kit.unit(channels, channels, 1)

    def forward(self, skip, gating):
        alpha = torch.sigmoid(self.psi(torch.relu(self.theta(skip) + self.phi(gating))))
        return self.combine(self.output(skip * self.kit.linear(alpha, skip.shape[2:])))


class AttentionUNet(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.kit = kit = Kit(config)
        self.grid = config.get("gate", "additive") == "grid"
        self.imperial = config.get("variant", "original") == "imperial"
        levels = config.get("levels", 5)
        maps = [config.get("features", 64) << i for i in range(levels)]
        self.encoder = nn.ModuleDict({
            str(i): kit.pair(channels if i == 0 else maps[i - 1], maps[i])
            for i in range(levels - 1)})
        self.center = kit.pair(maps[-2], maps[-1])
        if self.grid:
            self.gating = kit.unit(maps[-1], maps[-1], 1)
        self.decoder, self.side = nn.ModuleDict(), nn.ModuleDict()
        for i in reversed(range(levels - 1)):
            inputs = maps[i + 1] + maps[i] if self.grid else 2 * maps[i]
            modules = kit.pair(inputs, maps[i])
            if self.grid:
                if i > 0:
                    modules.gate = GridGate(kit, maps[i], maps[i + 1])
                self.side[str(i)] = kit.conv(maps[i], classes, 1)
            else:
                modules.up = kit.unit(maps[i + 1], maps[i], 2 if self.imperial else 3)
                modules.gate = (ConcatenationGate if self.imperial else AdditiveGate)(kit, maps[i])
            self.decoder[str(i)] = modules
        self.head = kit.conv(classes * (levels - 1) if self.grid else maps[0], classes, 1)

    def forward(self, x):
        skips = []
        for name, pair in self.encoder.items():
            x = pair(x if name == "0" else self.kit.pool(x))
            skips.append(x)
        x = self.center(self.kit.pool(x))
        sides = []
        gating = self.gating(x) if self.grid else None
        for name, level in self.decoder.items():
            skip = skips[int(name)]
            if self.grid:
                gated = level.gate(skip, gating) if name != "0" else skip
                x = level(torch.cat([gated, self.kit.linear(x, skip.shape[2:])], 1))
                gating = x
                sides.insert(0, self.kit.linear(self.side[name](x), skips[0].shape[2:]))
            else:
                x = level.up(self.kit.nearest(x))
                gated = level.gate(skip, x)
                x = level(torch.cat([skip, gated] if self.imperial else [gated, x], 1))
        return self.head(torch.cat(sides, 1) if self.grid else x)


# R2U-Net ---------------------------------------------------------------------------------------


class RecurrentUnit(nn.Module):
    """One convolution, applied to its input and then t times to the input plus its own result."""

    def __init__(self, kit, channels, times):
        super().__init__()
        unit = kit.unit(channels, channels)
        self.conv, self.norm, self.times = unit.conv, unit.norm, times

    def forward(self, x):
        y = torch.relu(self.norm(self.conv(x)))
        for _ in range(self.times):
            y = torch.relu(self.norm(self.conv(x + y)))
        return y


class RecurrentBlock(nn.Module):
    def __init__(self, kit, inputs, outputs, times):
        super().__init__()
        self.project = kit.conv(inputs, outputs, 1)
        self.unit1 = RecurrentUnit(kit, outputs, times)
        self.unit2 = RecurrentUnit(kit, outputs, times)

    def forward(self, x):
        x = self.project(x)
        return x + self.unit2(self.unit1(x))


class R2UNet(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.kit = kit = Kit(config)
        self.imperial = config.get("variant", "original") == "imperial"
        self.attention = config.get("attention", False)
        levels, times = config.get("levels", 5), config.get("recurrences", 2)
        maps = [config.get("features", 64) << i for i in range(levels)]
        self.encoder = nn.ModuleDict({
            str(i): RecurrentBlock(kit, channels if i == 0 else maps[i - 1], maps[i], times)
            for i in range(levels - 1)})
        self.center = RecurrentBlock(kit, maps[-2], maps[-1], times)
        self.decoder = nn.ModuleDict()
        for i in reversed(range(levels - 1)):
            level = RecurrentBlock(kit, 2 * maps[i], maps[i], times)
            level.up = kit.unit(maps[i + 1], maps[i], 2 if self.imperial else 3)
            if self.attention:
                level.gate = (ConcatenationGate if self.imperial else AdditiveGate)(kit, maps[i])
            self.decoder[str(i)] = level
        self.head = kit.conv(maps[0], classes, 1)

    def forward(self, x):
        skips = []
        for name, block in self.encoder.items():
            x = block(x if name == "0" else self.kit.pool(x))
            skips.append(x)
        x = self.center(self.kit.pool(x))
        for name, level in self.decoder.items():
            skip = skips[int(name)]
            x = level.up(self.kit.nearest(x))
            if not self.attention:
                joined = [skip, x]
            elif self.imperial:
                joined = [skip, level.gate(skip, x)]
            else:
                joined = [level.gate(skip, x), x]
            x = level(torch.cat(joined, 1))
        return self.head(x)


# MultiResUNet ----------------------------------------------------------------------------------


class ShiftUnit(nn.Module):
    """A convolution without bias and a normalization without scale."""

    def __init__(self, kit, inputs, outputs, kernel, relu=True):
        super().__init__()
        self.conv = kit.conv(inputs, outputs, kernel, bias=False)
        self.norm = ShiftNorm(outputs, kit.eps)
        self.relu = relu

    def forward(self, x):
        x = self.norm(self.conv(x))
        return torch.relu(x) if self.relu else x


class MultiResBlock(nn.Module):
    """Ibtehaz, Rahman 2020, figure 3: 3x3, 5x5 and 7x7 as a chain of 3x3, side by side."""

    def __init__(self, kit, inputs, unet_width):
        super().__init__()
        width = 1.67 * unet_width
        maps = [math.floor(width * part) for part in (0.167, 0.333, 0.5)]
        self.outputs = sum(maps)
        self.chain = nn.ModuleDict()
        previous = inputs
        for index, count in enumerate(maps):
            self.chain[str(index)] = ShiftUnit(kit, previous, count, 3)
            previous = count
        self.shortcut = ShiftUnit(kit, inputs, self.outputs, 1, relu=False)
        self.norm1, self.norm2 = kit.norm(self.outputs), kit.norm(self.outputs)

    def forward(self, x):
        parts, y = [], x
        for unit in self.chain.values():
            y = unit(y)
            parts.append(y)
        y = self.norm1(torch.cat(parts, 1)) + self.shortcut(x)
        return self.norm2(torch.relu(y))


class ResPathStep(nn.Module):
    def __init__(self, kit, inputs, outputs):
        super().__init__()
        unit = ShiftUnit(kit, inputs, outputs, 3)
        self.conv, self.norm1 = unit.conv, unit.norm
        self.shortcut = ShiftUnit(kit, inputs, outputs, 1, relu=False)
        self.norm2 = kit.norm(outputs)

    def forward(self, x):
        y = torch.relu(self.norm1(self.conv(x)))
        return self.norm2(torch.relu(y + self.shortcut(x)))


class MultiResUNet(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.kit = kit = Kit(config)
        levels = config.get("levels", 5)
        widths = [config.get("features", 32) << i for i in range(levels)]
        self.encoder, self.skip = nn.ModuleDict(), nn.ModuleDict()
        for i in range(levels - 1):
            self.encoder[str(i)] = MultiResBlock(kit, channels, widths[i])
            channels = self.encoder[str(i)].outputs
            steps, inputs = {}, channels
            for step in range(levels - 1 - i):
                steps[str(step)] = ResPathStep(kit, inputs, widths[i])
                inputs = widths[i]
            self.skip[str(i)] = nn.ModuleDict(steps)
        self.center = MultiResBlock(kit, channels, widths[-1])
        channels = self.center.outputs
        self.decoder = nn.ModuleDict()
        for i in reversed(range(levels - 1)):
            level = MultiResBlock(kit, 2 * widths[i], widths[i])
            level.up = kit.transposed(channels, widths[i], 2)
            channels = level.outputs
            self.decoder[str(i)] = level
        self.head = ShiftUnit(kit, channels, classes, 1, relu=False)

    def forward(self, x):
        skips = []
        for name, block in self.encoder.items():
            x = block(x if name == "0" else self.kit.pool(x))
            skip = x
            for step in self.skip[name].values():
                skip = step(skip)
            skips.append(skip)
        x = self.center(self.kit.pool(x))
        for name, level in self.decoder.items():
            x = level(torch.cat([skips[int(name)], level.up(x)], 1))
        return self.head(x)


# FC-DenseNet -----------------------------------------------------------------------------------


class DenseLayer(nn.Module):
    """Normalization, ReLU, convolution, dropout."""

    def __init__(self, kit, inputs, outputs, kernel, rate):
        super().__init__()
        self.norm, self.conv = kit.norm(inputs), kit.conv(inputs, outputs, kernel)
        self.dropout = nn.Dropout(rate)

    def forward(self, x):
        return self.dropout(self.conv(torch.relu(self.norm(x))))


class DenseBlock(nn.Module):
    def __init__(self, kit, inputs, count, growth, rate):
        super().__init__()
        self.layers = nn.ModuleDict({
            str(i): DenseLayer(kit, inputs + i * growth, growth, 3, rate) for i in range(count)})

    def forward(self, x):
        """What was there, and the new maps."""
        before, news = x, []
        for layer in self.layers.values():
            new = layer(x)
            x = torch.cat([x, new], 1)
            news.append(new)
        return before, torch.cat(news, 1)


class FCDenseNet(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.kit = kit = Kit(config)
        self.imperial = config.get("variant", "original") == "imperial"
        growth, rate = config.get("growth", 16), config.get("dropout", 0.2)
        down = config.get("encoderLayers", [4, 5, 7, 10, 12])
        center = config.get("centerLayers", 15)
        up = config.get("decoderLayers", down)
        inputs = config.get("features", 48)
        self.first = kit.conv(channels, inputs, 3)
        self.encoder = nn.ModuleDict()
        widths = []
        for i, count in enumerate(down + [center]):
            level = DenseBlock(kit, inputs, count, growth, rate)
            if i > 0:
                level.down = DenseLayer(kit, inputs, inputs, 1, rate)
            inputs += count * growth
            widths.append(inputs)
            if i < len(down):
                self.encoder[str(i)] = level
            else:
                self.center = level
        raised = inputs if self.imperial else center * growth
        self.decoder = nn.ModuleDict()
        for i in reversed(range(len(down))):
            # The paper raises all maps that the block below made, and as many; the Imperial code
            # raises everything to as many maps as the block above adds.
            outputs = up[i] * growth if self.imperial else raised
            joined = outputs if self.imperial else outputs + widths[i]
            level = DenseBlock(kit, joined, up[i], growth, rate)
            level.up = kit.transposed(raised, outputs, 3)
            self.decoder[str(i)] = level
            inputs = joined + up[i] * growth
            raised = up[i] * growth + widths[i] if self.imperial else up[i] * growth
        self.head = kit.conv(raised if self.imperial else inputs, classes, 1)

    def forward(self, x):
        x, skips = self.first(x), []
        for name, level in self.encoder.items():
            if name != "0":
                x = self.kit.pool(level.down(x))
            x = torch.cat(level(x), 1)
            skips.append(x)
        before, new = self.center(self.kit.pool(self.center.down(x)))
        x = torch.cat([before, new], 1) if self.imperial else new
        for name, level in self.decoder.items():
            skip, raised = skips[int(name)], level.up(x)
            if self.imperial:
                x = torch.cat([skip, level(raised)[1]], 1)
            else:
                before, x = level(torch.cat([skip, raised], 1))
        return self.head(x if self.imperial else torch.cat([before, x], 1))


# Vanilla U-Net ---------------------------------------------------------------------------------


class VanillaUNet(nn.Module):
    """The Imperial project's U-Net: nearest neighbor, then a convolution of kernel 2."""

    def __init__(self, config, channels, classes):
        super().__init__()
        self.kit = kit = Kit(config)
        levels = config["levels"]
        maps = [config["features"] << i for i in range(levels)]
        self.encoder = nn.ModuleDict({
            str(i): kit.pair(channels if i == 0 else maps[i - 1], maps[i])
            for i in range(levels - 1)})
        self.center = kit.pair(maps[-2], maps[-1])
        self.decoder = nn.ModuleDict()
        for i in reversed(range(levels - 1)):
            level = kit.pair(2 * maps[i], maps[i])
            level.up = kit.unit(maps[i + 1], maps[i], config["upKernel"])
            self.decoder[str(i)] = level
        self.head = kit.conv(maps[0], classes, 1)

    def forward(self, x):
        skips = []
        for name, pair in self.encoder.items():
            x = pair(x if name == "0" else self.kit.pool(x))
            skips.append(x)
        x = self.center(self.kit.pool(x))
        for name, level in self.decoder.items():
            x = level(torch.cat([skips[int(name)], level.up(self.kit.nearest(x))], 1))
        return self.head(x)


KINDS = {
    "attentionUNet": AttentionUNet, "r2UNet": R2UNet, "multiResUNet": MultiResUNet,
    "fcDenseNet": FCDenseNet, "unet": VanillaUNet,
}
