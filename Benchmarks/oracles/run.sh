#!/bin/sh
# Compares segmpi's figures with the reference tools' on random and degenerate input, all parts in
# turn. How to prepare: Benchmarks/README.md.
set -eu

usage() {
  cat <<'USAGE'
usage: run.sh [PART...]     PART: a script of this folder without its ending; all where left out

Environment: SEGMPI (default: .build/release/segmpi), PYTHON (default: .venv-oracles/bin/python),
both relative to the root of the package.
USAGE
}

case "${1:-}" in
  --help) usage; exit 0 ;;
  -*) usage >&2; exit 64 ;;
esac
cd "$(dirname "$0")/../.."
SEGMPI=${SEGMPI:-.build/release/segmpi}
python=${PYTHON:-.venv-oracles/bin/python}
for program in "$SEGMPI" "$python"; do
  if ! command -v "$program" >/dev/null; then
    echo "run.sh: $program is missing; Benchmarks/README.md says how to make it" >&2
    exit 1
  fi
done
export SEGMPI
if [ $# -eq 0 ]; then
  for file in Benchmarks/oracles/*.py; do
    case "$file" in */agreement.py | */dicom.py) ;; *) set -- "$@" "$(basename "$file" .py)" ;; esac
  done
fi
status=0
for part in "$@"; do
  echo
  "$python" "Benchmarks/oracles/$part.py" || status=1
done
exit $status
