#!/bin/sh
# Times the reference training step in segmpi and in PyTorch, in turn, and prints medians.
# How to prepare: Benchmarks/README.md.
set -eu

usage() {
  cat <<'USAGE'
usage: step.sh [--rounds N] [--repetitions N] [--threads N] [--precision float32|bfloat16|both]
               [--compile]

Environment: SEGMPI (default: .build/release/segmpi), PYTHON (default: .venv/bin/python),
both relative to the root of the package.
USAGE
}

rounds=3 repetitions=10 threads=2 precisions="float32 bfloat16" compile=no
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
    --repetitions) repetitions=${2:?--repetitions needs a number}; shift 2 ;;
    --threads) threads=${2:?--threads needs a number}; shift 2 ;;
    --precision)
      precisions=${2:?--precision needs a name}
      [ "$precisions" != both ] || precisions="float32 bfloat16"
      shift 2 ;;
    --compile) compile=yes; shift ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

cd "$(dirname "$0")/.."
segmpi=${SEGMPI:-.build/release/segmpi}
python=${PYTHON:-.venv/bin/python}
for program in "$segmpi" "$python"; do
  if ! command -v "$program" >/dev/null; then
    echo "step.sh: $program is missing; Benchmarks/README.md says how to make it" >&2
    exit 1
  fi
done
results=$(mktemp)
trap 'rm -f "$results" "$results.one"' EXIT

# record VARIANT PRECISION COMMAND...: runs it and keeps its JSON with the variant's name.
record() {
  variant=$1 precision=$2
  shift 2
  echo "$variant, $precision" >&2
  "$@" >"$results.one"
  "$python" -c 'import json, sys
row = json.loads(sys.stdin.read())
row.update(variant=sys.argv[1], precision=sys.argv[2])
print(json.dumps(row))' "$variant" "$precision" <"$results.one" >>"$results"
}

export OMP_NUM_THREADS="$threads"
torch() {
  precision=$1
  shift
  "$python" Benchmarks/pytorch/step.py --precision "$precision" --threads "$threads" \
    --repetitions "$repetitions" "$@"
}

round=0
while [ "$round" -lt "$rounds" ]; do
  for precision in $precisions; do
    record segmpi "$precision" "$segmpi" bench step --json --precision "$precision" \
      --threads "$threads" --repetitions "$repetitions"
    record "PyTorch default" "$precision" torch "$precision" --layout default
    record segmpi "$precision" "$segmpi" bench step --json --precision "$precision" \
      --threads "$threads" --repetitions "$repetitions"
    record "PyTorch channels-last" "$precision" torch "$precision" --layout channels-last
    if [ "$compile" = yes ]; then
      record "PyTorch compiled" "$precision" torch "$precision" --layout channels-last --compile
    fi
  done
  round=$((round + 1))
done

echo "# $(uname -srm); $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)"
echo "# $threads threads, $rounds rounds of $repetitions repetitions"
"$python" Benchmarks/table.py "$results"
