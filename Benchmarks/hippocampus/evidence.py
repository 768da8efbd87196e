"""What runs show: means over seeds, paired tests by `segmpi compare`, and a power law."""

import csv
import json
import math
import statistics
from dataclasses import dataclass
from pathlib import Path

from runs import Program, Run, mean

BOTH = "both"
# Columns of metrics.csv as tables call them, and their unit.
METRICS = {"dice": ("Dice", ""), "asd_mm": ("ASD", " mm")}


@dataclass
class Arm:
    """One side of a comparison: the same experiment with several seeds."""

    name: str
    title: str
    runs: list[Run]

    def values(self, metric: str = "dice") -> dict[str, dict[str, float]]:
        """By structure and subject the mean over seeds; `both` is the mean over structures.

        A subject that lacks a value in any seed or structure has none.
        """
        tables = [run.values(metric) for run in self.runs]
        result: dict[str, dict[str, float]] = {}
        for structure in tables[0]:
            shared = set.intersection(*(set(table[structure]) for table in tables))
            result[structure] = {
                subject: statistics.fmean(table[structure][subject] for table in tables)
                for subject in sorted(shared)}
        shared = set.intersection(*(set(values) for values in result.values()))
        result[BOTH] = {
            subject: statistics.fmean(values[subject] for values in result.values())
            for subject in sorted(shared)}
        return result

    def means(self, metric: str = "dice") -> dict[str, float]:
        """By structure the mean over subjects."""
        return {name: mean(values) for name, values in self.values(metric).items()}

    def by_seed(self, structure: str, metric: str = "dice") -> list[float]:
        """The mean over subjects of each seed's run."""
        alone = [Arm(self.name, self.title, [run]) for run in self.runs]
        return [arm.means(metric)[structure] for arm in alone]

    def write(self, folder: Path, metric: str) -> Path:
        """The values as a table that `segmpi compare` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.csv"
        with open(path, "w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(["subject", "label", "name", metric])
            for label, (structure, values) in enumerate(self.values(metric).items(), start=1):
                for subject, value in values.items():
                    writer.writerow([subject, label, structure, repr(value)])
        return path


@dataclass
class Claim:
    """A paper's word that one arm is better than another."""

    better: str
    worse: str
    words: str
    structure: str = BOTH
    metric: str = "dice"
    larger_is_better: bool = True


@dataclass
class Verdict:
    """What the runs say about a claim."""

    claim: Claim
    difference: float
    wins: int
    seeds: int
    p: float | None
    pairs: int
    adjusted: float | None = None

    def outcome(self) -> str:
        """In a few words, whether the paper's direction came out: subjects and all seeds must agree."""
        if self.adjusted is None or self.adjusted >= 0.05 or 0 < self.wins < self.seeds:
            return "not decided"
        found = "as in the paper" if self.is_same_direction() else "the other way round"
        return found if self.seeds > 1 else f"{found}, of one seed"

    def is_same_direction(self) -> bool:
        """Whether the mean of the arm that the paper prefers is the better one."""
        return (self.difference > 0) == self.claim.larger_is_better and self.difference != 0

    def sentence(self) -> str:
        """The outcome with its figures."""
        name, unit = METRICS[self.claim.metric]
        where = "" if self.claim.structure == BOTH else f" of {self.claim.structure.lower()}"
        chance = "no test: all differences are zero" if self.adjusted is None else (
            f"p {probability(self.adjusted)} after Holm, {self.pairs} subjects")
        return (f"{self.claim.words}: **{self.outcome()}** ({name}{where} {self.difference:+.4f}{unit}, {chance}; "
                f"the same sign as in the paper in {self.wins} of {self.seeds} "
                f"seed{'s' if self.seeds > 1 else ''}).")


def probability(p: float) -> str:
    """A probability as text."""
    return "< 0.0001" if p < 1e-4 else f"= {p:.4f}"


def judge(program: Program, folder: Path, claims: list[Claim], arms: dict[str, Arm]) -> list[Verdict]:
    """Tests every claim by Wilcoxon's signed-rank test, adjusted by Holm over them all."""
    verdicts = []
    for claim in claims:
        better, worse = arms[claim.better], arms[claim.worse]
        tables = [arm.write(folder / claim.metric, claim.metric) for arm in (better, worse)]
        answer = json.loads(program.call(
            "compare", *map(str, tables), "--metric", claim.metric, "--label", claim.structure, "--json"))
        found = answer["labels"][0]["comparisons"][0]
        signs = [
            (a - b > 0) == claim.larger_is_better and a != b
            for a, b in zip(better.by_seed(claim.structure, claim.metric),
                            worse.by_seed(claim.structure, claim.metric))]
        difference = (better.means(claim.metric)[claim.structure]
                      - worse.means(claim.metric)[claim.structure])
        verdicts.append(Verdict(
            claim, difference, sum(signs), len(signs), found.get("pValue"), found["count"]))
    tested = [verdict for verdict in verdicts if verdict.p is not None]
    for verdict, p in zip(tested, holm([verdict.p for verdict in tested])):
        verdict.adjusted = p
    return verdicts


def holm(values: list[float]) -> list[float]:
    """Holm's adjusted p-values (Holm 1979): the running maximum of (m - rank) p."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result, largest = [0.0] * len(values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        result[index] = largest
    return result


@dataclass
class PowerLaw:
    """y = factor n^exponent, and how far the points are from it."""

    factor: float
    exponent: float
    r2: float
    residual: float

    def at(self, n: float) -> float:
        """The law's value."""
        return self.factor * n**self.exponent


def power_law(points: list[tuple[float, float]]) -> PowerLaw:
    """The line of least squares through (log n, log y); residual is the root of its mean square."""
    xs, ys = [math.log(n) for n, _ in points], [math.log(y) for _, y in points]
    x, y = statistics.fmean(xs), statistics.fmean(ys)
    exponent = sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)
    factor = math.exp(y - exponent * x)
    errors = [b - (math.log(factor) + exponent * a) for a, b in zip(xs, ys)]
    spread = sum((b - y) ** 2 for b in ys)
    squares = sum(error**2 for error in errors)
    return PowerLaw(factor, exponent, 1 - squares / spread if spread > 0 else math.nan,
                    math.sqrt(squares / len(errors)))
