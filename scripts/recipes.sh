#!/bin/sh
# Trains recipes for 20 steps at reduced size on synthetic femurs, alone and on two ranks: the mean
# loss of the last five steps must be below that of the first five, and both must leave the same
# bytes.
#
#   scripts/recipes.sh                                 every recipe of a paper
#   scripts/recipes.sh recipes/zeng-2017/scratch.yaml  these
#   scripts/recipes.sh --sample                        one of each kind of network
#   scripts/recipes.sh --describe [RECIPE ...]         only show the reduced networks' parameters
set -eu
cd "$(dirname "$0")/.."

segmpi=${SEGMPI_BINARY:-.build/release/segmpi}
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export OMPI_MCA_btl_vader_single_copy_mechanism=none

# What makes every experiment short: phantoms of 36 x 28 x 36 voxels with femur and head.
common='
data.folds={count: 2, seed: 1}
training.epochs=4
training.stepsPerEpoch=5
training.stages=[]
training.earlyStopping=null
training.validateEvery=0
training.shards=2
training.shardSize=1
training.precision=float32
training.foregroundFraction=1
evaluation={surface: null, curves: false}
compute.threads=1
'

# What makes a family's network and patch small. The first pattern that matches a recipe counts.
reductions() {
  case $1 in
    deniz-2018/2d-unpadded-*-l3*) echo 'network.features=8
training.patch=[1, 108, 108]' ;;
    deniz-2018/2d-unpadded-*-l4*) echo 'network.features=8
training.patch=[1, 204, 204]' ;;
    deniz-2018/2d-*) echo 'network.features=4
training.patch=[1, 32, 32]' ;;
    deniz-2018/3d-*) echo 'network.features=4
preparation.size=[null, 32, 32]
training.patch=[16, 32, 32]' ;;
    kayalibay-2017/brats) echo 'network.features=4
training.patch=[32, 24, 32]' ;;
    kayalibay-2017/*) echo 'network.features=4
preparation.size=[32, 32, 32]
training.patch=[32, 32, 32]' ;;
    # The weights of C3D are not at hand.
    zeng-2017/transfer) echo 'network.features=4
training.patch=[24, 24, 24]
initialize={}' ;;
    zeng-2017/*) echo 'network.features=4
training.patch=[24, 24, 24]' ;;
    desai-2019/unet-3d) echo 'network.features=4
network.levels=4
preparation.size=[16, null, null]
training.patch=[16, 32, 32]' ;;
    desai-2019/unet*) echo 'network.features=4
network.levels=4
preparation.size=[16, null, null]
training.patch=[1, 24, 32]
training.shardSize=2' ;;
    desai-2019/segnet | originals/segnet) echo 'network.features=[4, 8, 8]
network.convolutions=[2, 2, 2]
training.patch=[1, 24, 32]
training.shardSize=2' ;;
    # A pyramid that pools the image normalizes over the shard.
    */deeplab-v3-plus) echo 'network.width=0.06
network.middleBlocks=1
training.patch=[1, 24, 32]
training.shardSize=4' ;;
    imperial/slice-vnet) echo 'network.features=4
network.variant=original
network.dropout=0
training.patch=[5, 24, 32]' ;;
    # Their second input looks at the coarsest maps.
    imperial/small-relative-unet-160) echo 'network.features=4
network.dropout=0
training.patch=[64, 64, 64]' ;;
    imperial/small-relative-vnet-160) echo 'network.features=4
