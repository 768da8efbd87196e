#!/bin/bash
# One training on hosts that are reached by ssh, without a batch system.
#
#   cluster/hostfile/train.sh HOSTFILE CONFIG RUN [option of segmpi train…]
#
# Failures (status 70, deaths by signals) are followed by a new start with --continue, SEGMPI_RESTARTS
# times in a row at most. A signal to this script (SIGTERM, SIGINT, SIGUSR1) has the training save
# itself and ends with 75; the same command goes on. Where ranks were told to stop by others, such
# as a host's shutdown, it is started again SEGMPI_RESUMES times at most (10).
#
#   SEGMPI_CORES        cores a rank (1); compute.threads and one or two more for reading patches
#   SEGMPI_MPI_OPTIONS  more arguments of mpirun, split at blanks
#   SEGMPI_RSH          what reaches a host instead of ssh
set -u

# shellcheck source=../lib/job.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/job.sh"

usage="usage: train.sh HOSTFILE CONFIG RUN [option…]"
hostfile=${1:?$usage}
config=${2:?$usage}
run=${3:?$usage}
shift 3
[ -r "$hostfile" ] || { segmpi_say "there is no host file $hostfile"; exit 64; }

segmpi_environment
launch=(mpirun --hostfile "$hostfile" --map-by "slot:PE=${SEGMPI_CORES:-1}" --bind-to core)
[ -z "${SEGMPI_RSH:-}" ] || launch+=(--mca plm_rsh_agent "$SEGMPI_RSH")
# A program that is given with its path is started from the same path on all hosts.
program=$(command -v "$SEGMPI") || { segmpi_say "there is no program $SEGMPI"; exit 64; }

resumes=0
while :; do
  status=0
  # shellcheck disable=SC2086
  segmpi_until_done "$run" "${launch[@]}" ${SEGMPI_MPI_OPTIONS:-} "$(realpath "$program")" \
    train "$config" ${SEGMPI_OPTIONS:-} --output "$run" --continue "$@" || status=$?
  [ "$status" -eq 75 ] && [ -z "$segmpi_asked" ] || exit "$status"
  resumes=$((resumes + 1))
  [ "$resumes" -le "${SEGMPI_RESUMES:-10}" ] || exit "$status"
  segmpi_say "stopped after a checkpoint, not by this script; going on in $SEGMPI_PAUSE s"
  segmpi_run sleep "$SEGMPI_PAUSE" || true
done
