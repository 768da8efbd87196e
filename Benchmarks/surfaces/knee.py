#!/usr/bin/env python3
"""Times the surface distances of one knee-sized pair of masks in segmpi and in other programs.

segmpi is timed as a whole process: it reads both files, counts, and measures ASD (pooled, directed,
symmetric), HD, HD95 (two kinds) and surface Dice at 1 and 2 mm. The others are timed on arrays in
memory, reading left out: `ASD` is the cheapest call that gives an average distance, `all` gives ASD,
HD, HD95 and, where the program has it, surface Dice. Rounds alternate between programs.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np
import surface_distance
import torch
from medpy.metric import binary
from monai.metrics import (
    compute_average_surface_distance,
    compute_hausdorff_distance,
    compute_surface_dice,
)

SHAPE = (160, 384, 384)
SPACING = (0.75, 0.375, 0.375)


def shell(radius: float, thickness: float, period: float, cut: float) -> np.ndarray:
    """A bent, wavy sheet like femoral cartilage: about 180 000 voxels."""
    z, y, x = np.meshgrid(*[np.arange(n) * s for n, s in zip(SHAPE, SPACING)], indexing="ij", sparse=True)
    distance = np.sqrt(((z - 60) / 1.1) ** 2 + (y - 72) ** 2 + ((x - 72) / 0.9) ** 2)
    return (np.abs(distance - radius - 2 * np.sin(y / period)) < thickness) & (x - 72 < cut)


def medpy_asd(p: np.ndarray, r: np.ndarray) -> float:
    return binary.assd(p, r, SPACING, 1)


def medpy_all(p: np.ndarray, r: np.ndarray) -> float:
    binary.hd(p, r, SPACING, 1)
    binary.hd95(p, r, SPACING, 1)
    return binary.assd(p, r, SPACING, 1)


def monai_asd(p: np.ndarray, r: np.ndarray) -> float:
    one, other = (torch.from_numpy(m[None, None].astype(np.uint8)) for m in (p, r))
    options = {"include_background": True, "spacing": list(SPACING)}
    return compute_average_surface_distance(one, other, symmetric=True, **options).item()


def monai_all(p: np.ndarray, r: np.ndarray) -> float:
    one, other = (torch.from_numpy(m[None, None].astype(np.uint8)) for m in (p, r))
    options = {"include_background": True, "spacing": list(SPACING)}
    compute_hausdorff_distance(one, other, **options)
    compute_hausdorff_distance(one, other, percentile=95, **options)
    for tolerance in (1.0, 2.0):
        compute_surface_dice(one, other, [tolerance], **options)
    return compute_average_surface_distance(one, other, symmetric=True, **options).item()


def deepmind_asd(p: np.ndarray, r: np.ndarray) -> float:
    found = surface_distance.compute_surface_distances(r, p, SPACING)
    return sum(surface_distance.compute_average_surface_distance(found)) / 2


def deepmind_all(p: np.ndarray, r: np.ndarray) -> float:
    found = surface_distance.compute_surface_distances(r, p, SPACING)
    for percent in (95, 100):
        surface_distance.compute_robust_hausdorff(found, percent)
    for tolerance in (1, 2):
        surface_distance.compute_surface_dice_at_tolerance(found, tolerance)
    return sum(surface_distance.compute_average_surface_distance(found)) / 2


def processor_seconds() -> float:
    """Processor time of this process and of those it waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    program = os.environ.get("SEGMPI", ".build/release/segmpi")
    p, r = shell(31, 1.2, 6.0, 8), shell(31.4, 1.1, 6.1, 7)
    with tempfile.TemporaryDirectory() as name:
        paths = [str(Path(name) / f"{side}.nii") for side in ("prediction", "reference")]
        for mask, path in zip((p, r), paths):
            nibabel.save(nibabel.Nifti1Image(mask.astype(np.uint8), np.diag((*SPACING, 1))), path)

        def ours(family: str, threads: int):
            def measure(_p, _r) -> float:
                text = subprocess.run(
                    [program, "evaluate", *paths, "--json", "--surface", family, "--threads",
                     str(threads)], capture_output=True, text=True, check=True).stdout
                mean = json.loads(text)["mean"]["1"]
                return mean["asd_mm" if family == "voxel" else "asd_symmetric_surfel_mm"]
            return measure

        contestants = {
            f"segmpi voxel, {options.threads} threads": ours("voxel", options.threads),
            "segmpi voxel, 1 thread": ours("voxel", 1),
            f"segmpi surfel, {options.threads} threads": ours("surfel", options.threads),
            "MedPy ASD": medpy_asd, "MedPy all": medpy_all,
            "MONAI ASD": monai_asd, "MONAI all": monai_all,
            "surface-distance ASD": deepmind_asd, "surface-distance all": deepmind_all,
        }
        seconds: dict[str, list[float]] = {name: [] for name in contestants}
        busy: dict[str, list[float]] = {name: [] for name in contestants}
        values = {}
        for _ in range(options.rounds):
            for name, measure in contestants.items():
                start, used = time.perf_counter(), processor_seconds()
                values[name] = measure(p, r)
                seconds[name].append(time.perf_counter() - start)
                busy[name].append(processor_seconds() - used)
    print(f"masks of {p.sum()} and {r.sum()} voxels in {SHAPE}, spacing {SPACING} mm")
    print(f"{'program':<26} {'median s':>9} {'min s':>8} {'of segmpi':>10} "
          f"{'processor s':>12} {'ASD mm':>9}")
    first = statistics.median(next(iter(seconds.values())))
    for name, times in seconds.items():
        median = statistics.median(times)
        print(f"{name:<26} {median:>9.3f} {min(times):>8.3f} {median / first:>10.2f} "
              f"{statistics.median(busy[name]):>12.3f} {values[name]:>9.5f}")
    print("ASD: pooled over voxels; of surfels the mean of the two directed means")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
