"""Makes the fixtures that NetsTests compares with: PyTorch's networks, losses, gradients, steps.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install torch==2.13.0+cpu monai==1.6.1 safetensors numpy
    /tmp/venv/bin/python Tests/Fixtures/nets/make_fixtures.py

Every number is computed by PyTorch in float64 from weights and inputs that float32 holds exactly,
and rounded once, at the end. Networks are written here from PyTorch's own modules, so that their
parameter names come out as ours (the golden lists under names/ are PyTorch's state_dict).
"""

import json
import pathlib

import monai
import numpy as np
import safetensors
import torch
from monai.losses import DiceLoss
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
VERSIONS = {
    "torch": torch.__version__,
    "monai": monai.__version__,
    "safetensors": safetensors.__version__,
    "numpy": np.__version__,
    "script": "Tests/Fixtures/nets/make_fixtures.py",
}


def activation(config, channels):
    return {
        "relu": lambda: nn.ReLU(),
        "leakyReLU": lambda: nn.LeakyReLU(0.01),
        "prelu": lambda: nn.PReLU(channels, init=0.25),
        "elu": lambda: nn.ELU(),
        "selu": lambda: nn.SELU(),
        "tanh": lambda: nn.Tanh(),
    }[config["activation"]]()


def unit(config, inputs, outputs, suffix="", kernel=None, stride=1, dilation=1, padded=None):
    """Convolution, normalization, activation, as (name, module) pairs."""
    conv = nn.Conv3d if config["dimensions"] == 3 else nn.Conv2d
    kernel = kernel or config.get("kernel", 3)
    padded = config.get("padding", "same") == "same" if padded is None else padded
    bias = config["norm"] == "none"
    pad = dilation * (kernel - 1) // 2 if padded else 0
    yield "conv" + suffix, conv(inputs, outputs, kernel, stride, pad, dilation, bias=bias)
    if config["norm"] != "none":
        kinds = {
            ("batch", 2): nn.BatchNorm2d,
            ("batch", 3): nn.BatchNorm3d,
            ("instance", 2): lambda c: nn.InstanceNorm2d(c, affine=True),
            ("instance", 3): lambda c: nn.InstanceNorm3d(c, affine=True),
        }
        yield "norm" + suffix, kinds[config["norm"], config["dimensions"]](outputs)
    yield "act" + suffix, activation(config, outputs)


def block(config, inputs, outputs, count, dilation=1):
    layers = []
    for index in range(count):
        layers += unit(config, inputs, outputs, str(index + 1), dilation=dilation)
        inputs = outputs
    return nn.ModuleDict(dict(layers))


def run(modules, x, names=None):
    for name, module in modules.items():
        if names is None or name.rstrip("123456789") in names:
            x = module(x)
    return x


