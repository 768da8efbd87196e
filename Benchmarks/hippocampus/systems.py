#!/usr/bin/env python3
"""Trains systems of the five papers on one fold of the hippocampus, each for the same time.

    Benchmarks/hippocampus/systems.py --data path/to/hippocampus --output path/to/runs

writes docs/results/hippocampus.md. Nothing else should run meanwhile. A system's seconds a step are
measured by a short run of its own, then its steps are chosen. What has been trained is not trained again.
"""

import argparse
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from runs import ROOT, SLICES, TOGETHER, VOLUME, Failure, Program, Run, made_with, mean, sparkline

EPOCHS = 20
DOCUMENT = ROOT / "docs" / "results" / "hippocampus.md"


@dataclass
class System:
    """A recipe of a paper, made to fit."""

    name: str
    paper: str
    title: str
    recipe: str
    network: dict[str, str]
    volume: bool

    def settings(self) -> dict[str, str]:
        """What the recipe gets set."""
        return {**(VOLUME if self.volume else SLICES),
                **(TOGETHER if self.paper == DESAI and not self.volume else {}),
                **{f"network.{key}": value for key, value in self.network.items()}}

    def width(self) -> str:
        """What is set of the network; all else is the recipe's."""
        return ", ".join(f"{key} {value}" for key, value in self.network.items()) or "as published"


DENIZ, KAYALIBAY, ZENG = "Deniz 2018", "Kayalibay 2017", "Zeng 2017"
DESAI, IMPERIAL = "Desai 2019", "Imperial"

SYSTEMS = [
    System("deniz-2d", DENIZ, "2D CNN, L:3", "deniz-2018/2d-f64-l3", {"features": "32"}, False),
    System("deniz-3d", DENIZ, "3D CNN, F:16, L:3", "deniz-2018/3d-f16-l3", {}, True),
    System("deniz-3d-dilated", DENIZ, "3D CNN-dilated, rates 1, 2, 4, 8",
           "deniz-2018/3d-f32-l4-dilated-1-2-4-8", {"features": "8", "levels": "3"}, True),
    System("kayalibay-concat", KAYALIBAY, "concatenation, combined maps",
           "kayalibay-2017/hand-concat", {}, True),
    System("zeng", ZENG, "3D U-Net, deeply supervised", "zeng-2017/scratch", {"features": "8"}, True),
    System("desai-unet", DESAI, "U-Net", "desai-2019/unet", {"features": "16", "levels": "4"}, False),
    System("desai-unet-2.5d", DESAI, "2.5D U-Net, N = 3", "desai-2019/unet-2.5d-n3",
           {"features": "16", "levels": "4"}, False),
    System("desai-unet-3d", DESAI, "3D U-Net", "desai-2019/unet-3d",
           {"features": "8", "levels": "4"}, True),
    System("desai-segnet", DESAI, "SegNet", "desai-2019/segnet",
           {"features": "[16, 32, 64]", "convolutions": "[2, 2, 3]"}, False),
    System("desai-deeplab", DESAI, "DeepLabV3+", "desai-2019/deeplab-v3-plus",
           {"width": "0.25", "middleBlocks": "4"}, False),
    System("imperial-vnet", IMPERIAL, "Small VNet", "imperial/small-vnet-160",
           {"features": "8", "variant": "original", "dropout": "0"}, True),
    System("imperial-attention", IMPERIAL, "Attention U-Net", "imperial/2d-attention-unet",
           {"features": "16", "levels": "4"}, False),
    System("imperial-multires", IMPERIAL, "MultiRes U-Net", "imperial/2d-multires-unet",
           {"features": "16", "levels": "4"}, False),
    System("imperial-r2-attention", IMPERIAL, "R2-Attention U-Net", "imperial/2d-r2-attention-unet",
           {"features": "16", "levels": "4"}, False),
    System("imperial-tiramisu", IMPERIAL, "Tiramisu", "imperial/2d-tiramisu",
           {"features": "48", "encoderLayers": "[4, 4, 4]", "centerLayers": "4"}, False),
]


