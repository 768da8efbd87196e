# shellcheck shell=bash
# What the batch scripts of Slurm share. To be sourced after job.sh.

# How Slurm starts the ranks. Its pmix plugin and Debian's Open MPI 4.1 understand each other; pmi2
# would need an Open MPI that was built for it. The launcher takes this shell's place, so that signals
# reach it.
segmpi_slurm_exec() {
  case ${SEGMPI_LAUNCH:-srun} in
    srun)
      # srun does not take over --cpus-per-task by itself; a rank that dies takes its step along.
      exec srun --mpi="${SEGMPI_PMI:-pmix}" --kill-on-bad-exit=1 \
        --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" "$@"
      ;;
    mpirun)
      # One rank a task, each with all the cores of its task.
      exec mpirun --map-by "slot:PE=${SLURM_CPUS_PER_TASK:-1}" --bind-to core "$@"
      ;;
    *)
      segmpi_say "SEGMPI_LAUNCH is $SEGMPI_LAUNCH: it must be srun or mpirun"
      return 64
      ;;
  esac
}

# Whether the job is still meant to run: not cancelled, and not put back into the queue by Slurm.
segmpi_slurm_is_wanted() {
  case $(scontrol --oneliner show job "$SLURM_JOB_ID" | sed 's/.*JobState=\([A-Z_]*\).*/\1/') in
    RUNNING | PREEMPTED) return 0 ;;
    *) return 1 ;;
  esac
}

# Trains, and leaves the job in the state that Slurm should know it in:
# segmpi_slurm_train CONFIG RUN [option of segmpi train…]
segmpi_slurm_train() {
  local config=$1 run=$2 status=0
  shift 2
  segmpi_environment
  segmpi_say "job $SLURM_JOB_ID on ${SLURM_JOB_NODELIST:-this host}," \
    "start $((${SLURM_RESTART_COUNT:-0} + 1)), into $run"
  # --continue begins anew where there is nothing to continue.
  # shellcheck disable=SC2086
  segmpi_until_done "$run" segmpi_slurm_exec "$SEGMPI" train "$config" \
    ${SEGMPI_OPTIONS:-} --output "$run" --continue "$@" || status=$?
  if [ "$status" -eq 75 ]; then
    if segmpi_slurm_is_wanted; then
      segmpi_say "stopped after a checkpoint; back into the queue"
      scontrol requeue "$SLURM_JOB_ID"
    else
      segmpi_say "stopped after a checkpoint; the job is no longer wanted here"
    fi
  fi
  exit "$status"
}
