"""Runs of segmpi: training, what they cost, and what came out.

A run is a folder of `segmpi train` with a record beside it, which is written when the run has come to
its end: the command line's settings, wall time and memory of the process. A run whose record holds the
same settings is not made again.
"""

import csv
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What every experiment on the hippocampus has in common, whichever recipe it begins with.
#
# Whole volumes of 40 x 56 x 40 or sagittal slices of them, as the axes R, A, S run; volumes that are
# larger are tiled. Images show either side's hippocampus, cropped out of the head, and front and back are
# what the labels tell apart, so nothing is flipped.
COMMON = {
    "preparation": "{orientation: RAS, normalization: {kind: zscore}}",
    "augmentation": "[{kind: rotateScale, probability: 0.3}]",
    "optimizer": "{kind: adam, learningRate: 1.0e-3}",
    "schedule": "{kind: polynomial, power: 0.9}",
    "training.stages": "[]",
    "training.earlyStopping": "null",
    "training.validateEvery": "0",
    "training.quantity": "validationDice",
    "training.foregroundFraction": "0",
    "training.sampling": "{place: uniform}",
    "training.shards": "1",
    "inference": "{overlap: 0, weights: uniform}",
    "evaluation": "{surface: null, curves: false}",
}
VOLUME = {"training.patch": "[40, 56, 40]", "training.shardSize": "1"}
SLICES = {"training.patch": "[1, 56, 40]", "training.shardSize": "16"}
# Half of the slices show no hippocampus, and Dice of an empty slice alone does not tell what is found there
# by mistake: so the slices of a step count as one image.
TOGETHER = {"loss.batch": "true"}


class Failure(Exception):
    """A sentence for the user."""


