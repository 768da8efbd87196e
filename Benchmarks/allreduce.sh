#!/bin/sh
# Times MPI_Allreduce through segmpi's communicator and from plain C, in turn, and prints the medians
# of the ratios of neighbors: what the wrapper costs. Then the ordered all-reduce beside the library's.
# Benchmarks/README.md says more.
set -eu

usage() {
  cat <<'USAGE'
usage: allreduce.sh [--rounds N] [--repetitions N] [--ranks N] [--sizes "BYTES BYTES ..."]

Environment: SEGMPI (default: .build/release/segmpi), MPIRUN (default: mpirun), MPICC (default:
mpicc), PYTHON (default: python3), the first relative to the root of the package.
USAGE
}

rounds=9 repetitions=51 ranks=2 sizes="4096 16384 65536 262144 1048576 4194304"
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
    --repetitions) repetitions=${2:?--repetitions needs a number}; shift 2 ;;
    --ranks) ranks=${2:?--ranks needs a number}; shift 2 ;;
    --sizes) sizes=${2:?--sizes needs numbers}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

cd "$(dirname "$0")/.."
segmpi=${SEGMPI:-.build/release/segmpi} mpirun=${MPIRUN:-mpirun} mpicc=${MPICC:-mpicc}
python=${PYTHON:-python3}
for program in "$segmpi" "$mpirun" "$mpicc" "$python"; do
  if ! command -v "${program%% *}" > /dev/null; then
    echo "allreduce.sh: $program is missing; Benchmarks/README.md says how to make it" >&2
    exit 1
  fi
done
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$mpicc" -O2 -o "$folder/allreduce" Benchmarks/mpi/allreduce.c

# A few in a row, so that a timing is much longer than what the clock and the barrier cost.
together=16
list=$(echo "$sizes" | tr ' ' ',')
round=0
while [ "$round" -lt "$rounds" ]; do
  # shellcheck disable=SC2086
  $mpirun -n "$ranks" "$folder/allreduce" "$repetitions" "$together" $sizes >> "$folder/c"
  $mpirun -n "$ranks" "$segmpi" bench allreduce --json --library-only --sizes "$list" \
    --repetitions "$repetitions" --back-to-back "$together" >> "$folder/swift"
  round=$((round + 1))
done
"$python" Benchmarks/pairs.py "$folder/swift" "$folder/c"
echo
$mpirun -n "$ranks" "$segmpi" bench allreduce --sizes "$list" --repetitions "$repetitions"
