# shellcheck shell=sh
# What the job scripts share: to run segmpi, pass on the wish to stop, and start it again where that
# helps. To be sourced, with `set -u`.
#
#   SEGMPI            the program; segmpi in PATH where it is not set
#   SEGMPI_INTERFACE  the interface or the subnet between the hosts, such as ib0 or 192.0.2.0/24
#   SEGMPI_OPTIONS    more arguments of segmpi train, split at blanks
#   SEGMPI_RESTARTS   how often in a row to start again after a failure that left no new checkpoint
#   SEGMPI_PAUSE      seconds before the first new start; twice as many before each further one
#   SEGMPI_LINGER     seconds that the launcher gets to end after a watchdog has ended the job

SEGMPI=${SEGMPI:-segmpi}
SEGMPI_RESTARTS=${SEGMPI_RESTARTS:-3}
SEGMPI_PAUSE=${SEGMPI_PAUSE:-10}
SEGMPI_LINGER=${SEGMPI_LINGER:-20}

segmpi_say() { printf '%s segmpi-job: %s\n' "$(date '+%F %T')" "$*" >&2; }

# Settings of Open MPI that go to all hosts, with mpirun as with srun.
segmpi_environment() {
  # Root is refused unless it is meant twice.
  if [ "$(id -u)" -eq 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  # Containers and hardened kernels forbid the call by which one rank reads another's memory.
  export OMPI_MCA_btl_vader_single_copy_mechanism=none
  # Through one connection Open MPI 4 carries the two directions between two ranks in turn, not at once.
  export OMPI_MCA_btl_tcp_links="${OMPI_MCA_btl_tcp_links:-2}"
  if [ -n "${SEGMPI_INTERFACE:-}" ]; then
    export OMPI_MCA_btl_tcp_if_include="$SEGMPI_INTERFACE"
    export OMPI_MCA_oob_tcp_if_include="$SEGMPI_INTERFACE"
  fi
}

# A mark that changes whenever a run has saved something.
segmpi_saved() {
  find "$1" -name 'checkpoint_*.safetensors' -printf '%p %s %T@\n' 2> /dev/null | sort | cksum
}

# A mark that changes whenever a watchdog has ended a job of a run.
segmpi_verdict() { find "$1/flight" -name verdict.txt -printf '%i %T@\n' 2> /dev/null; }

# Ends a launcher that outlives its job: segmpi_guard RUN LAUNCHER VERDICT
#
# mpirun waits for its daemon on a host that was cut off until TCP gives up, a quarter of an hour. By
# then the ranks have ended, and left a verdict other than the one of before.
segmpi_guard() {
  # What is meant for the ranks ends no guard.
  trap '' USR1 USR2 INT
  while kill -0 "$2" 2> /dev/null; do
    sleep 1
    segmpi_now=$(segmpi_verdict "$1")
    case $segmpi_now in '' | "$3") continue ;; esac
    segmpi_left=$SEGMPI_LINGER
    while [ "$segmpi_left" -gt 0 ] && kill -0 "$2" 2> /dev/null; do
      sleep 1
      segmpi_left=$((segmpi_left - 1))
    done
    kill -0 "$2" 2> /dev/null || return 0
    segmpi_say "the watchdog has ended the job, and its launcher is still there after" \
      "$SEGMPI_LINGER s: ended, too"
    kill -TERM "$2" 2> /dev/null
    sleep 3
    kill -KILL "$2" 2> /dev/null
    return 0
  done
}

# What a signal that asks to stop does: the command gets SIGUSR1, which mpirun and srun pass on to all
# ranks, whereas SIGTERM would leave those of mpirun two seconds.
segmpi_stop() {
  segmpi_asked=1
  [ -z "$segmpi_child" ] || kill -USR1 "$segmpi_child" 2> /dev/null || true
}

# Runs a command to its end and returns its status, whatever signals come meanwhile.
segmpi_run() {
  "$@" &
  segmpi_child=$!
  segmpi_await
}

# The same with the launcher of a job, which is ended where it outlives the job; then the status is 70:
# segmpi_launch RUN LAUNCHER…
segmpi_launch() {
  segmpi_run_folder=$1
  shift
  segmpi_old=$(segmpi_verdict "$segmpi_run_folder")
  "$@" &
  segmpi_child=$!
  segmpi_guard "$segmpi_run_folder" "$segmpi_child" "$segmpi_old" &
  segmpi_guardian=$!
  segmpi_result=0
  segmpi_await || segmpi_result=$?
  kill "$segmpi_guardian" 2> /dev/null
  wait "$segmpi_guardian" 2> /dev/null
  if [ "$segmpi_result" -gt 128 ] \
    && [ "$segmpi_old" != "$(segmpi_verdict "$segmpi_run_folder")" ]; then
    segmpi_result=70
  fi
  return "$segmpi_result"
}

# Waits for the command that was begun last, and returns its status.
segmpi_await() {
  # A trap ends `wait` early, with a status of its own.
  while :; do
    segmpi_status=0
    wait "$segmpi_child" || segmpi_status=$?
    kill -0 "$segmpi_child" 2> /dev/null || break
  done
  # The status of a command that ended while a trap ran is still to be had.
  segmpi_last=0
  wait "$segmpi_child" 2> /dev/null || segmpi_last=$?
  [ "$segmpi_last" -eq 127 ] || segmpi_status=$segmpi_last
  segmpi_child=
  return "$segmpi_status"
}

# Runs a command again as long as that can help: segmpi_until_done RUN COMMAND…
#
# 0, and what only a person can mend (1: data or configuration, 64: usage), is returned at once; 75
# (stopped after a checkpoint) too, for the caller to decide. After 70 (a rank hung or failed) and
# after deaths by signals the command is run again; SEGMPI_RESTARTS times in a row at most, unless
# something was saved meanwhile. SIGUSR1, SIGUSR2, SIGTERM and SIGINT to this shell ask to stop.
segmpi_until_done() {
  segmpi_folder=$1
  shift
  segmpi_failures=0
  segmpi_asked=
  segmpi_child=
  trap segmpi_stop USR1 USR2 TERM INT
  while :; do
    segmpi_before=$(segmpi_saved "$segmpi_folder")
    segmpi_end=0
    segmpi_launch "$segmpi_folder" "$@" || segmpi_end=$?
    if [ -n "$segmpi_asked" ] && [ "$segmpi_end" -gt 128 ]; then
      # Died of the signal: it came before the program listened, so there was nothing to save.
      segmpi_end=75
    fi
    [ "$segmpi_end" -eq 70 ] || [ "$segmpi_end" -gt 128 ] || break
    [ -z "$segmpi_asked" ] || break
    [ "$segmpi_before" = "$(segmpi_saved "$segmpi_folder")" ] || segmpi_failures=0
    segmpi_failures=$((segmpi_failures + 1))
    if [ "$segmpi_failures" -gt "$SEGMPI_RESTARTS" ]; then
      segmpi_say "status $segmpi_end, and $SEGMPI_RESTARTS new starts brought nothing: giving up"
      break
    fi
    segmpi_delay=$((SEGMPI_PAUSE << (segmpi_failures - 1)))
    segmpi_say "status $segmpi_end; new start $segmpi_failures of $SEGMPI_RESTARTS" \
      "in $segmpi_delay s"
    segmpi_run sleep "$segmpi_delay" || true
    if [ -n "$segmpi_asked" ]; then
      segmpi_end=75
      break
    fi
  done
  trap - USR1 USR2 TERM INT
  return "$segmpi_end"
}
