# shellcheck shell=bash
# A Slurm of one's own for a test: munged, slurmctld and a slurmd for each host of the testbed, all in
# a folder of the test, with ports of their own, ended by their process ids. To be sourced after
# lib.sh, as root.

# shellcheck source=lib.sh disable=SC2154
slurm=$workshop/slurm
# Ports that no Slurm of the machine itself uses.
slurm_port=16817
slurm_processes=()

# Runs a command on the first host, where the users of this cluster log in.
login() { "$root/cluster/testbed/agent.sh" segmpi-host0 "$@"; }

# slurm_up HOSTS [LINE of slurm.conf…]
slurm_up() {
  local count=$1 cores host i
  shift
  cores=$(nproc)
  mkdir -p "$slurm"/{state,log,tmp} && chmod 755 "$workshop" "$slurm"
  for ((i = 0; i < count; i++)); do mkdir -p "$slurm"/{spool,tmp}-segmpi-host$i; done

  # munged insists on folders that nobody else can write to, and on its own user.
  mkdir -p "$slurm/munge" && chown munge "$slurm/munge" && chmod 755 "$slurm/munge"
  dd if=/dev/urandom of="$slurm/munge/key" bs=1024 count=1 status=none
  chown munge "$slurm/munge/key" && chmod 400 "$slurm/munge/key"
  setpriv --reuid munge --regid munge --clear-groups munged --foreground \
    --socket "$slurm/munge/socket" --key-file "$slurm/munge/key" --force \
    --log-file "$slurm/munge/log" --pid-file "$slurm/munge/pid" --seed-file "$slurm/munge/seed" \
    > "$slurm/log/munged" 2>&1 &
  slurm_processes+=($!)

  cat > "$slurm/slurm.conf" << EOF
ClusterName=segmpi
SlurmctldHost=segmpi-host0
SlurmctldPort=$slurm_port
SlurmdPort=$((slurm_port + 1))
SlurmUser=root
AuthType=auth/munge
# A requeued job waits until the credentials of its last start have expired.
AuthInfo=socket=$slurm/munge/socket,cred_expire=5
MpiDefault=pmix
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobRequeue=1
ReturnToService=2
KillWait=10
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool-%n
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd-%n.pid
SlurmctldLogFile=$slurm/log/slurmctld
SlurmdLogFile=$slurm/log/slurmd-%n
TmpFS=$slurm/tmp
SchedulerParameters=sched_interval=2,bf_interval=2
SchedulerTimeSlice=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=segmpi-host[0-$((count - 1))] CPUs=$cores State=UNKNOWN
PartitionName=spare Nodes=ALL Default=YES PriorityTier=1 PreemptMode=REQUEUE GraceTime=30
PartitionName=urgent Nodes=ALL PriorityTier=10 PreemptMode=OFF
EOF
  [ $# -eq 0 ] || printf '%s\n' "$@" >> "$slurm/slurm.conf"
  # PMIx keeps a folder there that is named by job and step, not by node.
  echo "PMIxCliTmpDirBase=$slurm/tmp" > "$slurm/mpi.conf"
  # Processes are found by their parents; but slurmd asks for a kind of cgroups all the same, and on a
  # host of the testbed it cannot find that out by itself.
  echo "CgroupPlugin=cgroup/v1" > "$slurm/cgroup.conf"
  export SLURM_CONF=$slurm/slurm.conf
  login slurmctld -D -f "$SLURM_CONF" > "$slurm/log/slurmctld-out" 2>&1 &
  slurm_processes+=($!)
  for ((i = 0; i < count; i++)); do
    host=segmpi-host$i
    # Hosts share a file system here, but each must have temporary folders of its own.
    "$root/cluster/testbed/agent.sh" "$host" sh -c "'mount --bind $slurm/tmp-$host $slurm/tmp;
      exec slurmd -D -N $host -f $SLURM_CONF'" \
      > "$slurm/log/$host-out" 2>&1 &
    slurm_processes+=($!)
  done
  for ((i = 0; i < 300; i++)); do
    [ "$(login sinfo -h -N -p spare -t idle -o %N 2> /dev/null | sort -u | wc -l)" -lt "$count" ] \
      || return 0
    sleep 0.2
  done
  tail -n 5 "$slurm"/log/* >&2
  return 1
}

slurm_down() {
  local process
  login scancel --user=root 2> /dev/null
  sleep 1
  # The daemons are children of the agents that put them on their hosts, by exec: same ids.
  for process in "${slurm_processes[@]}"; do kill "$process" 2> /dev/null; done
  for process in "${slurm_processes[@]}"; do wait "$process" 2> /dev/null; done
  slurm_processes=()
  rm -rf "$slurm"
}
