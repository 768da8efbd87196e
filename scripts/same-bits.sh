#!/bin/sh
# Checks the first promise on a whole experiment: trains it alone and on several numbers of ranks,
# and compares every final checkpoint byte by byte.
#
#   scripts/same-bits.sh CONFIG "1 2 3" [option of segmpi train ...]
set -eu
cd "$(dirname "$0")/.."

segmpi=${SEGMPI_BINARY:-.build/release/segmpi}
config=${1:?which configuration?}
counts=${2:?which numbers of ranks, such as "1 2 3"?}
shift 2
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export OMPI_MCA_btl_vader_single_copy_mechanism=none

runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
echo "Training alone" >&2
"$segmpi" train "$config" "$@" --output "$runs/alone"
different=0
for count in $counts; do
  echo "Training on $count ranks" >&2
  # More ranks than cores must not be bound to cores, and must let each other work.
  mpirun -n "$count" --bind-to none --map-by slot:OVERSUBSCRIBE --mca mpi_yield_when_idle 1 \
    "$segmpi" train "$config" "$@" --output "$runs/$count"
  for checkpoint in "$runs"/alone/fold_*/checkpoint_final.safetensors; do
    cmp "$checkpoint" "$runs/$count/${checkpoint#"$runs"/alone/}" || different=1
  done
done
[ "$different" -eq 0 ] || { echo "same-bits.sh: checkpoints differ" >&2; exit 1; }
echo "Every final checkpoint is the same on $counts ranks as alone."
