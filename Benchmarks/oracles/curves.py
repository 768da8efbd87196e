#!/usr/bin/env python3
"""Compares `segmpi curve` with scikit-learn and NumPy on 100 random score vectors with ties.

Vectors are rounded to one, two or three digits, so that most scores are tied; some are constant,
perfect, reversed, or without a positive or a negative. Each is dealt to three folds, for the mean
curve.
"""

import csv
import sys
import tempfile
import warnings
from pathlib import Path

# This folder has a script called statistics, which must not hide the standard library's.
sys.path.append(sys.path.pop(0))

import numpy as np
from sklearn import metrics

from agreement import Agreement, segmpi_json

VECTORS = 100
X = np.arange(1001) / 1000


def vector(rng: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = int(rng.integers(6, 1500))
    truth = rng.random(count) < rng.uniform(0.02, 0.7)
    score = 1 / (1 + np.exp(-(rng.normal(0, 1, count) + rng.uniform(-0.5, 3) * truth)))
    score = np.round(score, 1 + number % 3)
    if number % 25 == 3:
        score[:] = 0.5
    if number % 25 == 8:
        score = truth.astype(float)
    if number % 25 == 13:
        score = 1 - truth.astype(float)
    if number % 25 == 18:
        truth[:] = False
    if number % 25 == 23:
        truth[:] = True
    return score, truth.astype(int), rng.integers(0, 3, count)


def areas(truth: np.ndarray, score: np.ndarray) -> tuple[float | None, float | None]:
    both = 0 < truth.sum() < len(truth)
    return (metrics.roc_auc_score(truth, score) if both else None,
            metrics.average_precision_score(truth, score) if truth.any() else None)


def thresholds(truth: np.ndarray, score: np.ndarray) -> dict[str, tuple]:
    """By rule: all thresholds, descending, and what the rule makes least."""
    precision, recall, at = metrics.precision_recall_curve(truth, score)
    rules = {"precisionRecall": (at[::-1], ((1 - precision[:-1]) ** 2
                                            + (1 - recall[:-1]) ** 2)[::-1])}
    if truth.sum() < len(truth):
        fpr, tpr, at = metrics.roc_curve(truth, score, drop_intermediate=False)
        rules["youden"] = (at[1:], 1 + (fpr - tpr)[1:])
        rules["roc"] = (at[1:], (fpr**2 + (1 - tpr) ** 2)[1:])
    return rules


def mean_curves(folds: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, list[np.ndarray]]:
    """Ordinates of each fold that has the curve, at the abscissae X."""
    curves: dict[str, list[np.ndarray]] = {"roc": [], "precisionRecall": []}
    for truth, score in folds:
        if not truth.any():
            continue
        precision, recall, _ = metrics.precision_recall_curve(truth, score)
        # From the highest threshold; a step reaches back to the recall before it.
        place = np.searchsorted(recall[:-1][::-1], X, side="left")
        curves["precisionRecall"].append(precision[:-1][::-1][place])
        if truth.sum() < len(truth):
            fpr, tpr, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
            curves["roc"].append(np.interp(X, fpr, tpr))
    return curves


def compare(table: Agreement, path: Path, number: int, rng: np.random.Generator) -> None:
    score, truth, fold = vector(rng, number)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["score", "truth", "fold"])
        rows.writerows((repr(float(s)), t, f) for s, t, f in zip(score, truth, fold))
    ours = segmpi_json("curve", str(path))
    where = f"vector {number}, n {len(score)}"
    auc, average = areas(truth, score)
    table.compare("AUC", "scikit-learn", ours["pooled"]["areaUnderROC"], auc, where)
    table.compare("AP", "scikit-learn", ours["pooled"]["averagePrecision"], average, where)

    known = thresholds(truth, score) if truth.any() else {}
    for choice in ours["thresholds"]:
        rule = choice["rule"]
        if rule not in known:
            table.check(f"threshold, {rule}, undefined", "scikit-learn",
                        choice["threshold"] is None and choice["undefined"] != "", where)
            continue
        at, cost = known[rule]
        # The highest threshold whose cost is the least up to rounding, where NumPy and we round
        # differently.
        best = at[np.argmax(cost <= cost.min() + 1e-12)]
        table.compare(f"threshold, {rule}", "scikit-learn", choice["threshold"], best, where)

    group = ours["groups"][0]
    folds = [(truth[fold == f], score[fold == f]) for f in np.unique(fold)]
    expected = [areas(*f) for f in folds]
    for member, (auc, average) in zip(group["members"], expected, strict=True):
        table.compare("AUC of a fold", "scikit-learn", member["figures"]["areaUnderROC"], auc,
                      where)
        table.compare("AP of a fold", "scikit-learn", member["figures"]["averagePrecision"],
                      average, where)
    curves = mean_curves(folds)
    for kind, name in [("roc", "ROC"), ("precisionRecall", "PR")]:
        family = group[kind]
        if not curves[kind]:
            table.check(f"mean {name} curve, undefined", "NumPy", family["mean"] is None, where)
            continue
        mean = np.mean(curves[kind], axis=0)
        for x, value, target in zip(X, family["mean"], mean, strict=True):
            table.compare(f"mean {name} curve", "NumPy", value, target, f"{where}, x {x}")
        if len(curves[kind]) > 1:
            deviation = np.std(curves[kind], axis=0, ddof=1)
            for x, value, target in zip(X, family["standardDeviation"], deviation, strict=True):
                # A deviation of rounding alone has no digits to agree on.
                if max(value, target) > 1e-12:
                    table.compare(f"SD of {name} curves", "NumPy", value, target,
                                  f"{where}, x {x}")


def main() -> None:
    rng = np.random.default_rng(20261122)
    table = Agreement(f"curves, {VECTORS} score vectors", 1e-9)
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(VECTORS):
            compare(table, Path(folder) / "scores.csv", number, rng)
    table.finish()


if __name__ == "__main__":
    main()
