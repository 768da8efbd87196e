#!/bin/sh
# Times cubic resampling in segmpi and in SciPy, in turn, and the preparation of a data set.
# How to prepare: Benchmarks/README.md.
set -eu

usage() {
  cat <<'USAGE'
usage: preparation.sh [--rounds N] [--repetitions N] [--threads N] [--data DATASET]

Environment: SEGMPI (default: .build/release/segmpi), PYTHON (default: .venv/bin/python),
both relative to the root of the package.
USAGE
}

rounds=3 repetitions=5 threads=2 data=
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
    --repetitions) repetitions=${2:?--repetitions needs a number}; shift 2 ;;
    --threads) threads=${2:?--threads needs a number}; shift 2 ;;
    --data) data=${2:?--data needs a data set}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

cd "$(dirname "$0")/.."
segmpi=${SEGMPI:-.build/release/segmpi}
python=${PYTHON:-.venv/bin/python}
for program in "$segmpi" "$python"; do
  if ! command -v "$program" >/dev/null; then
    echo "preparation.sh: $program is missing; Benchmarks/README.md says how to make it" >&2
    exit 1
  fi
done
results=$(mktemp)
trap 'rm -f "$results"' EXIT

round=0
while [ "$round" -lt "$rounds" ]; do
  for count in 1 "$threads"; do
    "$segmpi" bench prepare --json --threads "$count" --repetitions "$repetitions" \
      ${data:+--data "$data"} >>"$results"
  done
  "$python" Benchmarks/scipy/zoom.py --repetitions "$repetitions" >>"$results"
  round=$((round + 1))
done

echo "# $(uname -srm); $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)"
echo "# 512x512x60 to 256x256x60 voxels by cubic B-splines; $rounds rounds of $repetitions repetitions"
"$python" - "$results" <<'PYTHON'
import json, statistics, sys

times, sets = {}, {}
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    threads = row.get("threads")
    name = row.get("engine") or f"segmpi, {threads} thread{'s' if threads > 1 else ''}"
    times.setdefault(name, []).append(row["resampleMilliseconds"])
    if row.get("prepareSeconds") is not None:
        sets.setdefault(f"{row['subjects']} subjects, {name}", []).append(row["prepareSeconds"])
slowest = max(statistics.median(values) for values in times.values())
print(f"{'variant':<24} {'median ms':>10} {'min ms':>8} {'max ms':>8} {'faster':>7}")
for name, values in times.items():
    median = statistics.median(values)
    print(f"{name:<24} {median:>10.1f} {min(values):>8.1f} {max(values):>8.1f} {slowest / median:>6.1f}x")
for name, values in sets.items():
    print(f"{name}: prepared in {statistics.median(values):.2f} s (median)")
PYTHON
