# shellcheck shell=bash
# What the tests share: a folder to work in, tiny experiments, launching, comparing, figures.
# To be sourced. SEGMPI_BINARY is the program; SEED makes the random choices repeatable.

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tests/../.." && pwd)
segmpi=${SEGMPI_BINARY:-$root/.build/release/segmpi}
# Names processes of a test, so that every one of them is found at the end.
workshop=$(mktemp -d)
name=$(basename "$0" .sh)
faults=0
SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$SEED

# One line of figures for a case.
figures() { printf '%-12s %s\n' "$name" "$*"; }

# A case that did not hold; the test goes on and fails at its end.
fault() {
  printf '%-12s FAULT: %s\n' "$name" "$*"
  faults=$((faults + 1))
}

# Leaves with the status that cluster/tests/all.sh reads as skipped.
skip() {
  printf '%-12s SKIPPED: %s\n' "$name" "$*"
  exit 77
}

# The last line of a test.
verdict() {
  if [ "$faults" -eq 0 ]; then
    printf '%-12s passed\n' "$name"
    exit 0
  fi
  # What bash says of killed children is no news.
  grep -v ' Killed ' "$workshop/errors" >&2
  printf '%-12s FAILED with %s faults (SEED=%s repeats its choices)\n' "$name" "$faults" "$SEED"
  exit 1
}

# The processes of segmpi that write into a run's folder below the workshop.
ranks_of() { pgrep -f -- "^[^ ]*$(basename "$segmpi") train .*--output $1( |\$)"; }

# Ends what a test has started, and nothing else: what names its folder.
clean_up() {
  local processes
  processes=$(pgrep -f -- "$workshop" | grep -vx "$$")
  # shellcheck disable=SC2086
  [ -z "$processes" ] || kill -9 $processes 2> /dev/null
  rm -rf "$workshop"
}
trap clean_up EXIT
exec 2> "$workshop/errors"
trap 'exit 130' INT TERM

[ -x "$segmpi" ] || skip "there is no $segmpi: make build"
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export OMPI_MCA_btl_vader_single_copy_mechanism=none
# A machine that is busy with other things delays all; MARGIN, in seconds, is added to all limits.
MARGIN=${MARGIN:-0}

# All times are milliseconds; figures show seconds.
now() { echo "$((${EPOCHREALTIME/[.,]/} / 1000))"; }
since() { echo "$(($(now) - $1))"; }
seconds() { printf '%d.%02d' "$(($1 / 1000))" "$(($1 % 1000 / 10))"; }

# Waits until a command succeeds, some seconds at most: within 5 test -e FILE.
within() {
  local limit=$(($1 * 1000)) begin
  begin=$(now)
  shift
  until "$@"; do
    [ "$(since "$begin")" -lt "$limit" ] || return 1
    sleep 0.02
  done
}

# The median and the most of times, one a line of a file, in seconds.
middle() {
  local count
  count=$(wc -l < "$1")
  [ "$count" -eq 0 ] && echo "-" && return
  seconds "$(sort -g "$1" | sed -n "$(((count + 1) / 2))p")"
}
most() { seconds "$(sort -g "$1" | tail -n 1 | grep . || echo 0)"; }

# A random number of seconds between two numbers of milliseconds.
random_seconds() { seconds "$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1)))"; }

# Writes synthetic scans and a tiny experiment of four folds: tiny_experiment EVERY
# EVERY is training.checkpointEvery; EPOCHS and STEPS change its length.
tiny_experiment() {
  [ -d "$workshop/data" ] \
    || "$segmpi" phantom "$workshop/data" --count 8 --shape 20,16,20 > /dev/null || exit 1
  cat > "$workshop/tiny.yaml" << EOF
schema: 1
name: tiny
data: {dataset: $workshop/data, folds: {count: 4, seed: 1}}
network: {kind: unet, features: 4, levels: 2}
optimizer: {kind: adam, learningRate: 0.01}
augmentation: [{kind: flip, axes: [0]}, {kind: noise}]
training:
  {epochs: ${EPOCHS:-2}, stepsPerEpoch: ${STEPS:-40}, patch: [16, 16, 16], validateEvery: 1,
  precision: float32, checkpointEvery: $1}
EOF
}