def crop(x, spatial):
    for axis, extent in enumerate(spatial):
        x = x.narrow(axis + 2, (x.shape[axis + 2] - extent) // 2, extent)
    return x


BLOCK = ("conv", "norm", "act")


class UNet(nn.Module):
    def __init__(self, config, channels, classes):
        super().__init__()
        self.config = config
        levels, count = config["levels"], config.get("convolutionsPerLevel", 2)
        three = config["dimensions"] == 3
        conv = nn.Conv3d if three else nn.Conv2d
        transposed = nn.ConvTranspose3d if three else nn.ConvTranspose2d
        maps = [config["features"] * 2**i for i in range(levels)]
        down = config.get("downsampling", "maxPool")
        up = config.get("upsampling", "transposedConvolution")
        skip = config.get("skip", "concat")
        self.encoder = nn.ModuleDict()
        for level in range(levels - 1):
            level_modules = nn.ModuleDict()
            inputs = channels if level == 0 else maps[level - 1]
            if level > 0 and down == "stridedConvolution":
                level_modules["down"] = nn.ModuleDict(
                    dict(unit(config, inputs, maps[level], stride=2, padded=True)))
                inputs = maps[level]
            level_modules.update(block(config, inputs, maps[level], count))
            self.encoder[str(level)] = level_modules
        self.center = nn.ModuleDict()
        inputs = maps[-2]
        if down == "stridedConvolution":
            self.center["down"] = nn.ModuleDict(
                dict(unit(config, inputs, maps[-1], stride=2, padded=True)))
            inputs = maps[-1]
        rates = config.get("centerDilations", [1])
        if len(rates) == 1:
            self.center.update(block(config, inputs, maps[-1], count, rates[0]))
        else:
            self.center["branches"] = nn.ModuleDict(
                {str(i): block(config, inputs, maps[-1], count, r) for i, r in enumerate(rates)})
        self.decoder, self.side = nn.ModuleDict(), nn.ModuleDict()
        inputs = maps[-1] * len(rates)
        for level in reversed(range(levels - 1)):
            level_modules = nn.ModuleDict()
            if up == "transposedConvolution":
                # ceil((k - 2) / 2) off each end; the padding of the output makes extents double.
                kernel = config.get("upKernel", 2)
                level_modules["up"] = transposed(
                    inputs, maps[level], kernel, 2, (kernel - 1) // 2, kernel % 2)
            else:
                level_modules["up"] = nn.ModuleDict(
                    dict(unit(config, inputs, maps[level], padded=True)))
            inputs = maps[level] * (2 if skip == "concat" else 1)
            level_modules.update(block(config, inputs, maps[level], count))
            self.decoder[str(level)] = level_modules
            inputs = maps[level]
            if 1 <= level <= config.get("sideOutputs", 0):
                self.side[str(level)] = conv(maps[level], classes, 1)
        self.head = conv(maps[0], classes, 1)

    def lower(self, modules, x):
        if "down" in modules:
            return run(modules["down"], x)
        kind, three = self.config.get("downsampling", "maxPool"), self.config["dimensions"] == 3
        if kind == "maxPool":
            return F.max_pool3d(x, 2) if three else F.max_pool2d(x, 2)
        return F.avg_pool3d(x, 2) if three else F.avg_pool2d(x, 2)

    def interpolate(self, x, factor, kind):
        linear = "trilinear" if self.config["dimensions"] == 3 else "bilinear"
        if kind == "nearest":
            return F.interpolate(x, scale_factor=factor, mode="nearest")
        return F.interpolate(x, scale_factor=factor, mode=linear, align_corners=False)

    def forward(self, x):
        skips, config = [], self.config
        for level, modules in self.encoder.items():
            if level != "0":
                x = self.lower(modules, x)
            x = run(modules, x, BLOCK)
            skips.append(x)
        x = self.lower(self.center, x)
        if "branches" in self.center:
            x = torch.cat([run(b, x) for b in self.center["branches"].values()], 1)
        else:
            x = run(self.center, x, BLOCK)
        sides = []
        for level, modules in self.decoder.items():
            up = config.get("upsampling", "transposedConvolution")
            if up == "transposedConvolution":
                x = modules["up"](x)
            else:
                x = run(modules["up"], self.interpolate(x, 2, up))
            skipped = crop(skips[int(level)], x.shape[2:])
            if config.get("skip", "concat") == "concat":
                x = torch.cat([skipped, x], 1)
            elif config["skip"] == "sum":
                x = skipped + x
            x = run(modules, x, BLOCK)
            if level in self.side:
                sides.append(self.interpolate(self.side[level](x), 2 ** int(level), "linear"))
        logits = self.head(x)
        return [logits] + [crop(s, logits.shape[2:]) for s in reversed(sides)]


def dice_cross_entropy(outputs, labels):
    """nnU-Net's loss and its weights of side outputs; Dice by MONAI, sample-wise."""
    dice = DiceLoss(include_background=False, to_onehot_y=True, softmax=True)
    weights = [0.5**i for i in range(len(outputs))]
    total = 0
    for weight, logits in zip(weights, outputs):
        loss = dice(logits, labels[:, None]) + F.cross_entropy(logits, labels)
        total = total + weight / sum(weights) * loss
    return total


def network_fixture(name, config, shape, classes, seed):
    torch.manual_seed(seed)
    net = UNet(config, shape[1], classes)
    with torch.no_grad():
        for key, p in net.named_parameters():
            # Scales and biases away from 1 and 0, so that mistakes with them show.
            if p.dim() == 1:
                p.add_(0.2 * torch.randn_like(p))
    net = net.double()
    image = torch.randn(shape).double()
    with torch.no_grad():
        output_shape = UNet(config, shape[1], classes).double().eval()(image)[0].shape
    labels = torch.randint(0, classes, (shape[0], *output_shape[2:]))
    # Blocks of one class, as organs have them, on top of noise.
    labels[:, : output_shape[2] // 2] = torch.where(
        torch.rand(labels[:, : output_shape[2] // 2].shape) < 0.8, 1,
        labels[:, : output_shape[2] // 2])
    tensors = {"image": image, "labels": labels.to(torch.uint8)}
    start = {k: v.clone() for k, v in net.state_dict().items() if "num_batches" not in k}
    for key, value in start.items():
        tensors["start/" + key] = value
    outputs = net(image)
    loss = dice_cross_entropy(outputs, labels)
    loss.backward()
    tensors["logits"] = outputs[0]
    tensors["loss"] = loss.reshape(1)
    for key, p in net.named_parameters():
        tensors["gradient/" + key] = p.grad
    optimizers = {
        "adam": lambda p: torch.optim.Adam(p, lr=1e-3),
        "sgd": lambda p: torch.optim.SGD(
            p, lr=0.01, momentum=0.9, nesterov=True, weight_decay=3e-5),
    }
    for kind, make in optimizers.items():
        net.load_state_dict(start, strict=False)
        optimizer = make(net.parameters())
        for _ in range(10):
            optimizer.zero_grad()
            dice_cross_entropy(net(image), labels).backward()
            optimizer.step()
        for key, value in net.state_dict().items():
            if "num_batches" not in key:
                tensors[f"{kind}/{key}"] = value.clone()
    save(name, tensors, {"network": {"kind": "unet", **config}})
    names = [f"{k} {list(v.shape)}" for k, v in sorted(start.items())]
    (HERE / "names").mkdir(exist_ok=True)
    (HERE / "names" / f"{name}.txt").write_text("\n".join(names) + "\n")


def loss_fixture():
    """Losses of the same logits, with their gradients; class 3 is absent from sample 1."""
    torch.manual_seed(11)
    logits = (2 * torch.randn(2, 4, 5, 6, 3)).double().requires_grad_()
    labels = torch.randint(0, 4, (2, 5, 6, 3))
    labels[1][labels[1] == 3] = 0
    weights = torch.tensor([0.25, 1.0, 2.0, 3.5]).double()
    onehot = F.one_hot(labels, 4).movedim(-1, 1).double()

    def jaccard(reduction):
        # Kayalibay et al. 2017: 1 - sum(pt) / (sum(p^2) + sum(t^2) - sum(pt)), a class and sample.
        p = logits.softmax(1)
        inter = (p * onehot).flatten(2).sum(2)
        union = (p**2).flatten(2).sum(2) + onehot.flatten(2).sum(2) - inter
        distance = 1 - (inter + 1e-5) / (union + 1e-5)
        return getattr(distance, reduction)(1).mean()

    def dice(**options):
        return DiceLoss(to_onehot_y=True, softmax=True, **options)(logits, labels[:, None])

    def present_only():
        scores = DiceLoss(
            include_background=False, to_onehot_y=True, softmax=True, reduction="none")
        each = scores(logits, labels[:, None]).flatten(1)
        return each[onehot.flatten(2).sum(2)[:, 1:] > 0].mean()

    cases = {
        "crossEntropy": F.cross_entropy(logits, labels),
        "crossEntropyWeighted": F.cross_entropy(logits, labels, weights),
        "dice": dice(include_background=False),
        "diceBackground": dice(),
        "diceSquared": dice(squared_pred=True, include_background=False),
        "dicePresentOnly": present_only(),
        "jaccard": jaccard("mean"),
        "jaccardSum": jaccard("sum"),
        "diceCrossEntropy": 0.5 * dice(include_background=False)
        + 2 * F.cross_entropy(logits, labels, weights),
    }
    tensors = {"logits": logits, "labels": labels.to(torch.uint8)}
    for name, loss in cases.items():
        (gradient,) = torch.autograd.grad(loss, logits, retain_graph=True)
        tensors["loss/" + name] = loss.reshape(1)
        tensors["gradient/" + name] = gradient
    save("losses", tensors, {})


def optimizer_fixture():
    """Ten steps of each optimizer with given gradients, from PyTorch's own implementations."""
    torch.manual_seed(5)
    start, gradients = torch.randn(37), torch.randn(10, 37) * 0.1
    gradients[:, 7] = 0
    tensors = {"start": start, "gradients": gradients}
    cases = {
        "sgdPlain": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01),
        "sgdMomentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
        "sgdNesterov": lambda p: torch.optim.SGD(
            p, lr=0.1, momentum=0.99, nesterov=True, weight_decay=0.01),
        "adam": lambda p: torch.optim.Adam(p, lr=0.01),
        "adamDecay": lambda p: torch.optim.Adam(
            p, lr=0.01, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1),
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    }
    for name, make in cases.items():
        value = start.double().clone().requires_grad_()
        optimizer = make([value])
        for gradient in gradients.double():
            value.grad = gradient.clone()
            optimizer.step()
        tensors["result/" + name] = value.detach().clone()
    value = start.double().clone().requires_grad_()
    value.grad = 10 * gradients[0].double()
    tensors["norm"] = torch.nn.utils.clip_grad_norm_([value], 1.0).reshape(1)
    tensors["clipped"] = value.grad
    save("optimizers", tensors, {})


def save(name, tensors, metadata):
    rounded = {
        key: (t.detach().float() if t.is_floating_point() else t).contiguous()
        for key, t in tensors.items()
    }
    # One key: safetensors writes several in an order that changes from run to run.
    provenance = json.dumps({"versions": VERSIONS, **metadata}, sort_keys=True)
    save_file(rounded, HERE / f"{name}.safetensors", metadata={"provenance": provenance})


if __name__ == "__main__":
    torch.use_deterministic_algorithms(True)
    network_fixture(
        "unet2d_batch",
        {"dimensions": 2, "features": 6, "levels": 3, "norm": "batch", "activation": "relu"},
        (2, 1, 20, 24), 3, seed=1)
    network_fixture(
        "unet3d_instance",
        {"dimensions": 3, "features": 4, "levels": 3, "norm": "instance",
         "activation": "leakyReLU"},
        (2, 2, 8, 12, 8), 3, seed=2)
    network_fixture(
        "unet3d_sum",
        {"dimensions": 3, "features": 5, "levels": 2, "norm": "batch", "activation": "leakyReLU",
         "downsampling": "stridedConvolution", "upsampling": "linear", "skip": "sum"},
        (2, 1, 6, 10, 8), 2, seed=3)
    network_fixture(
        "unet2d_dilated",
        {"dimensions": 2, "features": 5, "levels": 3, "norm": "none", "activation": "prelu",
         "downsampling": "averagePool", "upsampling": "nearest", "skip": "none",
         "centerDilations": [1, 2, 4], "sideOutputs": 1},
        (2, 3, 20, 24), 4, seed=4)
    network_fixture(
        "unet2d_valid",
        {"dimensions": 2, "features": 5, "levels": 2, "norm": "none", "activation": "elu",
         "padding": "valid", "upKernel": 3},
        (2, 1, 28, 36), 3, seed=5)
    loss_fixture()
    optimizer_fixture()
