#!/bin/bash
# Four hosts with a wire of 1 Gbit/s between them: four folds end with the same bytes as alone.
#
#   cluster/tests/hosts.sh
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=hosts-lib.sh
. "$tests/hosts-lib.sh"

hosts_up 4 1gbit
tiny_experiment 10
reference
begin=$(now)
start_on_hosts "$workshop/run" "$workshop/log"
ended_within $((300 + MARGIN)) || { fault "does not end"; end_job "$workshop/run"; }
[ "$status" -eq 0 ] || fault "status $status: $(tail -n 5 "$workshop/log")"
hosts=$(grep -o 'segmpi-host[0-9]' "$workshop/run/provenance.json" | sort -u | wc -l)
[ "$hosts" -eq 4 ] || fault "it ran on $hosts hosts, not on 4"
same_bytes "$workshop/run" || fault "other bytes than alone"
figures "four folds on $hosts hosts over 1 Gbit/s in $(seconds "$(since "$begin")") s: the bytes of a run alone"
verdict
