#!/bin/sh
# Puts folds that were trained into folders of their own together into one run.
#
#   cluster/lib/gather.sh CONFIG RUN     takes RUN-fold-0, RUN-fold-1, …
#
# Their folders are copied, and `--continue` on what is complete measures every fold once more and
# writes the tables of all. SEGMPI is the program, SEGMPI_OPTIONS what the folds were trained with.
set -eu

config=${1:?usage: gather.sh CONFIG RUN}
run=${2:?usage: gather.sh CONFIG RUN}
[ ! -e "$run" ] || { echo "gather.sh: $run exists already; name another" >&2; exit 1; }
[ -d "$run-fold-0" ] || { echo "gather.sh: there is no $run-fold-0" >&2; exit 1; }
for part in "$run"-fold-*; do
  fold=${part##*-}
  if [ ! -e "$part/fold_$fold/checkpoint_final.safetensors" ]; then
    echo "gather.sh: fold $fold in $part is not complete" >&2
    exit 1
  fi
done
mkdir -p "$run"
for file in config.resolved.yaml splits_final.json provenance.json; do
  cp "$run-fold-0/$file" "$run/$file"
done
for part in "$run"-fold-*; do
  fold=${part##*-}
  cp -R "$part/fold_$fold" "$run/fold_$fold"
done
# The options are meant to be split into words.
# shellcheck disable=SC2086
exec "${SEGMPI:-segmpi}" train "$config" ${SEGMPI_OPTIONS:-} --output "$run" --continue
