#!/usr/bin/env python3
"""Tries what the five papers found on one fold of the hippocampus.

    Benchmarks/hippocampus/findings.py NAME --data path/to/hippocampus --output path/to/runs

trains the arms of a finding (`all`: of every one) for the same number of steps, with several seeds, prints its
table and whether the paper's direction came out, and writes docs/results/findings.md of all findings that have
been tried with these settings, whether or not they came out. Results depend neither on the machine's load
nor on what was trained before.
"""

import argparse
import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence import BOTH, METRICS, Arm, Claim, PowerLaw, Verdict, judge, power_law
from runs import ROOT, SLICES, TOGETHER, VOLUME, Failure, Program, Run, made_with

DOCUMENT = ROOT / "docs" / "results" / "findings.md"
EPOCHS = 10

DENIZ_2D = "deniz-2018/2d-f64-l3"
DENIZ_3D = "deniz-2018/3d-f16-l3"
CONCAT = "kayalibay-2017/hand-concat"
# From weights of N(0, 0.01) some hundred steps do not lead far enough: all arms begin at He's.
ZENG = {**VOLUME, "network.features": "8", "network.initializer": "{kind: he}"}
DESAI = {**SLICES, "training.shardSize": "8", "network.features": "16", "network.levels": "4"}
# Two poolings, so that dilations of up to 8 reach within the coarsest maps of 10 x 14 x 10.
DILATED = {**VOLUME, "network.features": "8", "network.levels": "3"}


class Missing(Exception):
    """A run that is not there and is not to be made."""


