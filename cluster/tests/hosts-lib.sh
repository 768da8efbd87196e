# shellcheck shell=bash
# Hosts of the testbed for a test. To be sourced after lib.sh.
#
# What lib.sh defines, and what the tests use.
# shellcheck disable=SC2154,SC2034

testbed=$root/cluster/testbed/testbed.sh

# Makes so many hosts, or skips the test; they are gone when it ends.
hosts_up() {
  [ "$(id -u)" -eq 0 ] || skip "network namespaces need root"
  command -v tc > /dev/null || skip "there is no tc (apt-get install iproute2)"
  unshare --net --uts true 2> /dev/null || skip "this machine allows no network namespaces"
  ! ip netns list | grep -q '^segmpi-' || skip "a testbed is up already: $testbed down"
  trap 'hosts_down; clean_up' EXIT
  "$testbed" up "$@" || skip "the testbed cannot be made here"
}

hosts_down() { "$testbed" down > /dev/null; }

# As start, but on all hosts, one rank a host: start_on_hosts RUN LOG [option…]
start_on_hosts() {
  local run=$1 log=$2
  shift 2
  : > "$log"
  "$testbed" mpirun --mca mpi_yield_when_idle 1 "$segmpi" train "$workshop/tiny.yaml" \
    "${progress[@]}" --output "$run" --continue "$@" > "$log" 2>&1 < /dev/null &
  job=$!
}
