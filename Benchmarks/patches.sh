#!/bin/sh
# Times training patches with the full augmentation in segmpi, TorchIO and MONAI, in turn, one thread
# each, and prints patches a second. How to prepare: Benchmarks/README.md.
set -eu

usage() {
  cat <<'USAGE'
usage: patches.sh [--rounds N] [--repetitions N] [--extents "64 128"]

Environment: SEGMPI (default: .build/release/segmpi), PYTHON (default: .venv/bin/python),
both relative to the root of the package.
USAGE
}

rounds=3 repetitions=10 extents="64 128"
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
    --repetitions) repetitions=${2:?--repetitions needs a number}; shift 2 ;;
    --extents) extents=${2:?--extents needs numbers}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

cd "$(dirname "$0")/.."
segmpi=${SEGMPI:-.build/release/segmpi}
python=${PYTHON:-.venv/bin/python}
for program in "$segmpi" "$python"; do
  if ! command -v "$program" >/dev/null; then
    echo "patches.sh: $program is missing; Benchmarks/README.md says how to make it" >&2
    exit 1
  fi
done
results=$(mktemp)
trap 'rm -f "$results" "$results.one"' EXIT

# record VARIANT COMMAND...: runs it and keeps its JSON with the variant's name.
record() {
  variant=$1
  shift
  echo "$variant, $extent^3" >&2
  "$@" --extent "$extent" --repetitions "$repetitions" >"$results.one"
  sed "s/^{/{\"variant\": \"$variant\", /" "$results.one" >>"$results"
}

round=0
while [ "$round" -lt "$rounds" ]; do
  for extent in $extents; do
    record segmpi "$segmpi" bench patches --json
    record TorchIO "$python" Benchmarks/pytorch/patches.py --library torchio
    record MONAI "$python" Benchmarks/pytorch/patches.py --library monai
  done
  round=$((round + 1))
done

echo "# $(uname -srm); $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)"
echo "# one thread, $rounds rounds of $repetitions patches"
"$python" - "$results" <<'TABLE'
import json
import statistics
import sys

times, engines = {}, {}
with open(sys.argv[1], encoding="utf-8") as lines:
    for row in map(json.loads, lines):
        times.setdefault((row["extent"], row["variant"]), []).append(row["patchMilliseconds"])
        engines[row["variant"]] = row.get("engine", "")
print(f"{'patch':<8} {'variant':<10} {'rounds':>6} {'median ms':>10} {'patches/s':>10} {'segmpi is':>12}")
for (extent, variant), values in times.items():
    median = statistics.median(values)
    ratio = median / statistics.median(times[extent, "segmpi"])
    print(f"{str(extent) + '^3':<8} {variant:<10} {len(values):>6} {median:>10.1f} {1000 / median:>10.1f} "
          f"{f'{ratio:.1f}x as fast' if variant != 'segmpi' else '':>12}")
for variant, engine in engines.items():
    if engine:
        print(f"# {variant}: {engine}")
TABLE
