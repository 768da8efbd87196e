#!/usr/bin/env python3
"""Compares `segmpi compare` with SciPy, statsmodels and scikit-posthocs on 100 random sample sets.

Each set is one structure of tables of metrics, so that segmpi reads what it reads from users. Sets
have ties (rounded values), zero differences, constant and tiny samples among them.
"""

import csv
import sys
import tempfile
from pathlib import Path

# This file's own folder comes first on the path, where it would hide the standard `statistics`.
sys.path.append(sys.path.pop(0))

import numpy as np
import scikit_posthocs
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests

from agreement import Agreement, segmpi_json

SETS = 100


def write(path: Path, sets: list[np.ndarray]) -> str:
    """Writes one system's table: set k is the structure `set k`, subjects are numbered."""
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["subject", "label", "name", "dice"])
        for number, values in enumerate(sets):
            for subject, value in enumerate(values):
                table.writerow([f"s{subject:03}", number, f"set {number}", repr(float(value))])
    return str(path)


def paired_sets(rng: np.random.Generator, systems: int) -> list[list[np.ndarray]]:
    """Samples of equal length for every system, by set."""
    sets = []
    for number in range(SETS):
        count = int(rng.integers(1, 90)) if number % 5 else int(rng.integers(1, 14))
        base = rng.beta(8, 2, count)
        shift = rng.normal(0, 0.03) if number % 3 else 0.0
        values = [base + k * shift + rng.normal(0, 0.05, count) for k in range(systems)]
        if number % 4 == 1:
            values = [np.round(v, 2) for v in values]
        if number % 4 == 2:
            values = [np.round(v * 32) / 32 for v in values]
        if number % 20 == 7:
            values = [values[0]] * systems
        sets.append(values)
    return sets


def wilcoxon(table: Agreement, folder: Path, rng: np.random.Generator) -> None:
    sets = paired_sets(rng, 2)
    paths = [write(folder / f"{name}.csv", [s[k] for s in sets]) for k, name in enumerate("ab")]
    for method, options in [
        ("automatic", {"method": "auto"}),
        ("exact", {"method": "exact"}),
        ("normal", {"method": "asymptotic", "correction": False}),
        ("normalWithContinuity", {"method": "asymptotic", "correction": True}),
    ]:
        ours = segmpi_json("compare", *paths, "--method", method, "--resamples", "10")
        for number, (first, second) in enumerate(sets):
            where = f"set {number}, n {len(first)}"
            pair = ours["labels"][number]["comparisons"][0]
            differences = first - second
            magnitudes = np.abs(differences[differences != 0])
            if magnitudes.size == 0:
                table.check("Wilcoxon, no difference", "SciPy",
                            pair["pValue"] is None and "zero" in pair["undefined"], where)
                continue
            tied = len(np.unique(magnitudes)) < len(first)
            if method == "exact" and tied:
                continue  # SciPy's exact distribution knows no ties; ours is exact with them.
            # The test is symmetrical. SciPy takes an upper tail as one minus a lower one, which
            # leaves no digits of a small p-value: give it the order whose tail is the lower.
            ranks = stats.rankdata(np.abs(differences[differences != 0]))
            signs = np.sign(differences[differences != 0])
            ordered = (second, first) if signs @ ranks > 0 else (first, second)
            theirs = stats.wilcoxon(*ordered, **options)
            table.compare(f"Wilcoxon W, {method}", "SciPy", pair["statistic"],
                          theirs.statistic, where)
            table.compare(f"Wilcoxon p, {method}", "SciPy", pair["pValue"], theirs.pvalue, where)
            if method == "normal":
                # Ours has the sign of the differences, SciPy's that of the order given.
                z = abs(theirs.zstatistic) * np.sign(signs @ ranks)
                table.compare("Wilcoxon z", "SciPy", pair["z"], z, where)
                table.compare("effect size r", "SciPy", pair["effectSize"],
                              z / np.sqrt(len(first)), where)
            if method == "automatic":
                table.compare("median difference", "NumPy", pair["difference"],
                              np.median(differences), where)


def summaries(table: Agreement, folder: Path, rng: np.random.Generator) -> None:
    sets = paired_sets(rng, 2)
    paths = [write(folder / f"s{k}.csv", [s[k] for s in sets]) for k in range(2)]
    ours = segmpi_json("compare", *paths, "--resamples", "10")
    for number, values in enumerate(sets):
        for k in range(2):
            system = ours["labels"][number]["systems"][k]
            where = f"set {number}, n {len(values[k])}"
            deviation = np.std(values[k], ddof=1) if len(values[k]) > 1 else None
            for name, theirs in [
                ("mean", np.mean(values[k])), ("standardDeviation", deviation),
                ("median", np.median(values[k])),
                ("lowerQuartile", np.percentile(values[k], 25)),
                ("upperQuartile", np.percentile(values[k], 75)),
            ]:
                table.compare(name, "NumPy", system[name], theirs, where)


