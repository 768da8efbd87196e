#!/bin/bash
# Every test of this folder, one after another, with a last line that counts.
#
#   cluster/tests/all.sh         what a continuous integration has time for
#   cluster/tests/all.sh --long  all of it
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

# What the tests need beyond the project itself, and only they.
needed=()
command -v ip > /dev/null && command -v tc > /dev/null || needed+=(iproute2)
command -v slurmctld > /dev/null || needed+=(slurm-wlm)
command -v munged > /dev/null || needed+=(munge)
command -v shellcheck > /dev/null || needed+=(shellcheck)
if [ "${#needed[@]}" -gt 0 ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    echo "cluster tests: installing ${needed[*]}" >&2
    # Daemons are not to be started: the tests start their own.
    apt-get update > /dev/null && env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
      apt-get install --yes --no-install-recommends "${needed[@]}" > /dev/null
  fi || echo "cluster tests: cannot install ${needed[*]}: some tests will be skipped" >&2
fi

if [ "${1:-}" = --long ]; then
  runs=("static" "jobs" "hosts" "slurm" "kills --count 200" "saves --count 500 --flips 100"
    "preemptions --count 50" "hangs --count 5" "slow --minutes 30")
else
  runs=("static" "jobs" "hosts" "kills --count 5" "saves --count 10 --flips 8"
    "preemptions --count 5" "hangs" "slow --minutes 1")
  # Requeued jobs wait for minutes: two launchers, two ways to stop, an array.
  [ "${SEGMPI_CLUSTER_SLURM:-yes}" = no ] || runs+=("slurm")
fi
passed=0 skipped=() failed=()
for run in "${runs[@]}"; do
  # The name and its options.
  # shellcheck disable=SC2086
  set -- $run
  test=$1
  shift
  status=0
  "./$test.sh" "$@" || status=$?
  case $status in
    0) passed=$((passed + 1)) ;;
    77) skipped+=("$test") ;;
    *) failed+=("$test") ;;
  esac
done
echo "cluster tests: $passed passed, ${#skipped[@]} skipped (${skipped[*]:-none})," \
  "${#failed[@]} failed (${failed[*]:-none})"
[ "${#failed[@]}" -eq 0 ]
