"""Makes the fixtures of the volume networks, as make_2d_networks.py makes those of slices.

    /tmp/venv/bin/python make_3d_networks.py                                # the fixtures
    /tmp/venv/bin/python make_3d_networks.py --counts                       # parameters, full width
    /tmp/venv/bin/python make_3d_networks.py --full NAME --output FOLDER    # a fixture, full width
    SEGMPI_NETWORK_FIXTURES=FOLDER swift test --filter fullWidth

(what to install: see there). A fixture holds weights, image, labels, the logits of full resolution,
the loss summed over outputs with their weights, the gradient of every parameter, and the running
statistics after the step. The networks are written in `networks_3d.py`.
"""

import argparse
import json
import pathlib

import make_2d_networks as common
import torch
from networks_3d import KINDS
from safetensors.torch import save_file

VERSIONS = {**common.VERSIONS, "script": "Tests/Fixtures/nets/make_3d_networks.py"}

KAYALIBAY = {"kind": "kayalibayNet", "features": 2}
DESAI = {"kind": "unet", "dimensions": 2, "norm": "batch", "normPlacement": "block",
         "normEpsilon": 1e-3, "normMomentum": 0.05, "activation": "relu", "upKernel": 3,
         "skipOrder": "upFirst"}
CICEK = {"kind": "unet", "padding": "valid", "norm": "batch", "bias": "always",
         "activation": "relu", "widening": "last", "upChannels": "keep"}
IMPERIAL = {"kind": "imperialUNet3D", "dropout": 0.0, "noise": 0.0}

# name: configuration, image shape, classes, seed.
FIXTURES = {
    "kayalibay_concat": (KAYALIBAY, (1, 2, 16, 16, 8), 3, 31),
    "kayalibay_sum": ({**KAYALIBAY, "skip": "sum"}, (1, 1, 16, 16, 16), 2, 32),
    "kayalibay_none": ({**KAYALIBAY, "skip": "none", "maps": "single"}, (1, 1, 16, 16, 16), 2, 33),
    "kayalibay2d": (
        {**KAYALIBAY, "features": 3, "dimensions": 2, "levels": 3}, (2, 1, 20, 12), 3, 34),
    "supervised3d": (
        {"kind": "deeplySupervisedUNet", "features": 2}, (1, 1, 16, 16, 16), 2, 35),
    "supervised2d": (
        {"kind": "deeplySupervisedUNet", "features": 2, "dimensions": 2,
         "lossWeights": [1.0, 0.5, 0.25]}, (2, 3, 32, 24), 3, 46),
    "vnet3d": (
        {"kind": "vNet", "features": 2, "encoderConvolutions": [1, 2, 2],
         "decoderConvolutions": [2, 1], "kernel": 3}, (2, 1, 8, 12, 8), 2, 37),
    "vnet2d": (
        {"kind": "vNet", "dimensions": 2, "features": 4, "encoderConvolutions": [1, 2, 1],
         "decoderConvolutions": [1, 2], "norm": "batch"}, (2, 2, 12, 16), 3, 38),
    "desai2d": ({**DESAI, "features": 3, "levels": 3}, (2, 3, 20, 12), 2, 39),
    "desai3d": (
        {**DESAI, "features": 2, "levels": 3, "dimensions": 3, "strides": [2, [2, 2, 1]]},
        (2, 1, 8, 12, 4), 2, 40),
    "cicek3d": ({**CICEK, "features": 4, "levels": 2}, (1, 2, 20, 22, 18), 3, 41),
    "imperial_tiny": (
        {**IMPERIAL, "size": "tiny", "mode": "vnet", "features": 2}, (2, 2, 8, 12, 8), 3, 51),
    "imperial_small": ({**IMPERIAL, "features": 2}, (2, 1, 8, 16, 12), 2, 52),
    "imperial_published": (
        {**IMPERIAL, "mode": "vnet", "variant": "imperial"}, (2, 1, 16, 12, 8), 3, 53),
    "imperial_highwayless": (
        {**IMPERIAL, "features": 2, "highwayless": True}, (2, 1, 8, 12, 16), 2, 54),
    "imperial_slice": (
        {**IMPERIAL, "features": 2, "mode": "vnet", "slice": "logits"}, (2, 1, 5, 12, 16), 3, 55),
    "imperial_slice_after": (
        {**IMPERIAL, "features": 2, "slice": "probabilities"}, (2, 1, 3, 16, 12), 3, 56),
    "imperial_large": (
        {**IMPERIAL, "size": "large", "mode": "vnet", "variant": "imperial", "normEpsilon": 0.1},
        (1, 1, 16, 16, 48), 2, 57),
    # Slabs, whose output is a slice: fixtures stay small.
    "imperial_large_relative": (
        {**IMPERIAL, "size": "large", "mode": "vnet", "variant": "imperial", "relative": "add",
         "slice": "logits"}, (2, 1, 3, 16, 32), 2, 58),
    # 15 voxels at the bottom, of which three strided convolutions leave 1.
    "imperial_relative": (
        {**IMPERIAL, "size": "tiny", "relative": "multiply", "slice": "logits", "features": 2,
         "flattened": 1}, (2, 1, 15, 30, 30), 2, 59),
}

