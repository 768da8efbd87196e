#!/bin/sh
# Hosts for tests on one Linux machine: network namespaces behind a virtual switch, each with its own
# name and address, joined by wires of a chosen rate. As root.
#
#   cluster/testbed/testbed.sh up [HOSTS [RATE]]   4 hosts, 1gbit
#   cluster/testbed/testbed.sh mpirun ARGS…        an mpirun on the first host, one slot a host
#   cluster/testbed/testbed.sh cut HOST            takes a host's link down (0 is the first)
#   cluster/testbed/testbed.sh join HOST           takes it up again
#   cluster/testbed/testbed.sh down
#
# Addresses are those reserved for documentation (192.0.2.0/24, RFC 5737), reachable within the
# testbed only. Nothing outside of it is changed.
set -eu

prefix=segmpi-host
switch=segmpi-switch
here=$(cd "$(dirname "$0")" && pwd)

fail() { echo "testbed: $*" >&2; exit 1; }

hosts() { ip netns list | sed -n "s/^\(${prefix}[0-9]*\).*/\1/p" | sort -V; }

up() {
  count=${1:-4}
  rate=${2:-1gbit}
  [ "$(id -u)" = 0 ] || fail "making network namespaces needs root"
  command -v tc > /dev/null || fail "there is no tc: apt-get install iproute2"
  down
  ip netns add "$switch"
  ip -n "$switch" link add switch type bridge
  ip -n "$switch" link set switch up
  names="127.0.0.1 localhost"
  for i in $(seq 0 $((count - 1))); do names="$names
192.0.2.$((10 + i)) $prefix$i"; done
  for i in $(seq 0 $((count - 1))); do
    host=$prefix$i
    ip netns add "$host"
    ip -n "$host" link add eth0 type veth peer name "port$i" netns "$switch"
    ip -n "$switch" link set "port$i" master switch up
    ip -n "$host" address add "192.0.2.$((10 + i))/24" dev eth0
    ip -n "$host" link set lo up
    ip -n "$host" link set eth0 up
    # Both directions of the wire. A token bucket refills in steps of some milliseconds: a burst below
    # rate x 8 ms would throttle it further.
    tc -n "$host" qdisc add dev eth0 root tbf rate "$rate" burst 1mb latency 100ms
    tc -n "$switch" qdisc add dev "port$i" root tbf rate "$rate" burst 1mb latency 100ms
    mkdir -p "/etc/netns/$host"
    echo "$names" > "/etc/netns/$host/hosts"
  done
}

down() {
  for host in $(hosts); do
    ip netns pids "$host" | xargs -r kill -9 2> /dev/null || true
    ip netns delete "$host"
    rm -rf "/etc/netns/$host"
  done
  if ip netns list | grep -q "^$switch"; then ip netns delete "$switch"; fi
}

launch() {
  first=$(hosts | head -n 1)
  [ -n "$first" ] || fail "there are no hosts: testbed.sh up"
  slots=${SLOTS:-1}
  list=$(hosts | sed "s/\$/:$slots/" | paste -sd ,)
  # The wire only: hosts of the testbed share memory, which real hosts do not, and Open MPI tells
  # hosts apart by their names.
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  exec "$here/agent.sh" "$first" mpirun --host "$list" \
    --mca plm_rsh_agent "$here/agent.sh" --mca pml ob1 --mca btl self,vader,tcp \
    --mca btl_tcp_links "${OMPI_MCA_btl_tcp_links:-2}" \
    --mca btl_tcp_if_include 192.0.2.0/24 --mca oob_tcp_if_include 192.0.2.0/24 \
    --bind-to none "$@"
}

case "${1:-}" in
  up) shift; up "$@" ;;
  down) down ;;
  mpirun) shift; launch "$@" ;;
  cut) ip -n "$prefix${2:?which host}" link set eth0 down ;;
  join) ip -n "$prefix${2:?which host}" link set eth0 up ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '/^set/d' >&2; exit 64 ;;
esac