# Fine-grained progress, where the program has it.
progress=()
if "$segmpi" train --help | grep -q -- --progress; then progress=(--progress table); fi

# Trains the tiny experiment alone; what all others must equal.
reference() {
  "$segmpi" train "$workshop/tiny.yaml" --output "$workshop/alone" > /dev/null \
    2> "$workshop/alone.log" || { cat "$workshop/alone.log"; fault "cannot train alone"; verdict; }
}

# Whether a finished run has the same bytes as the reference: weights, optimizer, tables.
same_bytes() {
  local file other result=0 count=0
  for file in "$workshop"/alone/fold_*/checkpoint_{best,final}.safetensors \
    "$workshop"/alone/fold_*/validation/{metrics.csv,*.nii.gz} \
    "$workshop"/alone/crossval/metrics.csv; do
    other=$1${file#"$workshop/alone"}
    cmp -s "$file" "$other" || { echo "differs: $other"; result=1; }
    count=$((count + 1))
  done
  [ "$count" -gt 8 ] || result=1
  return "$result"
}

# Starts a run in the background, on RANKS ranks (0: alone, without mpirun); its process is $job.
# start RANKS RUN LOG [option…]
start() {
  local count=$1 run=$2 log=$3
  shift 3
  local launch=()
  [ "$count" -eq 0 ] || launch=(mpirun -n "$count" --bind-to none --map-by slot:OVERSUBSCRIBE
    --mca mpi_yield_when_idle 1)
  # Not the last run's, even for a moment.
  : > "$log"
  "${launch[@]}" "$segmpi" train "$workshop/tiny.yaml" "${progress[@]}" --output "$run" \
    --continue "$@" > "$log" 2>&1 < /dev/null &
  job=$!
}

job_ended() { ! kill -0 "$job" 2> /dev/null; }

# Waits for $job for some seconds at most; its status in $status. False where it did not end.
ended_within() {
  within "$1" job_ended || return 1
  status=0
  wait "$job" || status=$?
  export status
}

# Ends a job that did not end, and all its ranks.
end_job() {
  # shellcheck disable=SC2046
  kill -9 "$job" $(ranks_of "$1") 2> /dev/null
  ended_within 10
}

none_left() { [ -z "$(ranks_of "$1")" ]; }
all_there() { [ "$(ranks_of "$1" | wc -l)" -ge "$2" ] || job_ended; }

# Whether no process of a run is left, within some seconds.
gone_within() { within "$1" none_left "$2"; }

# The step after which a fold was resumed, as a log tells: resumed LOG FOLD; 0 where it began anew.
resumed() {
  sed -n "s/.*fold $2 goes on after step \([0-9]*\).*/\1/p" "$1" | tail -n 1 | grep . || echo 0
}

# The last step of a fold that a log shows: shown LOG FOLD; empty where there is none.
shown() {
  tr '\r' '\n' < "$1" | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | sed -n \
    -e "s/^fold $2 \[[#.]*\] \([0-9]*\)\/[0-9]*.*/\1/p" \
    -e "s/^ *$2  .* \([0-9][0-9]*\)\/[0-9][0-9]*  .*/\1/p" | tail -n 1
}

# The most steps of any fold that LATER had to take again after EARLIER ended; empty if unknown.
lost() {
  local fold seen again most=
  for fold in 0 1 2 3; do
    seen=$(shown "$1" "$fold")
    [ -n "$seen" ] || continue
    # A fold that is complete goes on nowhere.
    again=$(sed -n "s/.*fold $fold goes on after step \([0-9]*\).*/\1/p" "$2" | tail -n 1)
    [ -n "$again" ] || grep -q "fold $fold " "$2" || continue
    [ -n "$again" ] || again=0
    [ $((seen - again)) -gt "${most:--1}" ] && most=$((seen - again > 0 ? seen - again : 0))
  done
  echo "$most"
}