# configuration, channels, classes.
FULL = {
    **{f"kayalibay_{skip}": ({"kind": "kayalibayNet", "skip": skip}, 1, 5)
       for skip in ("concat", "sum", "none")},
    "kayalibay_concat_4": ({"kind": "kayalibayNet"}, 4, 5),
    "kayalibay_sum_4": ({"kind": "kayalibayNet", "skip": "sum"}, 4, 5),
    "kayalibay_single": ({"kind": "kayalibayNet", "maps": "single"}, 1, 5),
    "supervised": ({"kind": "deeplySupervisedUNet"}, 1, 2),
    "vnet": ({"kind": "vNet"}, 1, 2),
    "desai": ({**DESAI, "features": 32, "levels": 6}, 1, 1),
    "desai_3": ({**DESAI, "features": 32, "levels": 6}, 3, 1),
    "desai3d": ({**DESAI, "features": 32, "levels": 6, "dimensions": 3}, 1, 1),
    "cicek": ({**CICEK, "features": 64, "levels": 4}, 3, 3),
    "cicek_plain": (
        {**CICEK, "features": 64, "levels": 4, "norm": "none", "upBias": False}, 3, 3),
}
FULL.update({
    f"imperial_{size}_{mode}_{n}": (
        {**IMPERIAL, "size": size, "mode": mode, "features": n, "variant": variant}, 1, 1)
    for size in ("tiny", "small", "large")
    for mode, n, variant in [("unet", 1, "original"), ("unet", 16, "original"),
                             ("vnet", 1, "original"), ("vnet", 16, "original")]
})


def weights(config, count):
    if config["kind"] == "deeplySupervisedUNet":
        return config.get("lossWeights", [1.0, 0.67, 0.33])
    return [1.0] * count


def apply(net, image, position):
    return net(image) if position is None else net(image, position)


def fixture(name, config, shape, classes, seed, folder):
    torch.manual_seed(seed)
    net = KINDS[config["kind"]](config, shape[1], classes)
    with torch.no_grad():
        for parameter in net.parameters():
            # Scales and biases away from 1 and 0, so that mistakes with them show.
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
    net = net.double()
    image = torch.randn(shape).double()
    position = None
    if config.get("relative", "none") != "none":
        position = (2 * torch.rand(shape[0], len(shape) - 2) - 1).double()
    tensors = {"image": image}
    if position is not None:
        tensors["position"] = position
    start = {k: v.clone() for k, v in net.state_dict().items() if "num_batches" not in k}
    for key, value in start.items():
        tensors["start/" + key] = value
    outputs = apply(net, image, position)
    labels = torch.randint(0, classes, (shape[0], *outputs[0].shape[2:]))
    # Blocks of one class, as organs have them, on top of noise.
    block = labels[..., : labels.shape[-1] // 2]
    block[:] = torch.where(torch.rand(block.shape) < 0.8, 1, block)
    tensors["labels"] = labels.to(torch.uint8)
    loss = sum(
        weight * common.dice_cross_entropy(logits, labels)
        for weight, logits in zip(weights(config, len(outputs)), outputs))
    loss.backward()
    tensors["logits"], tensors["loss"] = outputs[0], loss.reshape(1)
    for key, parameter in net.named_parameters():
        tensors["gradient/" + key] = parameter.grad
    for key, value in net.state_dict().items():
        if "running" in key:
            tensors["after/" + key] = value
    rounded = {
        key: (t.detach().float() if t.is_floating_point() else t).contiguous()
        for key, t in tensors.items()
    }
    known = {key: value for key, value in config.items() if key != "flattened"}
    provenance = json.dumps({"versions": VERSIONS, "network": known}, sort_keys=True)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(rounded, folder / f"{name}.safetensors", metadata={"provenance": provenance})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--full", choices=list(FULL))
    parser.add_argument("--output", type=pathlib.Path, default=common.HERE)
    parser.add_argument("--extent", type=int, default=64)
    arguments = parser.parse_args()
    torch.use_deterministic_algorithms(True, warn_only=True)
    if arguments.counts:
        with torch.device("meta"):
            for name, (config, channels, classes) in FULL.items():
                net = KINDS[config["kind"]](config, channels, classes)
                print(f"{name}: {sum(p.numel() for p in net.parameters()):,}")
    elif arguments.full:
        config, channels, classes = FULL[arguments.full]
        shape = (1, channels) + (arguments.extent,) * config.get("dimensions", 3)
        fixture(arguments.full, config, shape, max(2, classes), 1, arguments.output)
    else:
        for name, (config, shape, classes, seed) in FIXTURES.items():
            fixture(name, config, shape, classes, seed, arguments.output)
