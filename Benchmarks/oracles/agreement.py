"""What all oracle scripts share: running segmpi, and a table of the largest differences.

Each script first moves its own folder to the end of the path, `sys.path.append(sys.path.pop(0))`: a
script called statistics lies here, and libraries import the standard one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def segmpi(*arguments: str) -> str:
    """Runs segmpi (the variable SEGMPI, or the release build) and gives what it prints."""
    program = os.environ.get("SEGMPI", str(ROOT / ".build/release/segmpi"))
    run = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"segmpi {' '.join(arguments)} ended with status {run.returncode}: {run.stderr}")
    return run.stdout


def segmpi_json(*arguments: str) -> dict:
    """Runs segmpi with --json."""
    return json.loads(segmpi(*arguments, "--json"))


class Agreement:
    """The largest relative differences between our figures and others', by kind of figure."""

    def __init__(self, title: str, limit: float) -> None:
        self.title = title
        self.limit = limit
        self.rows: dict[tuple[str, str], list] = {}
        self.faults: list[str] = []

    def compare(self, figure: str, oracle: str, ours, theirs, where: str) -> None:
        """Counts one figure; both sides undefined (None or NaN) agree."""
        row = self.rows.setdefault((figure, oracle), [0, 0, 0.0, ""])
        theirs = None if theirs is None or theirs != theirs else float(theirs)
        if ours is None or theirs is None:
            row[1] += 1
            if ours is not None or theirs is not None:
                self.faults.append(f"{figure}, {where}: ours {ours}, {oracle} {theirs}")
            return
        row[0] += 1
        difference = abs(ours - theirs)
        relative = difference / abs(theirs) if theirs != 0 else difference
        if relative > row[2]:
            row[2], row[3] = relative, where
        if relative > self.limit:
            self.faults.append(f"{figure}, {where}: ours {ours!r}, {oracle} {theirs!r}")

    def check(self, figure: str, oracle: str, holds: bool, where: str) -> None:
        """Counts one statement that must hold."""
        row = self.rows.setdefault((figure, oracle), [0, 0, 0.0, ""])
        row[0] += 1
        if not holds:
            row[2], row[3] = float("inf"), where
            self.faults.append(f"{figure}, {where}: does not hold")

    def finish(self) -> None:
        """Prints the table; ends with status 1 where a difference is beyond the limit."""
        print(f"{self.title}: largest relative differences (limit {self.limit:g})")
        head = ("figure", "oracle", "compared", "undefined in both", "largest", "where")
        cells = [head] + [
            (figure, oracle, str(row[0]), str(row[1]), f"{row[2]:.1e}", row[3] or "-")
            for (figure, oracle), row in self.rows.items()
        ]
        widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
        for line in cells:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        for fault in self.faults[:20]:
            print(f"DISAGREES: {fault}")
        if self.faults:
            sys.exit(f"{len(self.faults)} figures disagree")