def families(table: Agreement, folder: Path, rng: np.random.Generator) -> None:
    sets = paired_sets(rng, 4)
    paths = [write(folder / f"f{k}.csv", [s[k] for s in sets]) for k in range(4)]
    for correction in ["holm", "bonferroni"]:
        ours = segmpi_json("compare", *paths, "--test", "wilcoxon", "--correction", correction,
                           "--resamples", "10")
        for number, values in enumerate(sets):
            pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
            p = [stats.wilcoxon(values[i], values[j]).pvalue
                 if np.any(values[i] != values[j]) else np.nan for i, j in pairs]
            adjusted = np.full(len(p), np.nan)
            known = ~np.isnan(p)
            if known.any():
                adjusted[known] = multipletests(np.array(p)[known], method=correction)[1]
            for place, theirs in enumerate(adjusted):
                table.compare(f"Wilcoxon p, {correction}", "statsmodels",
                              ours["labels"][number]["comparisons"][place]["adjustedPValue"],
                              theirs, f"set {number}, pair {place}")


def groups(table: Agreement, folder: Path, rng: np.random.Generator) -> None:
    sets = []
    for number in range(SETS):
        groups = [rng.beta(8, 2, int(rng.integers(1, 40))) + rng.normal(0, 0.05)
                  for _ in range(4)]
        if number % 3 == 1:
            groups = [np.round(g, 2) for g in groups]
        if number % 3 == 2:
            groups = [np.round(g, 1) for g in groups]
        if number % 25 == 9:
            groups = [np.full(len(g), 0.5) for g in groups]
        sets.append(groups)
    paths = [write(folder / f"g{k}.csv", [s[k] for s in sets]) for k in range(4)]
    for correction, name in [("none", None), ("holm", "holm"), ("bonferroni", "bonferroni")]:
        ours = segmpi_json("compare", *paths, "--correction", correction, "--resamples", "10")
        for number, values in enumerate(sets):
            label = ours["labels"][number]
            where = f"set {number}"
            if len(np.unique(np.concatenate(values))) == 1:
                table.check("Kruskal-Wallis, constant", "SciPy",
                            "equal" in label["kruskalWallis"]["undefined"], where)
                continue
            if correction == "none":
                theirs = stats.kruskal(*values)
                table.compare("Kruskal-Wallis H", "SciPy", label["kruskalWallis"]["statistic"],
                              theirs.statistic, where)
                table.compare("Kruskal-Wallis p", "SciPy", label["kruskalWallis"]["pValue"],
                              theirs.pvalue, where)
            dunn = scikit_posthocs.posthoc_dunn([list(v) for v in values], p_adjust=name)
            pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
            for place, (i, j) in enumerate(pairs):
                table.compare(f"Dunn p, {correction}", "scikit-posthocs",
                              label["comparisons"][place]["adjustedPValue"],
                              dunn.iloc[i, j], f"{where}, pair {place}")


def power_laws(table: Agreement, folder: Path, rng: np.random.Generator) -> None:
    sizes = np.array([5, 15, 30, 60, 120])
    sets = []
    for _ in range(SETS):
        law = rng.uniform(0.3, 0.9) * sizes ** rng.uniform(-0.3, 0.2)
        sets.append([law[k] * np.exp(rng.normal(0, 0.05, 6)) for k in range(len(sizes))])
    paths = [write(folder / f"p{k}.csv", [s[k] for s in sets]) + f"={size}"
             for k, size in enumerate(sizes)]
    ours = segmpi_json("compare", *paths, "--fit", "power")
    x = sizes.astype(float)
    for number, values in enumerate(sets):
        y = np.array([np.mean(v) for v in values])
        start, _ = optimize.curve_fit(lambda x, a, b: a * x**b, x, y, p0=[1, 1], maxfev=10000)

        def gradient(p: np.ndarray) -> list[float]:
            rest = (y - p[0] * x ** p[1]) * x ** p[1]
            return [np.sum(rest), np.sum(rest * p[0] * np.log(x))]

        # curve_fit's finite differences leave errors of 1e-8.
        a, b = optimize.root(gradient, start, tol=1e-15).x
        rest = np.log(y) - np.log(a) - b * np.log(x)
        total = np.log(y) - np.log(y).mean()
        law = ours["labels"][number]["powerLaw"]
        where = f"set {number}"
        table.compare("power law, coefficient", "SciPy", law["coefficient"], a, where)
        table.compare("power law, exponent", "SciPy", law["exponent"], b, where)
        table.compare("power law, R2 in log space", "NumPy", law["rSquared"],
                      1 - rest @ rest / (total @ total), where)


def main() -> None:
    rng = np.random.default_rng(20261121)
    table = Agreement(f"statistics, {SETS} sample sets", 1e-9)
    with tempfile.TemporaryDirectory() as name, np.errstate(all="ignore"):
        for part in (wilcoxon, summaries, families, groups, power_laws):
            part(table, Path(name), rng)
    table.finish()


if __name__ == "__main__":
    main()
