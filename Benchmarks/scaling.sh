#!/bin/sh
# Weak scaling of the training step: one rank with one patch beside several ranks with one patch
# each, one thread a rank, in turn; prints the median of the ratios of neighbors.
set -eu

usage() {
  cat <<'USAGE'
usage: scaling.sh [--rounds N] [--repetitions N] [--ranks N] [--precision float32|bfloat16]

Environment: SEGMPI (default: .build/release/segmpi), MPIRUN (default: mpirun), PYTHON (default:
python3), the first relative to the root of the package.
USAGE
}

rounds=7 repetitions=7 ranks=2 precision=float32
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
    --repetitions) repetitions=${2:?--repetitions needs a number}; shift 2 ;;
    --ranks) ranks=${2:?--ranks needs a power of two}; shift 2 ;;
    --precision) precision=${2:?--precision needs a name}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

cd "$(dirname "$0")/.."
segmpi=${SEGMPI:-.build/release/segmpi} mpirun=${MPIRUN:-mpirun} python=${PYTHON:-python3}
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
results=$(mktemp)
trap 'rm -f "$results"' EXIT
export OMP_NUM_THREADS=1
step() {
  $mpirun -n "$1" "$segmpi" bench step --json --threads 1 --shards "$1" \
    --repetitions "$repetitions" --precision "$precision" >> "$results"
}
round=0
while [ "$round" -lt "$rounds" ]; do
  step 1
  step "$ranks"
  round=$((round + 1))
done
"$python" - "$results" "$ranks" << 'PYTHON'
import json
import statistics
import sys

lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
one, many = lines[::2], lines[1::2]
ratios = [a["stepMilliseconds"] / b["stepMilliseconds"] for a, b in zip(one, many)]
print(f"1 rank:  {statistics.median(a['stepMilliseconds'] for a in one):.1f} ms a step of one patch")
print(
    f"{sys.argv[2]} ranks: {statistics.median(b['stepMilliseconds'] for b in many):.1f} ms a step of "
    f"one patch a rank, of which exposed communication "
    f"{statistics.median(b['parts']['exposed'] for b in many):.2f} ms"
)
print(
    f"efficiency: {statistics.median(ratios):.3f} (median of {len(ratios)} pairs, "
    f"{min(ratios):.3f} to {max(ratios):.3f})"
)
PYTHON
