#!/usr/bin/env python3
"""Print medians and ratios of the steps that step.sh timed.

Reads JSON lines, each {"variant": name, "precision": name, "stepMilliseconds": number, ...}; the
ratio is segmpi's median over the variant's.
"""

import json
import statistics
import sys


def main() -> None:
    times: dict[tuple[str, str], list[float]] = {}
    engines: dict[str, str] = {}
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            times.setdefault((row["precision"], row["variant"]), []).append(
                row["stepMilliseconds"]
            )
            engines[row["variant"]] = row.get("engine", "")
    print(f"{'precision':<10} {'variant':<26} {'rounds':>6} {'median ms':>10} "
          f"{'min ms':>9} {'max ms':>9} {'segmpi ratio':>13}")
    for (precision, variant), values in times.items():
        median = statistics.median(values)
        ours = times.get((precision, "segmpi"))
        ratio = f"{statistics.median(ours) / median:.3f}" if ours else "-"
        print(f"{precision:<10} {variant:<26} {len(values):>6} {median:>10.1f} "
              f"{min(values):>9.1f} {max(values):>9.1f} {ratio:>13}")
    for variant, engine in engines.items():
        print(f"# {variant}: {engine}")


if __name__ == "__main__":
    main()
