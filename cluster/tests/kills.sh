#!/bin/bash
# Kills a random rank (SIGKILL) at a random time, again and again; each time the run is continued on
# another number of ranks, 1 to 4. In the end the bytes are those of a run that nobody disturbed, and
# no kill has cost more than the steps between two checkpoints.
#
#   cluster/tests/kills.sh [--count 200]
# Conditions are called by name.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

count=20
while [ $# -gt 0 ]; do
  case $1 in
    --count) count=$2; shift 2 ;;
    *) sed -n '2,/^# Cond/s/^# \{0,1\}//p' "$0" | head -n -1 >&2; exit 64 ;;
  esac
done

interval=10
has_saved() { find "$run" -name 'checkpoint_latest*' -newer "$workshop/mark" | grep -q . || job_ended; }
tiny_experiment "$interval"
reference

kills=0 stories=0 most_lost=0 unseen=0 attempt=0
: > "$workshop/deaths"
run=$workshop/story0
previous=
while [ "$kills" -lt "$count" ]; do
  attempt=$((attempt + 1))
  ranks=$((1 + RANDOM % 4))
  log=$workshop/log$attempt
  touch "$workshop/mark"
  start "$ranks" "$run" "$log"
  # A kill in four falls anywhere from the start on, the others after a save: there must be progress.
  within 60 all_there "$run" "$ranks"
  [ $((RANDOM % 4)) -eq 0 ] || within 60 has_saved
  sleep "$(random_seconds 0 "${LATEST:-2000}")"
  mapfile -t victims < <(ranks_of "$run")
  begin=$(now)
  if [ "${#victims[@]}" -gt 0 ]; then kill -9 "${victims[RANDOM % ${#victims[@]}]}" 2> /dev/null; fi
  if ! ended_within $((60 + MARGIN)); then
    fault "mpirun of $ranks ranks still waits a minute after a rank was killed: $log"
    end_job "$run"
  fi
  gone_within $((2 + MARGIN)) "$run" || fault "ranks outlive their job: $(ranks_of "$run")"
  if grep -q damaged "$log"; then fault "a checkpoint was torn: $(grep damaged "$log")"; fi
  if [ -n "$previous" ]; then
    steps=$(lost "$previous" "$log")
    if [ -z "$steps" ]; then
      unseen=$((unseen + 1))
    elif [ "$steps" -gt "$most_lost" ]; then
      most_lost=$steps
    fi
    [ "${steps:-0}" -le "$interval" ] \
      || fault "$steps steps were lost between $(tail -n 5 "$previous") and $(head -n 9 "$log")"
  fi
  if [ "$status" -eq 0 ]; then
    same_bytes "$run" || fault "story $stories ended in other bytes"
    stories=$((stories + 1))
    rm -rf "$run"
    run=$workshop/story$stories
    previous=
  elif [ "$status" -eq 137 ]; then
    kills=$((kills + 1))
    since "$begin" >> "$workshop/deaths"
    previous=$log
  else
    fault "status $status after a kill, not 137: $(tail -n 3 "$log")"
    kills=$((kills + 1))
    previous=
  fi
done
# The last story, undisturbed.
start 2 "$run" "$workshop/last"
ended_within $((300 + MARGIN)) || fault "the last run does not end"
[ "$status" -eq 0 ] || fault "the last run ended with $status: $(tail -n 3 "$workshop/last")"
same_bytes "$run" || fault "the last story ended in other bytes"

figures "$kills kills of a rank in $((stories + 1)) runs on 1 to 4 ranks, all bytes compared;" \
  "at most $most_lost of $interval steps lost ($unseen kills before a step was shown);" \
  "the job was gone after $(middle "$workshop/deaths") s, at most $(most "$workshop/deaths") s"
verdict
