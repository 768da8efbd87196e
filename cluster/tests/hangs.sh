#!/bin/bash
# Stops a rank (SIGSTOP) or cuts a host off its wire (ip link set down): every process ends within the
# watchdog's time and three seconds, with status 70 and a line that names rank and host. mpirun, which
# waits for a lost host much longer, is ended by what the job scripts share.
#
#   cluster/tests/hangs.sh [--count 3] [--timeout 10]
#
# On four hosts of the testbed; on one host where there are none, without cut wires.
# Conditions are called by name.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=hosts-lib.sh
. "$tests/hosts-lib.sh"

count=1 timeout=10
while [ $# -gt 0 ]; do
  case $1 in
    --count) count=$2; shift 2 ;;
    --timeout) timeout=$2; shift 2 ;;
    *) sed -n '2,/^# Cond/s/^# \{0,1\}//p' "$0" | head -n -1 >&2; exit 64 ;;
  esac
done
"$segmpi" train --help | grep -q -- --watchdog || skip "$segmpi has no watchdog"

limit=$(((timeout + 3 + MARGIN) * 1000))
# Long enough to hang in; three folds at a time would leave no rank waiting for another.
EPOCHS=1000 STEPS=500 tiny_experiment 50
: > "$workshop/times"
linger=3 patience=5

# The rank that a process is.
rank_of() { tr '\0' '\n' < "/proc/$1/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p'; }

is_training() { [ -e "$1/fold_0/checkpoint_latest.safetensors" ] || job_ended; }

# judge HOW RUN LOG RANK HOST BEGIN: waits until all of it is gone, and judges.
judge() {
  local how=$1 run=$2 log=$3 rank=$4 host=$5 begin=$6 time
  if ! within $((timeout + 60)) none_left "$run"; then
    fault "$how: processes are left: $(ranks_of "$run")"
    end_job "$run"
    return
  fi
  time=$(since "$begin")
  if ended_within "$patience"; then
    [ "$status" -eq 70 ] || fault "$how: status $status, not 70"
  else
    fault "$how: mpirun is left"
    end_job "$run"
  fi
  echo "$time" >> "$workshop/times"
  [ "$time" -le "$limit" ] || fault "$how: gone after $(seconds "$time") s"
  grep -q "rank $rank on $host\b" "$log" \
    || fault "$how: rank $rank on $host is not named: $(grep 'segmpi: ' "$log")"
  printf '%-12s %s\n' "$name" "$how, $(seconds "$time") s: $(grep -m 1 'segmpi: rank' "$log")"
}

# On all hosts, as the job scripts do it.
start_guarded() {
  local run=$1 log=$2
  shift 2
  : > "$log"
  (
    # shellcheck source=../lib/job.sh
    . "$root/cluster/lib/job.sh"
    SEGMPI_LINGER=$linger
    segmpi_launch "$run" "$testbed" mpirun --mca mpi_yield_when_idle 1 "$segmpi" train \
      "$workshop/tiny.yaml" "${progress[@]}" --output "$run" --continue "$@"
  ) > "$log" 2>&1 < /dev/null &
  job=$!
}

begin_run() {
  run=$workshop/run$1
  log=$workshop/log$1
  if [[ $1 == cut* ]]; then
    start_guarded "$run" "$log" --fold 0 --watchdog "$timeout"
  elif [ -n "$has_hosts" ]; then
    start_on_hosts "$run" "$log" --fold 0 --watchdog "$timeout"
  else
    start 3 "$run" "$log" --fold 0 --watchdog "$timeout"
  fi
  within 120 is_training "$run"
  # Every rank tells of its steps once a second.
  sleep 2
}

has_hosts=
if [ "$(id -u)" -eq 0 ] && command -v tc > /dev/null && unshare --net --uts true \
  && ! ip netns list | grep -q '^segmpi-'; then
  hosts_up 4 1gbit
  has_hosts=$count
fi
lingering=0
for ((trial = 0; trial < count; trial++)); do
  begin_run "stop$trial"
  mapfile -t ranks < <(ranks_of "$run")
  if [ "${#ranks[@]}" -lt 3 ]; then fault "no ranks: $(cat "$log")"; continue; fi
  victim=${ranks[RANDOM % ${#ranks[@]}]}
  rank=$(rank_of "$victim")
  host=$(hostname)
  [ -z "$has_hosts" ] || host=segmpi-host$rank
  begin=$(now)
  kill -STOP "$victim"
  judge "rank $rank stopped" "$run" "$log" "$rank" "$host" "$begin"
  [ -s "$run/flight/rank_$rank.jsonl" ] || fault "there is no flight record of rank $rank"
  grep -q "last seen at fold 0, step" "$run/flight/verdict.txt" \
    || fault "where rank $rank stood is not told: $(cat "$run/flight/verdict.txt")"
done
if [ -n "$has_hosts" ]; then
  for ((trial = 0; trial < count; trial++)); do
    begin_run "cut$trial"
    # Not the host of mpirun and rank 0: each of the others is cut off from those two alike.
    rank=$((1 + RANDOM % 3))
    begin=$(now)
    "$testbed" cut "$rank"
    patience=$((linger + 8 + MARGIN))
    judge "host $rank cut off" "$run" "$log" "$rank" "segmpi-host$rank" "$begin"
    grep -q "its launcher is still there after $linger s" "$log" && lingering=$((lingering + 1))
    "$testbed" join "$rank"
  done
fi
figures "$count ranks stopped, ${has_hosts:-no} hosts cut off," \
  "with a watchdog of $timeout s: gone after $(middle "$workshop/times") s," \
  "at most $(most "$workshop/times") s (limit $(seconds "$limit") s);" \
  "$lingering times mpirun itself still waited for the lost host and was ended"
verdict
