#!/usr/bin/env python3
"""Compares `segmpi evaluate` with MedPy, MONAI, DeepMind's surface-distance and SciPy on 200 pairs.

Pairs of masks are random (blobs, noise) and degenerate (single voxels, slabs, full grids, far
corners, equal masks, one or both empty), on grids down to one voxel thick, with anisotropic voxels.

Where definitions differ, this is what is compared:
* HD95 is the larger directed percentile (MONAI, DeepMind); `hd95_pooled_mm` is MedPy's.
* DeepMind's directed means and percentiles weigh surfels by area: they are compared with the columns
  of the family `surfel` only, all others with `voxel`.
* DeepMind's percentile is the first distance at which a running sum of areas reaches 95 % of their
  total. Where a sum meets 95 % to the last bits, the order of addition decides between
  two neighbors; pairs whose sums come within 1e-9 of the limit are left out and counted.
* Where one mask is empty the others say infinity or NaN and segmpi says null with a reason.
* For a pair of empty masks DeepMind's HD is infinite, MONAI's and MedPy's undefined; ours is undefined.
"""

import csv
import json
import math
import tempfile
import warnings
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
from scipy import ndimage

from agreement import Agreement, segmpi

# surface-distance 0.1 writes infinity by the name that NumPy 2 removed.
np.Inf = np.inf

PAIRS = 200
TOLERANCES = (0.77, 1.93)
UNDEFINED = float("nan")