network.variant=original
network.dropout=0
training.patch=[64, 64, 64]' ;;
    imperial/*-unet-160) echo 'network.features=4
network.dropout=0
training.patch=[32, 24, 32]' ;;
    imperial/*vnet*) echo 'network.features=4
network.variant=original
network.dropout=0
training.patch=[32, 16, 32]' ;;
    imperial/2d-tiramisu | originals/fc-densenet*) echo 'network.features=8
network.growth=4
network.encoderLayers=[2, 2, 2]
network.centerLayers=2
training.patch=[1, 24, 32]
training.shardSize=2' ;;
    imperial/2d-* | originals/multires-unet | originals/attention-unet | originals/r2-*)
      echo 'network.features=8
network.levels=4
training.patch=[1, 24, 32]
training.shardSize=2' ;;
    originals/3d-unet) echo 'network.features=4
network.levels=3
training.patch=[52, 52, 52]' ;;
    originals/unet) echo 'network.features=4
network.dropoutFromLevel=3
network.levels=4
training.patch=[1, 108, 108]' ;;
    originals/v-net | originals/attention-unet-3d) echo 'network.features=4
training.patch=[32, 16, 32]' ;;
    *) echo "recipes.sh: $1 belongs to no family; add it here" >&2; exit 1 ;;
  esac
}

# Twenty steps at the papers' rates would hardly move a loss.
rate() {
  case $(sed -n '/^optimizer/,/^schedule/p' "$1") in
    *'kind: sgd'*) echo 0.02 ;;
    *) echo 0.005 ;;
  esac
}

sample='deniz-2018/2d-unpadded-f64-l3 deniz-2018/3d-f32-l4-dilated-1-2-4-8 kayalibay-2017/hand-concat
zeng-2017/scratch desai-2019/unet desai-2019/segnet desai-2019/deeplab-v3-plus
imperial/slice-vnet imperial/large-relative-vnet-240 imperial/2d-tiramisu originals/v-net'

only_describe=
case ${1:-} in
  --describe) only_describe=1; shift ;;
  --sample) shift
    for name in $sample; do set -- "$@" "recipes/$name.yaml"; done ;;
esac
[ $# -gt 0 ] || set -- recipes/*/*.yaml

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -n "$only_describe" ] || "$segmpi" phantom "$work/phantom" --count 8 --shape 36,28,36 >&2

# The mean loss of an epoch, from its line of the log.
loss() {
  sed -n "$2s/.*\"loss\":\([^,}]*\).*/\1/p" "$1/fold_0/log.jsonl"
}

# Trains one recipe both ways: its file, its family's name.
try() {
  file=$1
  name=$2
  set -- --set "data.dataset=$work/phantom" --set "optimizer.learningRate=$(rate "$file")"
  settings=$(reductions "$name") || return 1
  while IFS= read -r setting; do
    [ -z "$setting" ] || set -- "$@" --set "$setting"
  done <<EOF
$common
$settings
EOF
  if [ -n "$only_describe" ]; then
    printf '%s: ' "$name"
    "$segmpi" describe "$file" "$@" --channels 1 --classes 3 >"$work/out" || return 1
    sed -n 's/^parameters  *//p' "$work/out"
    return
  fi
  # In a condition, as this is called, the shell does not stop at a failure by itself.
  rm -rf "$work/alone" "$work/both"
  "$segmpi" train "$file" "$@" --fold 0 --progress none --output "$work/alone" >"$work/out" \
    || return 1
  mpirun -n 2 --bind-to none --map-by slot:OVERSUBSCRIBE --mca mpi_yield_when_idle 1 \
    "$segmpi" train "$file" "$@" --fold 0 --progress none --output "$work/both" >"$work/out" \
    || return 1
  cmp "$work/alone/fold_0/checkpoint_final.safetensors" \
    "$work/both/fold_0/checkpoint_final.safetensors" || return 1
  first=$(loss "$work/alone" 1)
  last=$(loss "$work/alone" 4)
  awk -v first="$first" -v last="$last" -v name="$name" 'BEGIN {
    falls = first != "" && last != "" && last + 0 < first + 0
    printf "%-45s loss %.4f to %.4f%s\n", name, first, last, falls ? "" : ": does not fall"
    exit !falls
  }'
}

failed=
for file in "$@"; do
  name=${file#recipes/}
  name=${name%.yaml}
  try "$file" "$name" || failed="$failed $name"
done
[ -z "$failed" ] || { echo "recipes.sh: failed:$failed" >&2; exit 1; }
