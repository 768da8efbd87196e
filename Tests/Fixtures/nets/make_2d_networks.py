"""Makes the fixtures of the attention, multi-resolution, recurrent and densely connected U-Nets.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install torch==2.13.0+cpu safetensors numpy
    cd Tests/Fixtures/nets
    /tmp/venv/bin/python make_2d_networks.py                                # the fixtures
    /tmp/venv/bin/python make_2d_networks.py --counts                       # parameters, full width
    /tmp/venv/bin/python make_2d_networks.py --full NAME --output FOLDER    # a fixture, full width
    SEGMPI_NETWORK_FIXTURES=FOLDER swift test --filter fullWidth

The networks (`networks_2d.py`) are written from the papers' descriptions. Numbers are computed in
float64 from weights and inputs that float32 holds exactly, and rounded once, at the end. A fixture
holds weights, image, labels, logits, the loss (Dice and cross-entropy), the gradient of every
parameter, running statistics after the step, the probabilities at inference before the step, and
the logits that PyTorch gives in bfloat16.
"""

import argparse
import json
import pathlib

import numpy as np
import safetensors
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from networks_2d import KINDS

HERE = pathlib.Path(__file__).parent
VERSIONS = {
    "torch": torch.__version__,
    "safetensors": safetensors.__version__,
    "numpy": np.__version__,
    "script": "Tests/Fixtures/nets/make_2d_networks.py",
}

VANILLA = {"kind": "unet", "dimensions": 2, "norm": "batch", "activation": "relu",
           "bias": "always", "upsampling": "nearest", "upKernel": 2}

# name: configuration, image shape, classes, seed.
FIXTURES = {
    "attention_additive": (
        {"kind": "attentionUNet", "features": 4, "levels": 3}, (2, 2, 20, 12), 3, 21),
    "attention_imperial": (
        {"kind": "attentionUNet", "features": 4, "levels": 3, "variant": "imperial",
         "normEpsilon": 0.001}, (2, 1, 12, 20), 2, 2),
    "attention_grid": (
        {"kind": "attentionUNet", "features": 3, "levels": 3, "gate": "grid", "dimensions": 3},
        (2, 1, 8, 12, 8), 3, 3),
    "attention_grid2d": (
        {"kind": "attentionUNet", "features": 4, "levels": 3, "gate": "grid", "norm": "instance"},
        (2, 1, 16, 12), 2, 4),
    "r2_nearest3": ({"kind": "r2UNet", "features": 4, "levels": 3}, (2, 2, 20, 12), 3, 5),
    "r2_imperial": (
        {"kind": "r2UNet", "features": 4, "levels": 3, "variant": "imperial", "recurrences": 1},
        (2, 1, 12, 20), 2, 6),
    "r2_attention": (
        {"kind": "r2UNet", "features": 4, "levels": 3, "attention": True, "recurrences": 3},
        (2, 1, 16, 12), 2, 7),
    "r2_attention_imperial": (
        {"kind": "r2UNet", "features": 4, "levels": 3, "attention": True, "variant": "imperial"},
        (2, 1, 12, 16), 2, 8),
    "multires2d": ({"kind": "multiResUNet", "features": 8, "levels": 3}, (2, 2, 20, 12), 3, 9),
    "multires3d": (
        {"kind": "multiResUNet", "features": 7, "levels": 2, "dimensions": 3},
        (2, 2, 8, 6, 4), 2, 10),
    "dense2d": (
        {"kind": "fcDenseNet", "features": 6, "growth": 4, "encoderLayers": [2, 3],
         "centerLayers": 4, "decoderLayers": [3, 2], "dropout": 0.0}, (2, 2, 20, 12), 3, 11),
    "dense_imperial": (
        {"kind": "fcDenseNet", "features": 6, "growth": 4, "encoderLayers": [2, 3],
         "centerLayers": 4, "dropout": 0.0, "variant": "imperial"}, (2, 1, 12, 20), 2, 12),
    "dense3d": (
        {"kind": "fcDenseNet", "features": 4, "growth": 3, "encoderLayers": [2],
         "centerLayers": 2, "dropout": 0.0, "dimensions": 3}, (2, 1, 6, 8, 4), 2, 13),
    "unet2d_vanilla": ({**VANILLA, "features": 4, "levels": 3}, (2, 1, 20, 12), 3, 14),
}

DENSE56 = {"kind": "fcDenseNet", "growth": 12, "encoderLayers": [4] * 5, "centerLayers": 4}
DENSE67 = {"kind": "fcDenseNet", "growth": 16, "encoderLayers": [5] * 5, "centerLayers": 5}

