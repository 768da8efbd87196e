#!/usr/bin/env python3
"""Print how segmpi's MPI_Allreduce compares with plain C's, by length.

Reads two files of JSON lines, a line a round, each {"rows": [{"bytes": ..., "librarySeconds": ...},
...]}: segmpi's and C's, run in turn. The ratio is the median over rounds of the ratios of neighbors.
"""

import json
import statistics
import sys


def rounds(path: str) -> list[dict[int, float]]:
    with open(path, encoding="utf-8") as lines:
        return [
            {row["bytes"]: row["librarySeconds"] for row in json.loads(line)["rows"]}
            for line in lines
        ]


def main() -> None:
    ours, plain = rounds(sys.argv[1]), rounds(sys.argv[2])
    print(f"{'bytes':>9} {'segmpi us':>10} {'C us':>10} {'ratio':>7} {'quartiles':>15}")
    for size in sorted(ours[0]):
        ratios = sorted(a[size] / b[size] for a, b in zip(ours, plain))
        quarters = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        print(
            f"{size:>9} {statistics.median(a[size] for a in ours) * 1e6:>10.1f} "
            f"{statistics.median(b[size] for b in plain) * 1e6:>10.1f} "
            f"{statistics.median(ratios):>7.3f} {quarters[0]:>7.3f}-{quarters[2]:.3f}"
        )


if __name__ == "__main__":
    main()
