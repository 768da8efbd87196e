#!/bin/sh
# Four folds of unequal length on a few ranks, with free ranks joining folds under way
# (compute.elastic) and without, in turn; prints the median of the ratios of neighbors. Early
# stopping makes the folds unequal. Both ways must end in the same bytes.
set -eu

usage() {
  cat <<'USAGE'
usage: folds.sh [--rounds N] [--ranks N]

Environment: SEGMPI (default: .build/release/segmpi), MPIRUN (default: mpirun), PYTHON (default:
python3), the first relative to the root of the package.
USAGE
}

rounds=3 ranks=2
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
    --ranks) ranks=${2:?--ranks needs a number}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

cd "$(dirname "$0")/.."
segmpi=${SEGMPI:-.build/release/segmpi} mpirun=${MPIRUN:-mpirun} python=${PYTHON:-python3}
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
workshop=$(mktemp -d)
trap 'rm -rf "$workshop"' EXIT
export OMP_NUM_THREADS=1
"$segmpi" phantom "$workshop/data" --count 24 > /dev/null
cat > "$workshop/folds.yaml" << YAML
schema: 1
name: folds
data: {dataset: $workshop/data, folds: {count: 4, seed: 1}}
network: {kind: unet, features: 8, levels: 3}
optimizer: {kind: adam, learningRate: 0.002}
training:
  epochs: 30
  stepsPerEpoch: 10
  patch: [32, 32, 32]
  shards: 2
  validateEvery: 1
  precision: float32
  earlyStopping: {patience: 2, minimumDelta: 0.02, burnIn: 2}
YAML

# way true|false: trains all folds, and notes the seconds and the epochs of each fold.
way() {
  rm -rf "$workshop/$1"
  "$python" - "$workshop/$1" "$mpirun" "$ranks" "$segmpi" "$workshop/folds.yaml" "$1" \
    >> "$workshop/results" << 'PYTHON'
import json
import subprocess
import sys
import time

run, mpirun, ranks, segmpi, configuration, elastic = sys.argv[1:]
command = [*mpirun.split(), "-n", ranks, segmpi, "train", configuration, "--output", run]
begin = time.monotonic()
subprocess.run(
    [*command, "--progress", "none", "--set", f"compute.elastic={elastic}"],
    check=True, stdout=subprocess.DEVNULL,
)
seconds = time.monotonic() - begin
epochs = [sum(1 for _ in open(f"{run}/fold_{fold}/log.jsonl")) for fold in range(4)]
print(json.dumps({"elastic": elastic, "seconds": seconds, "epochs": epochs}))
PYTHON
}
round=0
while [ "$round" -lt "$rounds" ]; do
  way true
  way false
  round=$((round + 1))
done
for fold in 0 1 2 3; do
  for name in checkpoint_best checkpoint_final; do
    for file in "$workshop/true/fold_$fold/$name"*; do
      [ ! -e "$file" ] || cmp "$file" "$workshop/false/fold_$fold/${file##*/}"
    done
  done
done
"$python" - "$workshop/results" << 'PYTHON'
import json
import statistics
import sys

lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
elastic, static = lines[::2], lines[1::2]
ratios = [a["seconds"] / b["seconds"] for a, b in zip(elastic, static)]
print(f"epochs of the folds: {elastic[0]['epochs']}, the same bytes either way")
print(f"elastic: {statistics.median(a['seconds'] for a in elastic):.1f} s")
print(f"static:  {statistics.median(b['seconds'] for b in static):.1f} s")
print(
    f"elastic / static: {statistics.median(ratios):.3f} (median of {len(ratios)} pairs, "
    f"{min(ratios):.3f} to {max(ratios):.3f})"
)
PYTHON