def length(epochs: int, steps: int) -> dict[str, str]:
    """Settings of a training's length."""
    return {"training.epochs": str(epochs), "training.stepsPerEpoch": str(steps)}


@dataclass
class Bench:
    """What the systems are trained with."""

    program: Program
    minutes: float
    folds: int

    def settings(self, system: System, seconds_a_step: float) -> dict[str, str]:
        """A system's experiment: as many steps as fit into the time, its schedule ending with them."""
        steps = max(1, round(self.minutes * 60 / seconds_a_step / EPOCHS))
        return {**system.settings(), **length(EPOCHS, steps), "data.folds": self.dealt(self.folds)}

    def dealt(self, folds: int) -> str:
        """Folds as a setting."""
        return f"{{count: {folds}, seed: 1}}"

    def trial(self, system: System) -> tuple[str, str, dict[str, str]]:
        """The short run that tells seconds a step; few subjects validate it."""
        settings = {**system.settings(), **length(4, 5), "data.folds": self.dealt(100)}
        return f"trial-{system.name}", system.recipe, settings

    def train(self, system: System) -> Run:
        """The trial and the run."""
        rate = self.program.train(*self.trial(system)).seconds_a_step()
        return self.program.train(system.name, system.recipe, self.settings(system, rate))

    def kept(self, system: System) -> Run | None:
        """The run, if it has been made."""
        trial = self.program.kept(*self.trial(system))
        if trial is None:
            return None
        settings = self.settings(system, trial.seconds_a_step())
        return self.program.kept(system.name, system.recipe, settings)


@dataclass
class Row:
    """A line of the table."""

    system: System
    run: Run
    parameters: int
    dice: dict[str, float]

    def score(self) -> float:
        """Dice, the mean over structures."""
        return statistics.fmean(self.dice.values())

    def training_minutes(self) -> float:
        """The time that steps took."""
        return sum(row["seconds"] for row in self.run.epochs()) / 60


