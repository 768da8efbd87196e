#!/bin/sh
# Times surface distances in segmpi and in other programs. How to prepare: Benchmarks/README.md.
set -eu

usage() {
  cat <<'USAGE'
usage: surfaces.sh [--rounds N] [--threads N] [LABELS]
       LABELS: a folder of hippocampus labels (.nii.gz); without it only the knee-sized pair is timed

Environment: SEGMPI (default: .build/release/segmpi), PYTHON (default: .venv-oracles/bin/python),
both relative to the root of the package.
USAGE
}

rounds=3 threads=2 labels=
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
    --threads) threads=${2:?--threads needs a number}; shift 2 ;;
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 64 ;;
    *) labels=$(cd "$1" && pwd); shift ;;
  esac
done
cd "$(dirname "$0")/.."
SEGMPI=${SEGMPI:-.build/release/segmpi}
python=${PYTHON:-.venv-oracles/bin/python}
for program in "$SEGMPI" "$python"; do
  if ! command -v "$program" >/dev/null; then
    echo "surfaces.sh: $program is missing; Benchmarks/README.md says how to make it" >&2
    exit 1
  fi
done
export SEGMPI
"$python" Benchmarks/surfaces/knee.py --rounds "$rounds" --threads "$threads"
if [ -n "$labels" ]; then
  echo
  "$python" Benchmarks/surfaces/hippocampus.py "$labels" --rounds "$rounds" --threads "$threads"
fi