@dataclass
class Plan:
    """What every finding is tried with; without `trains`, only from runs that are there."""

    program: Program
    seeds: int
    steps: int
    folds: int
    trains: bool = True

    def run(self, name: str, recipe: str, settings: dict[str, str]) -> Run:
        """A run, trained or found."""
        found = self.program.kept(name, recipe, settings)
        if found is None and not self.trains:
            raise Missing(name)
        return found or self.program.train(name, recipe, settings)

    def settings(self, own: dict[str, str], seed: int) -> dict[str, str]:
        """A run's settings: its own, its length and its seed."""
        return {
            "training.epochs": str(EPOCHS),
            "training.stepsPerEpoch": str(max(1, self.steps // EPOCHS)),
            "data.folds": f"{{count: {self.folds}, seed: 1}}",
            "training.seed": str(seed),
            **own,
        }

    def arm(
        self, name: str, title: str, recipe: str, own: dict[str, str],
        begin: Callable[[int], dict[str, str]] = lambda seed: {},
    ) -> Arm:
        """Trains an arm; `begin` has settings that depend on the seed."""
        runs = [
            self.run(f"{name}-s{seed}", recipe, {**self.settings(own, seed), **begin(seed)})
            for seed in range(1, self.seeds + 1)]
        return Arm(name, title, runs)

    def one_structure(self) -> dict[str, str]:
        """Settings of the same data with both structures as one, as cartilage is one."""
        data, manifest = self.program.data, self.program.output / "one-structure.csv"
        listed = json.loads((data / "dataset.json").read_text(encoding="utf-8"))["training"]
        with open(manifest, "w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(["subject", "image", "label"])
            for item in listed:
                name = Path(item["image"]).name.removesuffix(".nii.gz")
                writer.writerow([name, data / item["image"], data / item["label"]])
        return {"data.dataset": str(manifest), "data.labels": "[background, hippocampus]", "data.map": "{2: 1}"}

    def pretrained(self, seed: int) -> Run:
        """Zeng's network, trained on another organ: synthetic femurs."""
        phantom = self.program.output / "femurs"
        if not (phantom / "dataset.json").exists():
            self.program.call("phantom", str(phantom), "--count", "40", "--shape", "36,28,36")
        own = {**ZENG, "training.patch": "[32, 24, 32]", "data.dataset": str(phantom)}
        return self.run(f"zeng-femurs-s{seed}", "zeng-2017/scratch", self.settings(own, seed))


@dataclass
class Finding:
    """What a paper found, and how it is tried here."""

    name: str
    title: str
    published: str
    here: str
    arms: Callable[[Plan], list[Arm]]
    claims: list[Claim]
    metrics: list[str] = field(default_factory=lambda: ["dice"])
    sizes: dict[str, int] | None = None


def dimensions(plan: Plan) -> list[Arm]:
    """Deniz: networks of two and of three dimensions."""
    surface = {"evaluation": "{curves: false}"}
    return [
        plan.arm("deniz-2d", "2D CNN, F:24, 3 slices to 1", DENIZ_2D,
                 {**SLICES, **surface, "network.features": "24"}),
        plan.arm("deniz-3d", "3D CNN, F:8", DENIZ_3D, {**VOLUME, **surface, "network.features": "8"}),
    ]


RATES = {"1": "[1]", "1-2": "[1, 2]", "1-4": "[1, 4]", "1-8": "[1, 8]", "1-2-4": "[1, 2, 4]",
         "1-2-4-8": "[1, 2, 4, 8]"}


def dilation(plan: Plan) -> list[Arm]:
    """Deniz: sets of rates at the center."""
    return [
        plan.arm(f"dilation-{name}", f"rates {rates[1:-1]}", DENIZ_3D,
                 {**DILATED, "network.centerDilations": rates})
        for name, rates in RATES.items()]


def skips(plan: Plan) -> list[Arm]:
    """Kayalibay: long skip connections."""
    return [
        plan.arm("kayalibay-none", "no long skips", "kayalibay-2017/hand-no-long-skips", VOLUME),
        plan.arm("kayalibay-sum", "summation", "kayalibay-2017/hand-sum", VOLUME),
        plan.arm("kayalibay-concat", "concatenation", CONCAT, VOLUME),
    ]


def rare(plan: Plan) -> list[Arm]:
    """Kayalibay: losses where classes are rare."""
    return [
        plan.arm("kayalibay-cross-entropy", "cross-entropy", "kayalibay-2017/hand-cross-entropy", VOLUME),
        plan.arm("kayalibay-concat", "Jaccard distance", CONCAT, VOLUME),
    ]


def supervision(plan: Plan) -> list[Arm]:
    """Zeng: deep supervision and transfer."""
    def transferred(seed: int) -> dict[str, str]:
        start = plan.pretrained(seed).folder / "fold_0" / "checkpoint_final.safetensors"
        return {"initialize": f'{{from: "{start}", only: ["encoder.conv*"]}}'}

    recipe = "zeng-2017/scratch"
    return [
        plan.arm("zeng-unsupervised", "from scratch, full resolution only", recipe,
                 {**ZENG, "training.outputWeights": "[1.0, 0.0, 0.0]"}),
        plan.arm("zeng-supervised", "from scratch, deep supervision", recipe, ZENG),
        plan.arm("zeng-transfer", "encoder of another organ, deep supervision", recipe, ZENG, transferred),
    ]


def losses(plan: Plan) -> list[Arm]:
    """Desai: losses."""
    own = {**DESAI, **plan.one_structure()}
    return [
        plan.arm("desai-bce", "binary cross-entropy", "desai-2019/unet-bce", own),
        plan.arm("desai-wce", "weighted cross-entropy", "desai-2019/unet-wce", own),
        plan.arm("desai-all", "dice", "desai-2019/unet", {**own, **TOGETHER}),
    ]


SUBJECTS = {"desai-5": 5, "desai-15": 15, "desai-45": 45}


def subjects(plan: Plan) -> list[Arm]:
    """Desai: the number of training subjects."""
    own = {**DESAI, **plan.one_structure(), **TOGETHER}
    few = [
        plan.arm(name, f"{count} subjects", "desai-2019/unet", {**own, "data.subset": str(count)})
        for name, count in SUBJECTS.items()]
    return [*few, plan.arm("desai-all", "all subjects", "desai-2019/unet", own)]


FINDINGS = [
    Finding(
        "dimensions", "3D against 2D (Deniz 2018)",
        "3D networks segment better than 2D ones (before post-processing of the latter): DSC 0.942 with F:32, L:3 "
        "against 0.924 with F:64, L:3, ASD 0.50 against 3.13 mm.",
        "Both with three poolings; one volume a step against 16 slices.",
        dimensions,
        [Claim("deniz-3d", "deniz-2d", "3D has the higher Dice"),
         Claim("deniz-3d", "deniz-2d", "3D has the shorter ASD", metric="asd_mm", larger_is_better=False)],
        ["dice", "asd_mm"]),
    Finding(
        "dilation", "Sets of dilation rates (Deniz 2018)",
        "Parallel dilated convolutions at the center help; rates 1, 2, 4, 8 together are best: DSC 0.953 against 0.945 "
        "of the plain 3D network, 0.948 to 0.950 of the other sets.",
        "3D, F:8, two poolings, so that the coarsest maps of 10 x 14 x 10 have room for a rate of 8.",
        dilation,
        [Claim("dilation-1-2-4-8", "dilation-1", "Rates 1, 2, 4, 8 beat the plain center"),
         *(Claim(f"dilation-{name}", "dilation-1", f"Rates {rates[1:-1]} beat the plain center")
           for name, rates in RATES.items() if name not in ("1", "1-2-4-8")),
         Claim("dilation-1-2-4-8", "dilation-1-2-4", "Rates 1, 2, 4, 8 beat rates 1, 2, 4")]),
    Finding(
        "skips", "Long skip connections (Kayalibay 2017)",
        "Far worse without long skips; concatenation is better than summation in all six folds.",
        "The paper's network at its own width, Jaccard distance.",
        skips,
        [Claim("kayalibay-concat", "kayalibay-none", "Concatenation beats no long skips"),
         Claim("kayalibay-sum", "kayalibay-none", "Summation beats no long skips"),
         Claim("kayalibay-concat", "kayalibay-sum", "Concatenation beats summation")]),
    Finding(
        "rare", "Jaccard against cross-entropy on the rarer class (Kayalibay 2017)",
        "Cross-entropy is far less able to find infrequent classes than the Jaccard distance.",
        "The same network with concatenation. Both structures are rare here, 2.6 and 2.3 % of the voxels; "
        "the posterior one is the rarer.",
        rare,
        [Claim("kayalibay-concat", "kayalibay-cross-entropy", "Jaccard finds the rarer class better",
               structure="Posterior"),
         Claim("kayalibay-concat", "kayalibay-cross-entropy", "Jaccard finds the other class better",
               structure="Anterior")]),
    Finding(
        "supervision", "Deep supervision and partial transfer against scratch (Zeng 2017)",
        "Deep supervision eases training (said, not measured); with an encoder from another task Dice is 0.987, from "
        "scratch 0.975.",
        "Features 8; what is not transferred begins at He's weights, for 300 steps are few from N(0, 0.01). The "
        "encoder's convolutions come from the same network, trained for as many steps on synthetic femurs, as C3D's "
        "were on video.",
        supervision,
        [Claim("zeng-supervised", "zeng-unsupervised", "Deep supervision beats full resolution only"),
         Claim("zeng-transfer", "zeng-supervised", "Partial transfer beats scratch")]),
    Finding(
        "losses", "Dice against binary and weighted cross-entropy (Desai 2019)",
        "The U-Net with dice loss is better than with weighted cross-entropy (p < 0.01) and binary cross-entropy.",
        "2D U-Net, 16 features, 4 levels, 8 sagittal slices a step; both structures as one, as cartilage is one, so "
        "that cross-entropy of two classes is the binary one. Dice counts the slices of a step as one image: half of "
        "them show no hippocampus, and Dice of an empty slice alone says nothing about what a network finds there.",
        losses,
        [Claim("desai-all", "desai-bce", "Dice loss beats cross-entropy"),
         Claim("desai-all", "desai-wce", "Dice loss beats weighted cross-entropy")]),
    Finding(
        "subjects", "Score against the number of training subjects (Desai 2019)",
        "Dice follows a power law of the number n of training patients: 0.766 n^0.0367 for the U-Net.",
        "2D U-Net with dice loss as above; subsets lie within one another, all runs take the same number of steps.",
        subjects,
        [Claim("desai-15", "desai-5", "15 subjects beat 5"),
         Claim("desai-45", "desai-15", "45 subjects beat 15"),
         Claim("desai-all", "desai-45", "All subjects beat 45")],
        sizes=SUBJECTS),
]


@dataclass
class Result:
    """A finding, tried."""

    finding: Finding
    arms: list[Arm]
    verdicts: list[Verdict]
    law: PowerLaw | None
    points: list[tuple[float, float]]

    def lines(self) -> list[str]:
        """Its table and sentences."""
        metrics = self.finding.metrics
        structures = list(self.arms[0].values())
        if len(structures) == 2:
            structures.remove(BOTH)
        head = ["", *(f"{METRICS[metric][0]} {name.lower()}"
                      for metric in metrics for name in structures), "by seed"]
        lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        for arm in self.arms:
            cells = [f"{arm.means(metric)[name]:.4f}" for metric in metrics for name in structures]
            seeds = ", ".join(f"{value:.3f}" for value in arm.by_seed(BOTH))
            lines.append("| " + " | ".join([arm.title, *cells, seeds]) + " |")
        lines += ["", *(f"* {verdict.sentence()}" for verdict in self.verdicts)]
        if self.law is not None:
            law = self.law
            predicted = ", ".join(f"{law.at(n):.4f} for {y:.4f} at {n:g}" for n, y in self.points)
            rises = "rises with the number of subjects, as in the paper" if law.exponent > 0 else (
                "does not rise with the number of subjects, unlike the paper's")
            lines.append(
                f"* Power law, least squares in the logarithms: Dice = {law.factor:.4f} n^{law.exponent:.4f}, "
                f"R² {law.r2:.3f}, residual {law.residual:.4f} (root mean square of log Dice): {predicted}. "
                f"The law {rises}.")
        return lines


def attempt(finding: Finding, plan: Plan) -> Result:
    """Trains what is missing of a finding, and judges."""
    arms = finding.arms(plan)
    verdicts = judge(
        plan.program, plan.program.output / f"tables-{finding.name}", finding.claims,
        {arm.name: arm for arm in arms})
    points = []
    if finding.sizes is not None:
        for arm in arms:
            splits = json.loads((arm.runs[0].folder / "splits_final.json").read_text(encoding="utf-8"))
            count = finding.sizes.get(arm.name, len(splits[0]["train"]))
            points.append((float(count), arm.means()[BOTH]))
    law = power_law(points) if len(points) > 2 else None
    return Result(finding, arms, verdicts, law, points)


def found(finding: Finding, plan: Plan) -> Result | None:
    """A finding from runs that are there, with as many of the seeds as all of its arms have."""
    for seeds in range(plan.seeds, 0, -1):
        try:
            return attempt(finding, replace(plan, seeds=seeds))
        except Missing:
            continue
    return None


def document(plan: Plan, results: list[Result]) -> str:
    """The whole page."""
    subjects_measured = len(results[0].arms[0].values()[BOTH])
    steps = plan.steps // EPOCHS * EPOCHS
    lines = [
        "# The papers' findings, tried on the hippocampus",
        "",
        f"Each finding is tried in kind on fold 0 of {plan.folds} of Task04 of the Medical Segmentation Decathlon "
        "(200 subjects): the arms differ in what the finding is about and train for the same "
        f"{steps} steps, with {'up to ' if plan.seeds > 1 else ''}{plan.seeds} seed{'s' if plan.seeds > 1 else ''} "
        f"(tables show how many); figures are means over the {subjects_measured} validation subjects and the seeds.",
        "",
        "Claims are tested by Wilcoxon's signed-rank test, paired by subject, on each subject's mean over seeds, "
        "adjusted by Holm within a finding. Subjects tell whether two sets of weights differ, seeds whether two ways "
        "of training do: a claim is decided where p < 0.05 and all seeds agree. The task is small and the training "
        "short, at reduced width: what does not come out here is not refuted, and what does is not proved.",
        "",
        "Networks and losses are those of the papers' recipes ([recipes](../../recipes/README.md)); they see whole "
        "volumes of 40 x 56 x 40 mm or sagittal slices of them. Preparation (z-score), augmentation "
        "(rotation and scaling, no flips), optimizer (Adam from 0.001, falling to 0) and the weights that are "
        "measured (the last) are one for all.",
        "",
    ]
    lines += ["| finding | claim | outcome |", "|---|---|---|"]
    for result in results:
        for verdict in result.verdicts:
            lines.append(
                f"| [{result.finding.name}](#{anchor(result.finding.title)}) | {verdict.claim.words} | "
                f"{verdict.outcome()} |")
    lines.append("")
    for result in results:
        lines += [f"## {result.finding.title}", "", f"*The paper:* {result.finding.published}", "",
                  f"*Here:* {result.finding.here}", "", *result.lines(), ""]
    run = results[0].arms[0].runs[0]
    lines += [
        "## How it was made", "", "```sh", "make build",
        "Benchmarks/hippocampus/findings.py all --data path/to/hippocampus --output path/to/runs "
        f"--steps {plan.steps} --seeds {plan.seeds} --threads {plan.program.threads}"
        + ("" if plan.folds == 4 else f" --folds {plan.folds}"),
        "```", "",
        "A finding's name in the place of `all` tries one and leaves the others as they are; runs that are there "
        "are not made again. "
        f"{made_with(plan.program, run)}.", "",
    ]
    return "\n".join(lines)


def anchor(title: str) -> str:
    """A heading's name in links."""
    kept = "".join(c for c in title.lower() if c.isalnum() or c in " -")
    return kept.replace(" ", "-")


def main() -> None:
    names = [finding.name for finding in FINDINGS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("name", choices=[*names, "all"], help="the finding")
    parser.add_argument("--data", type=Path, required=True, help="Task04_Hippocampus or a part of it")
    parser.add_argument("--output", type=Path, required=True, help="where runs are kept")
    parser.add_argument("--steps", type=int, default=300, help="of every run (300)")
    parser.add_argument("--seeds", type=int, default=3, help="runs of an arm (3)")
    parser.add_argument("--threads", type=int, default=1, help="of a run (1)")
    parser.add_argument("--folds", type=int, default=4, help="the data are dealt to (4)")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="the page to write")
    options = parser.parse_args()
    if options.steps < EPOCHS or options.seeds < 1:
        raise Failure(f"--steps must be {EPOCHS} or more and --seeds 1 or more")
    program = Program.at(options.data, options.output, options.threads)
    plan = Plan(program, options.seeds, options.steps, options.folds)
    results = []
    for finding in FINDINGS:
        plan.trains = options.name in (finding.name, "all")
        result = attempt(finding, plan) if plan.trains else found(finding, plan)
        if result is None:
            continue
        results.append(result)
        if plan.trains:
            print("\n".join([finding.title, "", *results[-1].lines(), ""]), flush=True)
    options.document.parent.mkdir(parents=True, exist_ok=True)
    options.document.write_text(document(plan, results), encoding="utf-8")
    print(f"Wrote {options.document}: {len(results)} findings")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"findings.py: {failure}")