def blob(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """A smooth random region."""
    noise = ndimage.gaussian_filter(rng.normal(size=shape), rng.uniform(0.5, 3))
    return noise > np.quantile(noise, rng.uniform(0.3, 0.99))


def single(shape: tuple[int, ...], *place: int) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[place] = True
    return mask


def pair(rng: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The masks of a pair, prediction and reference."""
    shape = tuple(int(n) for n in rng.integers(2, 28, 3))
    kind = number % 20
    if kind == 3:
        shape = (1, *shape[1:])
    if kind == 4:
        shape = (shape[0], shape[1], 1)
    empty, full = np.zeros(shape, bool), np.ones(shape, bool)
    last = tuple(n - 1 for n in shape)
    if kind == 10:
        return single(shape, 0, 0, 0), single(shape, *last)
    if kind == 11:
        return single(shape, *last), single(shape, *last)
    if kind == 12:
        return full, single(shape, *(n // 2 for n in shape))
    if kind == 13:
        return full, full
    if kind == 14:
        return blob(rng, shape), empty
    if kind == 15:
        return empty, blob(rng, shape)
    if kind == 16:
        return empty, empty
    if kind == 17:
        slab = empty.copy()
        slab[: shape[0] // 2 + 1] = True
        other = empty.copy()
        other[shape[0] // 2 :] = True
        return slab, other
    if kind == 18:
        return rng.random(shape) < 0.02, rng.random(shape) < 0.5
    if kind == 19:
        mask = blob(rng, shape)
        return mask, mask
    if kind % 2:
        return blob(rng, shape), blob(rng, shape)
    mask = blob(rng, shape)
    return np.roll(mask, int(rng.integers(-2, 3)), int(rng.integers(3))), mask


def scipy_values(one: np.ndarray, other: np.ndarray, spacing: tuple[float, ...]) -> dict:
    """The family `voxel` by SciPy's transforms on the whole grid, as its definition reads."""
    names = ("asd", "asd_prediction", "asd_reference", "asd_symmetric", "hd", "hd95", "hd95_pooled")
    if not one.any() or not other.any():
        values = {f"{name}_mm": UNDEFINED for name in names}
        both = not one.any() and not other.any()
        return values | {f"nsd_{t}mm": UNDEFINED if both else 0.0 for t in TOLERANCES}
    rims = [m & ~ndimage.binary_erosion(m, border_value=0) for m in (one, other)]
    to = [ndimage.distance_transform_edt(~rim, sampling=spacing) for rim in rims]
    d, e = to[1][rims[0]], to[0][rims[1]]
    both = np.concatenate([d, e])
    figures = (
        both.mean(), d.mean(), e.mean(), (d.mean() + e.mean()) / 2, both.max(),
        max(np.percentile(d, 95), np.percentile(e, 95)), np.percentile(both, 95),
    )
    values = {f"{name}_mm": figure for name, figure in zip(names, figures)}
    return values | {f"nsd_{t}mm": (both <= t).mean() for t in TOLERANCES}


def medpy_values(one: np.ndarray, other: np.ndarray, spacing: tuple[float, ...]) -> dict:
    if not one.any() or not other.any():  # MedPy raises an error.
        return dict.fromkeys(("asd_mm", "asd_prediction_mm", "hd_mm", "hd95_pooled_mm"), UNDEFINED)
    return {
        "asd_mm": binary.assd(one, other, spacing, 1),
        "asd_prediction_mm": binary.asd(one, other, spacing, 1),
        "hd_mm": binary.hd(one, other, spacing, 1),
        "hd95_pooled_mm": binary.hd95(one, other, spacing, 1),
        "Dice": binary.dc(one, other),
        "IoU": binary.jc(one, other),
        "voe": 1 - binary.jc(one, other),
        "precision": binary.precision(one, other),
        "recall": binary.recall(one, other),
        "specificity": binary.specificity(one, other) if not other.all() else UNDEFINED,
        "volumeError": binary.ravd(one, other),
    }


def monai_values(one: np.ndarray, other: np.ndarray, spacing: tuple[float, ...]) -> dict:
    y, p = (torch.from_numpy(m[None, None].astype(np.uint8)) for m in (other, one))
    options = {"include_background": True, "spacing": list(spacing)}
    figures = {
        "asd_mm": compute_average_surface_distance(p, y, symmetric=True, **options),
        "asd_prediction_mm": compute_average_surface_distance(p, y, **options),
        "asd_reference_mm": compute_average_surface_distance(y, p, **options),
        "hd_mm": compute_hausdorff_distance(p, y, **options),
        "hd95_mm": compute_hausdorff_distance(p, y, percentile=95, **options),
    }
    for t in TOLERANCES:
        figures[f"nsd_{t}mm"] = compute_surface_dice(p, y, [t], **options)
    return {name: finite(figure.item()) for name, figure in figures.items()}


def finite(value: float) -> float:
    return value if math.isfinite(value) else UNDEFINED


def is_close_call(distances: np.ndarray, areas: np.ndarray) -> bool:
    """Whether the running sum of areas meets 95 % to the last bits."""
    if len(areas) == 0:
        return False
    reached = np.cumsum(areas[np.lexsort((areas, distances))]) / areas.sum()
    return bool(np.any(np.abs(reached - 0.95) < 1e-9))


def deepmind_values(
    one: np.ndarray, other: np.ndarray, spacing: tuple[float, ...]
) -> tuple[dict, bool]:
    found = surface_distance.compute_surface_distances(other, one, spacing)
    reference, prediction = surface_distance.compute_average_surface_distance(found)
    p, g = found["distances_pred_to_gt"], found["distances_gt_to_pred"]
    wp, wg = found["surfel_areas_pred"], found["surfel_areas_gt"]
    if not one.any() or not other.any():
        names = ("asd", "asd_prediction", "asd_reference", "asd_symmetric", "hd", "hd95")
        values = {f"{name}_surfel_mm": UNDEFINED for name in names}
    else:
        values = {
            "asd_surfel_mm": ((p * wp).sum() + (g * wg).sum()) / (wp.sum() + wg.sum()),
            "asd_prediction_surfel_mm": prediction,
            "asd_reference_surfel_mm": reference,
            "asd_symmetric_surfel_mm": (prediction + reference) / 2,
            "hd_surfel_mm": surface_distance.compute_robust_hausdorff(found, 100),
            "hd95_surfel_mm": surface_distance.compute_robust_hausdorff(found, 95),
        }
    for t in TOLERANCES:
        values[f"nsd_surfel_{t}mm"] = surface_distance.compute_surface_dice_at_tolerance(found, t)
    return values, is_close_call(p, wp) or is_close_call(g, wg)


def main() -> None:
    warnings.filterwarnings("ignore")
    rng = np.random.default_rng(5)
    table = Agreement(f"distances and overlap of {PAIRS} pairs of masks", 1e-6)
    close_calls = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = []
        for number in range(PAIRS):
            one, other = pair(rng, number)
            # Headers hold 32-bit spacings: what they hold is what everyone is given.
            spacing = tuple(float(np.float32(s)) for s in rng.uniform(0.2, 4, 3))
            pairs.append((one, other, spacing))
            for side, mask in (("predictions", one), ("references", other)):
                (folder / side).mkdir(exist_ok=True)
                image = nibabel.Nifti1Image(mask.astype(np.uint8), np.diag((*spacing, 1)))
                nibabel.save(image, folder / side / f"pair{number:03}.nii.gz")
        ours: dict[str, dict] = {}
        for family in ("voxel", "surfel"):
            summary = json.loads(segmpi(
                "evaluate", str(folder / "predictions"), str(folder / "references"), "--json",
                "--labels", "1", "--surface", family, "--nsd", ",".join(map(str, TOLERANCES)),
                "--output", str(folder / family)))
            for case in summary["metric_per_case"]:
                ours.setdefault(case["subject"], {}).update(case["metrics"]["1"])
            with (folder / family / "metrics.csv").open(newline="") as file:
                for row in csv.DictReader(file):
                    for figure, cell in ours[row["subject"]].items():
                        if figure in row:
                            same = row[figure] == "" if cell is None else float(row[figure]) == cell
                            table.check("metrics.csv", "summary.json", same, row["subject"])
    for number, (one, other, spacing) in enumerate(pairs):
        where = f"pair {number}"
        mine = ours[f"pair{number:03}"]
        surfels, is_close = deepmind_values(one, other, spacing)
        close_calls += is_close
        for oracle, values in (
            ("SciPy", scipy_values(one, other, spacing)),
            ("MedPy", medpy_values(one, other, spacing)),
            ("MONAI", monai_values(one, other, spacing)),
            ("surface-distance", surfels),
        ):
            for figure, value in values.items():
                if figure == "hd95_surfel_mm" and is_close:
                    continue
                table.compare(figure, oracle, mine[figure], value, where)
    print(f"percentiles decided by the last bits of a sum of areas, left out: {close_calls}")
    table.finish()


if __name__ == "__main__":
    main()
