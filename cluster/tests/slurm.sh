#!/bin/bash
# A real Slurm on two hosts of the testbed runs the batch scripts: a job is told to stop by
# `scancel --signal=USR1`, is preempted by another, is cancelled; what goes on ends with the same
# bytes as alone. An array of folds is gathered into one run.
#
#   cluster/tests/slurm.sh
# Conditions are called by name.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=hosts-lib.sh
. "$tests/hosts-lib.sh"
# shellcheck source=slurm-cluster.sh
. "$tests/slurm-cluster.sh"

for program in slurmctld slurmd sbatch munged; do
  command -v $program > /dev/null || skip "there is no $program (apt-get install slurm-wlm munge)"
done
hosts_up 2 1gbit
trap 'slurm_down; hosts_down; clean_up' EXIT
slurm_up 2 || { fault "Slurm does not start"; verdict; }

EPOCHS=4 tiny_experiment 0
reference
export SEGMPI=$segmpi SEGMPI_HOME=$root SEGMPI_INTERFACE=192.0.2.0/24 SEGMPI_PAUSE=1

state() { login squeue --noheader --states=all --jobs="$1" --format=%T 2> /dev/null | sort -u; }
is_in() { [ "$(state "$1")" = "$2" ]; }
is_over() { case $(state "$1") in COMPLETED | FAILED | CANCELLED | '') ;; *) return 1 ;; esac; }
starts() { grep -c "segmpi-job: job .* start" "$workshop/$1.log"; }
has_started() { [ "$(starts "$1")" -ge "$2" ]; }
# From the start on, the training has begun to write its run.
is_running() { [ -e "$workshop/$1/config.resolved.yaml" ]; }

require_running() {
  within 60 is_running "$1" && return
  fault "$1: does not start: $(state "$2") $(cat "$workshop/$1.log")"
  verdict
}

# submit NAME [option of sbatch…]: the job's number.
submit() {
  local run=$1
  shift
  (cd "$workshop" && login sbatch --parsable --chdir="$workshop" --output="$workshop/$run.log" \
    --nodes=2 --cpus-per-task=1 "$@" "$root/cluster/slurm/train.sbatch" \
    "$workshop/tiny.yaml" "$workshop/$run")
}

# finish NAME JOB: the job ends well, with the same bytes.
finish() {
  within $((180 + MARGIN)) is_over "$2" || fault "$1: still $(state "$2"): $(tail -n 5 "$workshop/$1.log")"
  same_bytes "$workshop/$1" || fault "$1: other bytes than alone: $(tail -n 8 "$workshop/$1.log")"
  grep -q "segmpi-job: stopped after a checkpoint; back" "$workshop/$1.log" \
    || fault "$1: was not put back into the queue: $(tail -n 8 "$workshop/$1.log")"
  [ "$(starts "$1")" -ge 2 ] || fault "$1: was started $(starts "$1") times"
  figures "$1: $(starts "$1") starts, went on, ended with the bytes of a run alone"
}

for launch in srun mpirun; do
  export SEGMPI_LAUNCH=$launch
  run=signal-$launch
  job_number=$(submit "$run")
  require_running "$run" "$job_number"
  sleep 2
  if [ "$launch" = srun ]; then
    login scancel --signal=USR1 "$job_number"
  else
    # The ranks on this shell's node belong to no step.
    login scancel --batch --signal=USR1 "$job_number"
  fi
  within 60 has_started "$run" 2 || fault "$run: no second start: $(tail -n 8 "$workshop/$run.log")"
  finish "$run" "$job_number"

  # A preemption tells the steps of a job, which mpirun's ranks on the first node are none of.
  [ "$launch" = srun ] || continue
  run=preempted-$launch
  job_number=$(submit "$run")
  require_running "$run" "$job_number"
  sleep 2
  login srun --partition=urgent --nodes=2 --exclusive --mpi=none sleep 1
  within 60 has_started "$run" 2 || fault "$run: no second start: $(tail -n 8 "$workshop/$run.log")"
  finish "$run" "$job_number"
done

export SEGMPI_LAUNCH=srun
run=cancelled
job_number=$(submit "$run")
within 60 is_running "$run"
sleep 2
login scancel "$job_number"
within 60 is_over "$job_number" || fault "cancelled: $(state "$job_number")"
sleep 8
[ "$(starts "$run")" -eq 1 ] || fault "a cancelled job came back: $(cat "$workshop/$run.log")"
figures "cancelled: stays away; it said: $(grep -c 'everything is saved' "$workshop/$run.log") times that all is saved"

run=array
array=$(cd "$workshop" && login sbatch --parsable --array=0-3 --output="$workshop/array-%a.log" \
  --cpus-per-task=1 "$root/cluster/slurm/folds.sbatch" "$workshop/tiny.yaml" "$workshop/$run")
job_number=$(cd "$workshop" && login sbatch --parsable --dependency=afterok:"$array" \
  --cpus-per-task=1 --output="$workshop/gather.log" \
  "$root/cluster/slurm/gather.sbatch" "$workshop/tiny.yaml" "$workshop/$run")
within $((180 + MARGIN)) test -e "$workshop/$run/crossval/metrics.csv" \
  || fault "array: $(state "$job_number") $(tail -n 5 "$workshop"/array-*.log "$workshop/gather.log")"
within 30 is_over "$job_number"
same_bytes "$workshop/$run" || fault "array: other bytes than alone"
figures "array: four jobs of a fold each, gathered: the bytes of a run alone"
verdict