def table(rows: list[Row]) -> list[str]:
    """The table, best first."""
    structures = list(rows[0].dice)
    head = ["system", "paper", "network", "parameters", "steps", "s a step", "min training", "min in all",
            "peak MiB", *(f"Dice {name.lower()}" for name in structures), "Dice mean", "loss by epoch"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in sorted(rows, key=Row.score, reverse=True):
        losses = row.run.losses()
        cells = [
            row.system.title, row.system.paper, row.system.width(), f"{row.parameters:,}",
            f"{row.run.steps():,}", f"{row.run.seconds_a_step():.3f}",
            f"{row.training_minutes():.1f}", f"{row.run.record['wallSeconds'] / 60:.1f}",
            f"{row.run.record['peakBytes'] / 2**20:,.0f}",
            *(f"{row.dice[name]:.3f}" for name in structures), f"**{row.score():.3f}**",
            f"{losses[0]:.3f} {sparkline(losses)} {losses[-1]:.3f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def reading(rows: list[Row]) -> list[str]:
    """What the figures say, in sentences."""
    ordered = sorted(rows, key=Row.score, reverse=True)
    best = ordered[0]
    lines = [f"* Best is {best.system.title} ({best.system.paper}), mean Dice {best.score():.3f}; "
             f"last {ordered[-1].system.title} ({ordered[-1].system.paper}), {ordered[-1].score():.3f}."]
    for volume, name in ((True, "volumes"), (False, "slices")):
        group = [row for row in rows if row.system.volume == volume]
        if group:
            scores = [row.score() for row in group]
            lines.append(
                f"* Networks that see {name}: median of mean Dice {statistics.median(scores):.3f} "
                f"({min(scores):.3f} to {max(scores):.3f}, {len(group)} systems).")
    smallest = min(rows, key=lambda row: row.run.record["peakBytes"])
    fewest = min(rows, key=lambda row: row.parameters)
    lines.append(
        f"* Least memory: {smallest.system.title}, {smallest.run.record['peakBytes'] / 2**20:,.0f} MiB. "
        f"Fewest parameters: {fewest.system.title}, {fewest.parameters:,}, mean Dice {fewest.score():.3f}.")
    return lines


def document(bench: Bench, rows: list[Row]) -> str:
    """The whole page."""
    subjects = len(next(iter(rows[0].run.values().values())))
    seconds = sum(row.run.record["wallSeconds"] for row in rows)
    command = (f"Benchmarks/hippocampus/systems.py --data path/to/hippocampus --output path/to/runs "
               f"--minutes {bench.minutes:g} --threads {bench.program.threads}"
               + ("" if bench.folds == 4 else f" --folds {bench.folds}"))
    return "\n".join([
        "# Systems of five papers on the hippocampus, for equal time",
        "",
        f"{len(rows)} systems, each trained for {bench.minutes:g} minutes on the same two classes of Task04 of the "
        "Medical Segmentation Decathlon (200 subjects), fold 0 of "
        f"{bench.folds}; Dice is the mean over the {subjects} validation subjects, best system first.",
        "",
        *table(rows),
        "",
        "## What is a paper's and what is ours",
        "",
        "Network and loss are those of the paper's recipe ([recipes](../../recipes/README.md)); what was set to make "
        "the network fit stands in its column, the rest is as published. All else is one for all, so that what differs "
        "is the system: whole volumes of 40 x 56 x 40 mm, one a step, or 16 sagittal slices; z-score of each image; "
        "rotation and scaling with probability 0.3, no flips; Adam from 0.001, falling to 0 as a polynomial of the "
        "steps; no early stopping: the last weights are measured. Dice of Desai's 2D networks counts the slices of a "
        "step as one image, since half of them show no hippocampus. Losses are of different kinds and comparable only "
        "along a line; each curve begins and ends with its own first and last value. "
        "With equal time the small and fast see more patches; a paper's own protocol would take days.",
        "",
        "*s a step* is the median over epochs, *min training* what the steps took, *min in all* the process from "
        "start to end with preparation and the prediction of the validation subjects, *peak MiB* the process' own "
        "largest resident memory, volumes and libraries included.",
        "",
        "## Reading",
        "",
        *reading(rows),
        "",
        "## How it was made",
        "",
        "```sh",
        "make build",
        command,
        "```",
        "",
        f"{seconds / 60:.0f} minutes in all. {made_with(bench.program, rows[0].run)}. One run each: with another seed "
        "the last digits, and neighbors in the table, change.",
        "",
    ])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="Task04_Hippocampus or a part of it")
    parser.add_argument("--output", type=Path, required=True, help="where runs are kept")
    parser.add_argument("--minutes", type=float, default=3, help="of training a system (3)")
    parser.add_argument("--threads", type=int, default=2, help="of a run (2)")
    parser.add_argument("--folds", type=int, default=4, help="the data are dealt to (4)")
    parser.add_argument("--only", action="append", metavar="NAME", help="train this system; may be repeated")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="the page to write")
    parser.add_argument("--list", action="store_true", help="only show names")
    options = parser.parse_args()
    if options.list:
        print("\n".join(system.name for system in SYSTEMS))
        return
    unknown = set(options.only or []) - {system.name for system in SYSTEMS}
    if unknown:
        raise Failure(f"there is no system {', '.join(sorted(unknown))}: --list shows all")
    program = Program.at(options.data, options.output, options.threads)
    bench = Bench(program, options.minutes, options.folds)
    rows = []
    for system in SYSTEMS:
        wanted = not options.only or system.name in options.only
        run = bench.train(system) if wanted else bench.kept(system)
        if run is not None:
            dice = {name: mean(values) for name, values in run.values().items()}
            rows.append(Row(system, run, program.parameters(system.recipe, system.settings()), dice))
    options.document.parent.mkdir(parents=True, exist_ok=True)
    options.document.write_text(document(bench, rows), encoding="utf-8")
    print(f"Wrote {options.document}: {len(rows)} systems")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"systems.py: {failure}")
