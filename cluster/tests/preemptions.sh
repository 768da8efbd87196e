#!/bin/bash
# Asks a run to stop (SIGUSR1, SIGUSR2 to mpirun, SIGTERM to all ranks) at random times, and continues
# it on another number of ranks: it ends with 75, has lost one step at most, and the bytes in the end are
# those of a run that nobody disturbed.
#
#   cluster/tests/preemptions.sh [--count 50]
# Conditions are called by name.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

count=10
while [ $# -gt 0 ]; do
  case $1 in
    --count) count=$2; shift 2 ;;
    *) sed -n '2,/^# Cond/s/^# \{0,1\}//p' "$0" | head -n -1 >&2; exit 64 ;;
  esac
done

# Saved after epochs only, but for the wish to stop.
tiny_experiment 0
reference

is_listening() { [ -s "$1" ] || job_ended; }

limit=2
stops=0 stories=0 attempt=0 most_lost=0
: > "$workshop/times"
run=$workshop/story0
previous=
while [ "$stops" -lt "$count" ]; do
  attempt=$((attempt + 1))
  ranks=$((RANDOM % 5))
  log=$workshop/log$attempt
  start "$ranks" "$run" "$log"
  # Not before the program listens: until then a signal simply ends it, and nothing is lost.
  within 60 is_listening "$log"
  sleep "$(random_seconds 100 "${LATEST:-2500}")"
  begin=$(now)
  case $((RANDOM % 3)) in
    0) signal=USR1 ;;
    1) signal=USR2 ;;
    *) signal=TERM ;;
  esac
  if [ "$signal" = TERM ]; then
    # mpirun itself would kill its ranks a second later.
    # shellcheck disable=SC2046
    kill -TERM $(ranks_of "$run") 2> /dev/null
  else
    kill -"$signal" "$job" 2> /dev/null
  fi
  if ! ended_within $((60 + MARGIN)); then
    fault "$signal to $ranks ranks: still there after a minute: $(tail -n 3 "$log")"
    end_job "$run"
  fi
  time=$(since "$begin")
  gone_within 2 "$run" || fault "ranks outlive their job"
  if [ -n "$previous" ]; then
    steps=$(lost "$previous" "$log")
    [ "${steps:-0}" -le "$most_lost" ] || most_lost=$steps
    [ "${steps:-0}" -le 1 ] || fault "$steps steps were lost: $(tail -n 5 "$previous") then $(head -n 9 "$log")"
  fi
  previous=$log
  case $status in
    0)
      same_bytes "$run" || fault "story $stories ended in other bytes"
      stories=$((stories + 1))
      rm -rf "$run"
      run=$workshop/story$stories
      previous=
      ;;
    75)
      stops=$((stops + 1))
      echo "$time" >> "$workshop/times"
      grep -q -- --continue "$log" || fault "nothing says how to go on: $(tail -n 3 "$log")"
      [ "$time" -le $(((limit + MARGIN) * 1000)) ] \
        || fault "$signal to $ranks ranks: $(seconds "$time") s until the end, limit $limit s and $MARGIN s more"
      ;;
    *)
      fault "$signal to $ranks ranks: status $status, not 75: $(tail -n 3 "$log")"
      stops=$((stops + 1))
      ;;
  esac
done
start 3 "$run" "$workshop/last"
ended_within $((300 + MARGIN)) || fault "the last run does not end"
[ "$status" -eq 0 ] || fault "the last run ended with $status: $(tail -n 3 "$workshop/last")"
same_bytes "$run" || fault "the last story ended in other bytes"
figures "$stops stops in $((stories + 1)) runs, alone and on 1 to 4 ranks, all bytes compared; at most" \
  "$most_lost steps lost; the job was gone after $(middle "$workshop/times") s," \
  "at most $(most "$workshop/times") s (limit $((limit + MARGIN)) s)"
verdict
