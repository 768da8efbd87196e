#!/bin/sh
# Runs a command on a host of the testbed, as ssh would: agent.sh HOST COMMAND…
set -eu
host=$1
shift
exec ip netns exec "$host" unshare --uts sh -c "hostname $host; exec $*"