# configuration, channels, classes.
FULL = {
    "attention_additive": ({"kind": "attentionUNet"}, 3, 1),
    "attention_additive_7": ({"kind": "attentionUNet"}, 1, 7),
    "attention_imperial": ({"kind": "attentionUNet", "variant": "imperial"}, 1, 7),
    "attention_grid": (
        {"kind": "attentionUNet", "gate": "grid", "features": 16, "dimensions": 3}, 1, 2),
    "r2_nearest3": ({"kind": "r2UNet"}, 3, 1),
    "r2_nearest3_7": ({"kind": "r2UNet"}, 1, 7),
    "r2_imperial": ({"kind": "r2UNet", "variant": "imperial"}, 1, 7),
    "r2_attention": ({"kind": "r2UNet", "attention": True}, 3, 1),
    "r2_attention_7": ({"kind": "r2UNet", "attention": True}, 1, 7),
    "r2_attention_imperial": (
        {"kind": "r2UNet", "attention": True, "variant": "imperial"}, 1, 7),
    "multires2d": ({"kind": "multiResUNet"}, 3, 1),
    "multires2d_7": ({"kind": "multiResUNet"}, 1, 7),
    "multires3d": ({"kind": "multiResUNet", "dimensions": 3}, 1, 2),
    "dense103": ({"kind": "fcDenseNet"}, 3, 11),
    "dense103_7": ({"kind": "fcDenseNet"}, 1, 7),
    "dense103_1": ({"kind": "fcDenseNet"}, 1, 1),
    "dense67": (DENSE67, 3, 11),
    "dense56": (DENSE56, 3, 11),
    "dense_imperial": ({"kind": "fcDenseNet", "variant": "imperial"}, 1, 7),
    "unet2d_vanilla": ({**VANILLA, "features": 64, "levels": 5}, 1, 7),
    "unet2d_vanilla_1": ({**VANILLA, "features": 64, "levels": 5}, 1, 1),
}


def dice_cross_entropy(logits, labels):
    """1 - (2 sum pt + s) / (sum p + sum t + s) a class and sample, without class 0; plus CE."""
    classes = logits.shape[1]
    p = logits.softmax(1)
    t = F.one_hot(labels, classes).movedim(-1, 1).to(p.dtype)
    overlap = (p * t).flatten(2).sum(2)
    size = (p + t).flatten(2).sum(2)
    dice = 1 - (2 * overlap + 1e-5) / (size + 1e-5)
    return dice[:, 1:].mean() + F.cross_entropy(logits, labels)


def fixture(name, config, shape, classes, seed, folder):
    torch.manual_seed(seed)
    net = KINDS[config["kind"]](config, shape[1], classes)
    with torch.no_grad():
        for parameter in net.parameters():
            # Scales and biases away from 1 and 0, so that mistakes with them show.
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
        for key, statistic in net.named_buffers():
            if "running_mean" in key:
                statistic.add_(0.2 * torch.randn_like(statistic))
            elif "running_var" in key:
                statistic.add_(0.5 * torch.rand_like(statistic))
    net = net.double()
    image = torch.randn(shape).double()
    labels = torch.randint(0, classes, (shape[0], *shape[2:]))
    # Blocks of one class, as organs have them, on top of noise.
    block = labels[:, : shape[2] // 2]
    block[:] = torch.where(torch.rand(block.shape) < 0.8, 1, block)
    tensors = {"image": image, "labels": labels.to(torch.uint8)}
    start = {k: v.clone() for k, v in net.state_dict().items() if "num_batches" not in k}
    for key, value in start.items():
        tensors["start/" + key] = value
    with torch.no_grad():
        tensors["probabilities"] = net.eval()(image).softmax(1)
    logits = net.train()(image)
    loss = dice_cross_entropy(logits, labels)
    loss.backward()
    tensors["logits"], tensors["loss"] = logits, loss.reshape(1)
    for key, parameter in net.named_parameters():
        tensors["gradient/" + key] = parameter.grad
    # How far PyTorch itself is off with half the bits: recurrent units amplify rounding.
    half = KINDS[config["kind"]](config, shape[1], classes)
    half.load_state_dict({k: v.float() for k, v in start.items()}, strict=False)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        tensors["bfloat16"] = half(image.float()).float()
    # What running statistics have become: shared normalizations move several times.
    for key, value in net.state_dict().items():
        if "running" in key:
            tensors["after/" + key] = value
    rounded = {
        key: (t.detach().float() if t.is_floating_point() else t).contiguous()
        for key, t in tensors.items()
    }
    # One key: safetensors writes several in an order that changes from run to run.
    provenance = json.dumps({"versions": VERSIONS, "network": config}, sort_keys=True)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(rounded, folder / f"{name}.safetensors", metadata={"provenance": provenance})


def counts():
    with torch.device("meta"):
        for name, (config, channels, classes) in FULL.items():
            net = KINDS[config["kind"]](config, channels, classes)
            print(f"{name}: {sum(p.numel() for p in net.parameters()):,}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--full", choices=list(FULL))
    parser.add_argument("--output", type=pathlib.Path, default=HERE)
    parser.add_argument("--extent", type=int, default=64)
    arguments = parser.parse_args()
    torch.use_deterministic_algorithms(True)
    if arguments.counts:
        counts()
    elif arguments.full:
        config, channels, classes = FULL[arguments.full]
        config = {"dropout": 0.0, **config} if config["kind"] == "fcDenseNet" else config
        shape = (1, channels) + (arguments.extent,) * config.get("dimensions", 2)
        fixture(arguments.full, config, shape, max(2, classes), 1, arguments.output)
    else:
        for name, (config, shape, classes, seed) in FIXTURES.items():
            fixture(name, config, shape, classes, seed, arguments.output)
