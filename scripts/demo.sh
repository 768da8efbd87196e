#!/bin/sh
# The main job: a cross-validation of a 3D U-Net, four folds trained side by side under mpirun.
#
#   scripts/demo.sh                       synthetic femurs, made on the spot
#   scripts/demo.sh ../data/hippocampus   a data set in the Decathlon's or nnU-Net's layout
#
# An interrupted run is continued; otherwise each call makes a new folder under demo/.
set -eu
cd "$(dirname "$0")/.."

segmpi=.build/release/segmpi
data=${1:-}
if [ -z "$data" ]; then
  name=phantom
  recipe=recipes/demo.yaml
  data=demo/phantom
  # dataset.json is written last: a folder that has it is complete.
  [ -e "$data/dataset.json" ] || "$segmpi" phantom "$data" --count 40
else
  name=$(basename "$data")
  recipe=recipes/hippocampus.yaml
fi

# One rank a core, four at most: as many as there are folds. The kernel knows which cores are ours,
# lscpu which of them are two threads of one.
cores=$(nproc)
physical=$(lscpu --parse=CORE,SOCKET 2>/dev/null | grep -v '^#' | sort -u | wc -l)
[ "$physical" -eq 0 ] || [ "$physical" -ge "$cores" ] || cores=$physical
ranks=$((cores < 4 ? cores : 4))

# The last run of this data, if it did not come to its end.
number=1
run=demo/$name-$number
while [ -e "$run/crossval/summary.json" ]; do
  number=$((number + 1))
  run=demo/$name-$number
done
if [ -e "$run/config.resolved.yaml" ]; then
  if ! grep -qxF "  dataset: $data" "$run/config.resolved.yaml"; then
    echo "demo.sh: $run is an unfinished run on other data; remove or rename it" >&2
    exit 1
  fi
  echo "Continuing the interrupted run in $run" >&2
  set -- "$run/config.resolved.yaml" --continue
else
  set -- "$recipe" --set "data.dataset=$data"
fi

# Open MPI refuses root, as which containers often run, unless it is told twice.
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
# Containers often forbid the system call by which one rank reads another's memory.
export OMPI_MCA_btl_vader_single_copy_mechanism=none

echo "Training four folds on $ranks ranks into $run" >&2
exec mpirun -n "$ranks" --bind-to core:overload-allowed --map-by slot:OVERSUBSCRIBE \
  "$segmpi" train "$@" --output "$run"
