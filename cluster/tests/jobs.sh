#!/bin/bash
# What the job scripts do after each exit status, with a program that pretends.
# Conditions are called by name.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mkdir "$workshop/bin" "$workshop/run" "$workshop/run/fold_0"
# Ends with the next of the statuses in the file `plan`; `saved` before one saves a checkpoint, `wait`
# waits for SIGUSR1 and ends with 75; `lingers` is a launcher whose job a watchdog has ended.
cat > "$workshop/bin/segmpi" << EOF
#!/bin/bash
echo "\$*" >> $workshop/calls
next=\$(head -n 1 $workshop/plan)
sed -i 1d $workshop/plan
case \$next in
  wait) trap 'exit 75' USR1; touch $workshop/waits; for i in {1..400}; do sleep 0.05; done; exit 3 ;;
  slow) sleep 4; exit 0 ;;
  deaf) touch $workshop/waits; sleep 20 ;;
  saved*) echo \$RANDOM\$RANDOM > $workshop/run/fold_0/checkpoint_latest.safetensors; exit \${next#saved} ;;
  kill) kill -9 \$\$ ;;
  lingers)
    mkdir -p $workshop/run/flight
    echo "rank 1 is guilty" > $workshop/run/flight/verdict.txt
    trap '' TERM
    for i in {1..400}; do sleep 0.05; done
    exit 3
    ;;
  *) exit \$next ;;
esac
EOF
# An mpirun that starts one process.
cat > "$workshop/bin/mpirun" << 'EOF'
#!/bin/bash
while [ $# -gt 0 ]; do
  case $1 in
    */segmpi | segmpi) exec "$@" ;;
    *) shift ;;
  esac
done
exit 99
EOF
chmod +x "$workshop"/bin/*
echo "localhost slots=1" > "$workshop/hosts"

# expect NAME STATUS CALLS PLAN…: runs the script for host files against a plan.
expect() {
  local case=$1 expected=$2 calls=$3 result=0
  shift 3
  printf '%s\n' "$@" > "$workshop/plan"
  rm -f "$workshop/calls" "$workshop/waits"
  touch "$workshop/calls"
  PATH=$workshop/bin:$PATH SEGMPI=segmpi SEGMPI_PAUSE=0 SEGMPI_RESTARTS=2 SEGMPI_RESUMES=2 \
    SEGMPI_LINGER=1 \
    "$root/cluster/hostfile/train.sh" "$workshop/hosts" config.yaml "$workshop/run" \
    > "$workshop/log" 2>&1 &
  job=$!
  if [ -n "${STOP:-}" ]; then
    within 10 test -e "$workshop/waits"
    kill -"$STOP" "$job"
  fi
  ended_within 30 || { fault "$case: does not end"; kill -9 "$job"; ended_within 5; }
  result=$status
  [ "$result" -eq "$expected" ] || fault "$case: status $result, not $expected: $(cat "$workshop/log")"
  [ "$(wc -l < "$workshop/calls")" -eq "$calls" ] \
    || fault "$case: $(wc -l < "$workshop/calls") starts, not $calls"
  cases=$((cases + 1))
}

cases=0
expect "a run that ends well is run once" 0 1 0
expect "a fault in data is not tried again" 1 1 1 0
expect "nor a command line that is not understood" 64 1 64 0
expect "a failed peer is tried again" 0 2 70 0
expect "a killed rank is tried again" 0 2 kill 0
expect "not for ever" 70 3 70 70 70 70
expect "what saves something gets all its tries anew" 0 7 70 70 saved70 70 saved70 70 0
expect "a launcher that outlives its job is ended, and the run goes on" 0 2 lingers 0
grep -q "its launcher is still there after 1 s" "$workshop/log" \
  || fault "nothing is said of the launcher: $(cat "$workshop/log")"
expect "what is left of that verdict ends no later job" 0 1 slow
expect "again, with other verdicts, a bounded number of times" 70 3 lingers lingers lingers lingers
expect "a stop by others goes on" 0 2 75 0
expect "a bounded number of times" 75 3 75 75 75 75
for STOP in USR1 USR2 TERM; do
  expect "$STOP to the script reaches the ranks and ends it" 75 1 wait 0
  expect "$STOP before the program listens is a stop, too" 75 1 deaf 0
done
unset STOP
grep -q -- "train config.yaml --output $workshop/run --continue" "$workshop/calls" \
  || fault "the command is $(cat "$workshop/calls")"
figures "$cases cases of statuses and signals"
verdict
