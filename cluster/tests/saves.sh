#!/bin/bash
# Kills a run in the middle of saving a checkpoint, again and again: there is always a whole one to
# go on from. Then damages checkpoints, a random bit at a time: it is found, the one before is used,
# and a message says so.
#
#   cluster/tests/saves.sh [--count 500] [--flips 40]
# Conditions are called by name.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

count=50 flips=10
while [ $# -gt 0 ]; do
  case $1 in
    --count) count=$2; shift 2 ;;
    --flips) flips=$2; shift 2 ;;
    *) sed -n '2,/^# Cond/s/^# \{0,1\}//p' "$0" | head -n -1 >&2; exit 64 ;;
  esac
done

# Long enough to be killed all the time, saved after each step. One fold: only it is read.
EPOCHS=1000 STEPS=100 tiny_experiment 1
has_begun() { grep -q "goes on after step" "$1" || job_ended; }

run=$workshop/run
partial=$run/fold_0/.checkpoint_latest.safetensors.partial

inside=0 last=0 backward=0
for ((kill = 1; kill <= count; kill++)); do
  log=$workshop/log
  start $((RANDOM % 4 == 0 ? 2 : 0)) "$run" "$log" --fold 0
  # A few saves are let pass, then the next is hit at some moment of it.
  pass=$((RANDOM % 3)) jitter=$((RANDOM % 400))
  # What the last kill left behind is no save of this run.
  [ ! -e "$partial" ] || within 60 has_begun "$log"
  for ((save = 0; save <= pass; save++)); do
    until [ -e "$partial" ] || job_ended; do :; done
    [ "$save" -eq "$pass" ] || while [ -e "$partial" ] && ! job_ended; do :; done
  done
  for ((wait = 0; wait < jitter; wait++)); do :; done
  mapfile -t victims < <(ranks_of "$run")
  [ "${#victims[@]}" -eq 0 ] || kill -9 "${victims[@]}" 2> /dev/null
  ended_within $((60 + MARGIN)) || { fault "the job outlives its ranks"; end_job "$run"; }
  gone_within 5 "$run"
  [ "$status" -eq 137 ] || fault "kill $kill: status $status: $(tail -n 3 "$log")"
  [ ! -e "$partial" ] || inside=$((inside + 1))
  if grep -q damaged "$log"; then fault "kill $kill: torn: $(grep damaged "$log")"; fi
  step=$(resumed "$log" 0)
  [ "$step" -ge "$last" ] || backward=$((backward + 1))
  last=$step
done
[ "$backward" -eq 0 ] || fault "a run went on from an older step than the run before, $backward times"
figures "$count kills at a save, $inside of them left a half-written file: never a torn checkpoint;" \
  "the run went on from step $last in the end"
[ "$inside" -gt 0 ] || fault "no kill fell into a save: the test shows nothing"

# Whether continuing the run says that its latest checkpoint is damaged, and from which step it goes
# on.
goes_on() {
  start 0 "$1" "$workshop/log" --fold 0
  within 60 has_begun "$workshop/log"
  end_job "$1"
}

# A run with two generations of checkpoints.
start 0 "$run" "$workshop/log" --fold 0
within 60 test -e "$run/fold_0/checkpoint_previous.safetensors"
sleep 1
end_job "$run"
latest=$run/fold_0/checkpoint_latest.safetensors
if [ ! -e "$run/fold_0/checkpoint_previous.safetensors" ]; then
  fault "there is no checkpoint before the latest one"
  verdict
fi
found=0
size=$(stat -c %s "$latest")
for ((flip = 0; flip < flips; flip++)); do
  rm -rf "$workshop/damaged"
  cp -r "$run" "$workshop/damaged"
  # First and last byte, the length of the header, the header, anywhere.
  case $flip in
    0) place=0 ;;
    1) place=$((size - 1)) ;;
    2) place=7 ;;
    3) place=100 ;;
    *) place=$(((RANDOM * 32768 + RANDOM) % size)) ;;
  esac
  file=$workshop/damaged/fold_0/checkpoint_latest.safetensors
  byte=$(od -An -tu1 -j "$place" -N 1 "$file")
  # shellcheck disable=SC2059
  printf "\\x$(printf %x $((byte ^ (1 << RANDOM % 8))))" \
    | dd of="$file" bs=1 seek="$place" conv=notrunc status=none
  goes_on "$workshop/damaged"
  if grep -q "checkpoint_latest.safetensors is damaged.*checkpoint_previous" "$workshop/log" \
    && grep -q "goes on after step" "$workshop/log"; then
    found=$((found + 1))
  else
    fault "a changed bit in byte $place of $size was not found, status $status: $(head -n 5 "$workshop/log")"
  fi
done
figures "$found of $flips changed bits found in a checkpoint of $size bytes, named, the one before used"
verdict