@dataclass
class Run:
    """A run that has ended."""

    folder: Path
    record: dict

    def epochs(self) -> list[dict]:
        """The lines of the fold's log that are of epochs."""
        with open(self.folder / "fold_0" / "log.jsonl", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        return [row for row in rows if "loss" in row and "seconds" in row]

    def seconds_a_step(self) -> float:
        """The median over epochs of an epoch's seconds by its steps."""
        before, rates = 0, []
        for row in self.epochs():
            rates.append(row["seconds"] / (row["step"] - before))
            before = row["step"]
        return statistics.median(rates)

    def losses(self) -> list[float]:
        """The mean loss of each epoch."""
        return [row["loss"] for row in self.epochs()]

    def steps(self) -> int:
        """Steps that were done."""
        return self.epochs()[-1]["step"]

    def values(self, column: str = "dice") -> dict[str, dict[str, float]]:
        """A metric of every validation subject, by structure and subject; undefined ones are left out."""
        table: dict[str, dict[str, float]] = {}
        with open(self.folder / "crossval" / "metrics.csv", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                structure = table.setdefault(row["name"], {})
                if row[column] not in ("", "nan", "inf"):
                    structure[row["subject"]] = float(row[column])
        return table

    def provenance(self) -> dict:
        """What the run's last call was made with."""
        return json.loads((self.folder / "provenance.json").read_text(encoding="utf-8"))[-1]


@dataclass
class Program:
    """segmpi, and what all of its runs share."""

    binary: Path
    data: Path
    output: Path
    threads: int

    @classmethod
    def at(cls, data: Path, output: Path, threads: int) -> "Program":
        """Ends with a sentence where program or data are not there."""
        binary = Path(os.environ.get("SEGMPI_BINARY", ROOT / ".build" / "release" / "segmpi"))
        if not os.access(binary, os.X_OK):
            raise Failure(f"{binary} is missing: make it by `make build`, or name another by SEGMPI_BINARY")
        if not (data / "dataset.json").exists():
            raise Failure(f"{data} has no dataset.json: --data wants Task04_Hippocampus or a part of it")
        output.mkdir(parents=True, exist_ok=True)
        return cls(binary.resolve(), data.resolve(), output.resolve(), threads)

    def arguments(self, recipe: str, settings: dict[str, str]) -> list[str]:
        """A recipe with settings of ours, as the command line has them."""
        pairs = {**COMMON, "data.dataset": str(self.data), "compute.threads": str(self.threads)}
        pairs.update(settings)
        line = [str(ROOT / "recipes" / f"{recipe}.yaml")]
        for key, value in pairs.items():
            line += ["--set", f"{key}={value}"]
        return line

    def call(self, *words: str) -> str:
        """What a call of segmpi prints; its sentence where it fails."""
        done = subprocess.run(
            [str(self.binary), *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"segmpi {words[0]} ended with status {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def parameters(self, recipe: str, settings: dict[str, str]) -> int:
        """How many parameters the network has that the experiment trains."""
        return json.loads(self.call("describe", *self.arguments(recipe, settings), "--json"))["parameters"]

    def wanted(self, recipe: str, settings: dict[str, str]) -> dict:
        """What tells a run from others of its name."""
        return {"recipe": recipe, "arguments": self.arguments(recipe, settings)[1:]}

    def kept(self, name: str, recipe: str, settings: dict[str, str]) -> Run | None:
        """The run of this name, if it has come to its end with these settings."""
        record = self.output / f"{name}.json"
        if not record.exists():
            return None
        kept = json.loads(record.read_text(encoding="utf-8"))
        same = all(kept.get(key) == value for key, value in self.wanted(recipe, settings).items())
        return Run(self.output / name, kept) if same else None

    def train(self, name: str, recipe: str, settings: dict[str, str]) -> Run:
        """Trains one fold, unless the same run has come to its end before."""
        found = self.kept(name, recipe, settings)
        if found is not None:
            return found
        folder, record = self.output / name, self.output / f"{name}.json"
        shutil.rmtree(folder, ignore_errors=True)
        record.unlink(missing_ok=True)
        print(f"training {name}", file=sys.stderr, flush=True)
        begin = time.monotonic()
        log = self.output / f"{name}.err"
        with open(log, "w", encoding="utf-8") as errors:
            process = subprocess.Popen(
                [str(self.binary), "train", *self.arguments(recipe, settings), "--fold", "0",
                 "--progress", "none", "--output", str(folder)],
                stdout=subprocess.DEVNULL, stderr=errors)
            try:
                # The kernel's account of this one child: subprocess has that of all together.
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.kill()
                raise
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise Failure(f"training {name} failed: {log.read_text(encoding='utf-8').strip()}")
        log.unlink()
        kept = {
            **self.wanted(recipe, settings),
            "wallSeconds": time.monotonic() - begin,
            "processorSeconds": usage.ru_utime + usage.ru_stime,
            "peakBytes": usage.ru_maxrss * 1024,
        }
        temporary = record.with_suffix(".part")
        temporary.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
        temporary.rename(record)
        return Run(folder, kept)


def mean(values: dict[str, float]) -> float:
    """The mean over subjects; NaN of none."""
    return statistics.fmean(values.values()) if values else math.nan


def sparkline(values: list[float]) -> str:
    """A curve as a line of text, its lowest value the lowest block."""
    blocks = "▁▂▃▄▅▆▇█"
    low, high = min(values), max(values)
    if not math.isfinite(low) or not math.isfinite(high):
        return "".join("?" if not math.isfinite(value) else blocks[0] for value in values)
    if high == low:
        return blocks[0] * len(values)
    return "".join(blocks[round((value - low) / (high - low) * (len(blocks) - 1))] for value in values)


def processor() -> str:
    """The processor's name, as the kernel knows it."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown processor"


def made_with(program: Program, run: Run) -> str:
    """Processor, engine and precision, for the end of a document."""
    facts = run.provenance()
    return (
        f"{processor()}, {len(os.sched_getaffinity(0))} cores, {program.threads} "
        f"thread{'s' if program.threads > 1 else ''} a run, {facts['versions']['engine']}, "
        f"{facts['precision']} on {facts['instructionSet']}")
