#!/usr/bin/env python3
"""Time one training step of the reference 3D U-Net in PyTorch.

The step that `segmpi bench step` times too: forward, loss, backward and Adam for a U-Net of 16 base
maps and 4 levels, each level two 3x3x3 convolutions with batch normalization and ReLU, max pooling
down, 2x2x2 transposed convolutions up, concatenated skips; one input channel, two classes, a batch
of two 64x64x64 patches: 14.05 billion multiply-adds forward for each sample.

Prints one JSON object: {"stepMilliseconds": median, ...}.
"""

import argparse
import json
import platform
import statistics
import time

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Sequential):
    """Two 3x3x3 convolutions, each followed by batch normalization and ReLU."""

    def __init__(self, inputs: int, outputs: int):
        layers = []
        for channels in (inputs, outputs):
            layers += [
                nn.Conv3d(channels, outputs, 3, padding=1, bias=False),
                nn.BatchNorm3d(outputs),
                nn.ReLU(inplace=True),
            ]
        super().__init__(*layers)


class UNet(nn.Module):
    """[N, 1, D, H, W] to logits [N, classes, D, H, W]."""

    def __init__(self, features: int, levels: int, classes: int):
        super().__init__()
        widths = [features << level for level in range(levels)]
        self.encoder = nn.ModuleList(
            Block(1 if level == 0 else widths[level - 1], width)
            for level, width in enumerate(widths)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose3d(2 * width, width, 2, stride=2) for width in widths[:-1]
        )
        self.decoder = nn.ModuleList(Block(2 * width, width) for width in widths[:-1])
        self.head = nn.Conv3d(features, classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for level, block in enumerate(self.encoder):
            if level > 0:
                skips.append(x)
                x = functional.max_pool3d(x, 2)
            x = block(x)
        for level in reversed(range(len(self.decoder))):
            x = torch.cat([skips[level], self.up[level](x)], dim=1)
            x = self.decoder[level](x)
        return self.head(x)


def soft_dice(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """One less the mean over samples and classes of 2 sum(p y) / (sum(p) + sum(y))."""
    p = torch.softmax(logits, dim=1)
    y = functional.one_hot(labels, logits.shape[1]).movedim(-1, 1).to(p.dtype)
    axes = (2, 3, 4)
    overlap = (2 * (p * y).sum(axes) + 1e-5) / (p.sum(axes) + y.sum(axes) + 1e-5)
    return 1 - overlap.mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--layout", choices=["default", "channels-last"], default="channels-last")
    parser.add_argument("--compile", action="store_true", help="torch.compile the network")
    parser.add_argument("--loss", choices=["ce", "dice-ce"], default="dice-ce")
    parser.add_argument("--features", type=int, default=16)
    parser.add_argument("--levels", type=int, default=4)
    parser.add_argument("--patch", type=int, default=64)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--classes", type=int, default=2)
    options = parser.parse_args()
    if options.repetitions < 1 or options.warmup < 0:
        parser.error("--repetitions must be at least 1 and --warmup at least 0")

    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    network = UNet(options.features, options.levels, options.classes)
    images = torch.randn(options.batch, 1, *[options.patch] * 3)
    labels = torch.randint(0, options.classes, (options.batch, *[options.patch] * 3))
    if options.layout == "channels-last":
        network = network.to(memory_format=torch.channels_last_3d)
        images = images.to(memory_format=torch.channels_last_3d)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    run = torch.compile(network) if options.compile else network

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            logits = run(images)
        logits = logits.float()
        loss = functional.cross_entropy(logits, labels)
        if options.loss == "dice-ce":
            loss = loss + soft_dice(logits, labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(options.warmup):
        step()
    milliseconds = []
    for _ in range(options.repetitions):
        start = time.perf_counter()
        loss = step()
        milliseconds.append(1000 * (time.perf_counter() - start))
    print(
        json.dumps(
            {
                "stepMilliseconds": statistics.median(milliseconds),
                "minimumMilliseconds": min(milliseconds),
                "repetitions": options.repetitions,
                "precision": options.precision,
                "threads": torch.get_num_threads(),
                "layout": options.layout,
                "compiled": options.compile,
                "loss": loss,
                "parameters": sum(p.numel() for p in network.parameters()),
                "engine": f"PyTorch {torch.__version__}",
                "python": platform.python_version(),
            }
        )
    )


if __name__ == "__main__":
    main()
