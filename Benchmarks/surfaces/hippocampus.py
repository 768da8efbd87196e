#!/usr/bin/env python3
"""Times overlap and surface distances of a folder of segmentations in segmpi and in MONAI.

The references of a data set are measured against copies that this script disturbs: each label is
moved by a voxel or less and its border roughened, the same way every time. Both programs read all
files and measure, by subject and label, Dice, pooled ASD, HD, HD95 and surface Dice at 1 and 2 mm;
MONAI's figures are taken as its documentation shows, one subject at a time, from files read by
nibabel. Both are timed with what they need to start left out for MONAI (imports) and included for
segmpi.

MONAI's results are 32-bit numbers, and its percentiles interpolate at 32-bit positions: HD95 of some
thousand distances differs by some 1e-6.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np
import torch
from monai.metrics import (
    compute_average_surface_distance,
    compute_dice,
    compute_hausdorff_distance,
    compute_surface_dice,
)
from scipy import ndimage

LABELS = (1, 2)
TOLERANCES = (1.0, 2.0)


def disturb(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A plausible prediction of a label volume."""
    shift = rng.uniform(-0.8, 0.8, 3)
    scores = [np.full(labels.shape, 0.5)]
    for label in LABELS:
        score = ndimage.gaussian_filter((labels == label).astype(float), 0.7)
        noise = ndimage.gaussian_filter(rng.normal(size=labels.shape), 1.5)
        scores.append(ndimage.shift(score, shift, order=1) + 0.6 * noise)
    return np.argmax(scores, axis=0).astype(np.uint8)


def monai(predictions: Path, references: Path) -> dict[str, list[list[float]]]:
    """All figures by subject and label."""
    rows: dict[str, list[list[float]]] = {}
    for path in sorted(references.glob("*.nii.gz")):
        image = nibabel.load(path)
        volumes = [np.asarray(nibabel.load(predictions / path.name).dataobj), np.asarray(image.dataobj)]
        p, r = (
            torch.from_numpy(np.stack([v == label for label in LABELS])[None].astype(np.uint8))
            for v in volumes
        )
        options = {"include_background": True, "spacing": [float(s) for s in image.header.get_zooms()]}
        figures = [
            compute_dice(p, r, include_background=True),
            compute_average_surface_distance(p, r, symmetric=True, **options),
            compute_hausdorff_distance(p, r, **options),
            compute_hausdorff_distance(p, r, percentile=95, **options),
        ] + [
            compute_surface_dice(p, r, [tolerance] * len(LABELS), **options)
            for tolerance in TOLERANCES
        ]
        rows[path.name.removesuffix(".nii.gz")] = [figure[0].tolist() for figure in figures]
    return rows


def processor_seconds() -> float:
    """Processor time of this process and of those it waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("references", type=Path, help="a folder of .nii.gz with labels 1 and 2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    program = os.environ.get("SEGMPI", ".build/release/segmpi")
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = np.random.default_rng(4)
        files = sorted(options.references.glob("*.nii.gz"))
        for side in ("predictions", "references"):
            (folder / side).mkdir()
        for path in files:
            image = nibabel.load(path)
            labels = np.asarray(image.dataobj).astype(np.uint8)
            for side, voxels in (("predictions", disturb(labels, rng)), ("references", labels)):
                copy = nibabel.Nifti1Image(voxels, image.affine)
                nibabel.save(copy, folder / side / path.name)
        ours, theirs, busy = [], [], [[], []]
        for _ in range(options.rounds):
            start, used = time.perf_counter(), processor_seconds()
            text = subprocess.run(
                [program, "evaluate", str(folder / "predictions"), str(folder / "references"),
                 "--labels", "1,2", "--nsd", "1,2", "--threads", str(options.threads), "--json"],
                capture_output=True, text=True, check=True).stdout
            ours.append(time.perf_counter() - start)
            busy[0].append(processor_seconds() - used)
            start, used = time.perf_counter(), processor_seconds()
            rows = monai(folder / "predictions", folder / "references")
            theirs.append(time.perf_counter() - start)
            busy[1].append(processor_seconds() - used)
    names = ["Dice", "asd_mm", "hd_mm", "hd95_mm", "nsd_1mm", "nsd_2mm"]
    largest = dict.fromkeys(names, 0.0)
    for case in json.loads(text)["metric_per_case"]:
        for column, figure in enumerate(names):
            for place, label in enumerate(LABELS):
                mine, other = case["metrics"][str(label)][figure], rows[case["subject"]][column][place]
                if mine is None:
                    if np.isfinite(other):
                        sys.exit(f"{case['subject']}: {figure} is undefined here, {other} in MONAI")
                    continue
                largest[figure] = max(largest[figure], abs(mine - other) / max(abs(other), 1e-9))
    print(f"{len(files)} subjects, labels {LABELS}, {options.threads} threads, {options.rounds} rounds")
    print("largest relative differences: "
          + ", ".join(f"{figure} {value:.1e}" for figure, value in largest.items()))
    print(f"{'program':<8} {'median s':>9} {'min s':>8} {'processor s':>12}")
    for name, times, used in (("segmpi", ours, busy[0]), ("MONAI", theirs, busy[1])):
        print(f"{name:<8} {np.median(times):>9.3f} {min(times):>8.3f} {np.median(used):>12.3f}")
    print(f"MONAI / segmpi: {np.median(np.array(theirs) / np.array(ours)):.1f}")


if __name__ == "__main__":
    main()
