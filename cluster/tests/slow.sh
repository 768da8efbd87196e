#!/bin/bash
# One rank is five times as slow as the others (it runs a fifth of the time): the watchdog must not
# take it for one that hangs.
#
#   cluster/tests/slow.sh [--minutes 30] [--timeout 10]
# Conditions are called by name.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

minutes=1 timeout=10
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) minutes=$2; shift 2 ;;
    --timeout) timeout=$2; shift 2 ;;
    *) sed -n '2,/^# Cond/s/^# \{0,1\}//p' "$0" | head -n -1 >&2; exit 64 ;;
  esac
done
"$segmpi" train --help | grep -q -- --watchdog || skip "$segmpi has no watchdog"

EPOCHS=100000 STEPS=500 tiny_experiment 50
run=$workshop/run
start 3 "$run" "$workshop/log" --fold 0 --watchdog "$timeout"
is_training() { [ -e "$run/fold_0/checkpoint_latest.safetensors" ] || job_ended; }
within 120 is_training
mapfile -t ranks < <(ranks_of "$run")
[ "${#ranks[@]}" -eq 3 ] || { fault "no ranks: $(tail -n 5 "$workshop/log")"; verdict; }
victim=${ranks[RANDOM % 3]}
begin=$(now)
while [ "$(since "$begin")" -lt $((minutes * 60000)) ] && ! job_ended; do
  kill -STOP "$victim" && sleep 0.4
  kill -CONT "$victim" && sleep 0.1
done 2> /dev/null
time=$(seconds "$(since "$begin")")
if job_ended; then
  ended_within 1
  fault "a false alarm after $time s, status $status: $(tail -n 3 "$workshop/log")"
  verdict
fi
kill -USR1 "$job"
ended_within $((60 + MARGIN)) || { fault "does not stop"; end_job "$run"; }
[ "$status" -eq 75 ] || fault "status $status, not 75"
figures "$time s with one of three ranks five times as slow and a watchdog of $timeout s: no alarm"
verdict
