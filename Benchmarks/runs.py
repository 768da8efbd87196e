#!/usr/bin/env python3
"""Times whole training runs that differ in one thing, in turn, on phantoms.

  folds  four folds of unequal length on a few ranks (early stopping makes them unequal): free ranks
         join folds under way (compute.elastic), against none that do
  saves  a fold that saves its state every ten steps, against one that does so at its end alone
  start  a run of one step, without a launcher: the whole of it, from the call to the last file

Both ways of a pair must end in the same tensors. The ratio is the median over rounds of the ratios of
neighbors. segmpi comes from SEGMPI (.build/release/segmpi), mpirun with its options from MPIRUN.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEGMPI = os.environ.get("SEGMPI", str(ROOT / ".build/release/segmpi"))
MPIRUN = os.environ.get("MPIRUN", "mpirun").split()

EXPERIMENT = """schema: 1
name: runs
data: {{dataset: {data}, folds: {{count: 4, seed: 1}}}}
network: {{kind: unet, features: {features}, levels: 3}}
optimizer: {{kind: adam, learningRate: 0.002}}
training:
  epochs: {epochs}
  stepsPerEpoch: {steps}
  patch: [{patch}, {patch}, {patch}]
  shards: 2
  validateEvery: {validate}
  precision: float32
{more}
"""


class Workshop:
    """A folder with a data set and an experiment."""

    def __init__(self, folder: str, shape: int, count: int = 24, **values: object) -> None:
        self.folder = Path(folder)
        shapes = ["--shape", ",".join([str(shape)] * 3)]
        data = str(self.folder / "data")
        subprocess.run(
            [SEGMPI, "phantom", data, "--count", str(count), *shapes],
            check=True, stdout=subprocess.DEVNULL)
        self.file = self.folder / "runs.yaml"
        self.file.write_text(EXPERIMENT.format(data=data, more=values.pop("more", ""), **values))

    def train(self, name: str, ranks: int | None, *options: str) -> tuple[Path, float]:
        """Trains into a new folder; the folder and the seconds."""
        run = self.folder / name
        subprocess.run(["rm", "-rf", str(run)], check=True)
        launcher = [*MPIRUN, "-n", str(ranks)] if ranks else []
        begin = time.monotonic()
        subprocess.run(
            [*launcher, SEGMPI, "train", str(self.file), "--output", str(run), "--progress", "none",
             *options],
            check=True, stdout=subprocess.DEVNULL)
        return run, time.monotonic() - begin


def tensors(file: Path) -> bytes:
    """A checkpoint without its header, which tells the configuration too: that differs."""
    content = file.read_bytes()
    return content[8 + int.from_bytes(content[:8], "little"):]


def same_bytes(one: Path, other: Path) -> None:
    for file in sorted(one.glob("fold_*/checkpoint_final.safetensors")):
        if tensors(file) != tensors(other / file.relative_to(one)):
            sys.exit(f"the tensors of {file} and of its like in {other} differ")


def log(run: Path, fold: int) -> list[dict]:
    lines = (run / f"fold_{fold}" / "log.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def tell(names: tuple[str, str], pairs: list[tuple[float, float]], unit: str) -> None:
    ratios = [a / b for a, b in pairs]
    for name, values in zip(names, zip(*pairs)):
        print(f"{name}: {statistics.median(values):.4g} {unit} (median of {len(values)})")
    print(f"{names[0]} / {names[1]}: {statistics.median(ratios):.3f} "
          f"(median of {len(ratios)} pairs, {min(ratios):.3f} to {max(ratios):.3f})")


def folds(folder: str, rounds: int, ranks: int) -> None:
    workshop = Workshop(
        folder, 40, features=8, epochs=30, steps=10, patch=32, validate=1,
        more="  earlyStopping: {patience: 2, minimumDelta: 0.02, burnIn: 2}")
    pairs = []
    for _ in range(rounds):
        elastic, with_ = workshop.train("elastic", ranks, "--set", "compute.elastic=true")
        static, without = workshop.train("static", ranks, "--set", "compute.elastic=false")
        same_bytes(elastic, static)
        pairs.append((with_, without))
    print(f"epochs of the folds: {[len(log(elastic, fold)) for fold in range(4)]}, {ranks} ranks")
    tell(("elastic", "static"), pairs, "s")


def saves(folder: str, rounds: int, ranks: int) -> None:
    steps = 100
    workshop = Workshop(folder, 72, features=16, epochs=1, steps=steps, patch=64, validate=0)
    pairs = []
    for _ in range(rounds):
        times = []
        for every in (10, 0):
            run, _ = workshop.train(
                f"every{every}", ranks, "--fold", "0", "--set", f"training.checkpointEvery={every}")
            times.append(1e3 * log(run, 0)[0]["seconds"] / steps)
        same_bytes(workshop.folder / "every10", workshop.folder / "every0")
        pairs.append((times[0], times[1]))
    tell(("saved every 10 steps", "saved at the end"), pairs, "ms a step")


def start(folder: str, rounds: int, _: int) -> None:
    workshop = Workshop(
        folder, 20, count=8, features=2, epochs=1, steps=1, patch=16, validate=0)
    times = [workshop.train("run", None, "--fold", "0")[1] for _ in range(rounds)]
    print(f"a run of one step: {statistics.median(times):.3f} s (median of {rounds}, "
          f"{min(times):.3f} to {max(times):.3f})")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["folds", "saves", "start"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ranks", type=int, default=2)
    arguments = parser.parse_args()
    if os.geteuid() == 0:
        os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        {"folds": folds, "saves": saves, "start": start}[arguments.what](
            folder, arguments.rounds, arguments.ranks)


if __name__ == "__main__":
    main()
