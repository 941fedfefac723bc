# Names, places and small helpers of the lab's scripts. Sourced, never run.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
V=${V:-release}
bin=$top/out/$V
out_lab=$top/out/lab			# logs, generated configuration, what servers serve and receive
state_dir=/run/fairlead-lab		# pid files, what lab-down must put back
lock_file=/run/fairlead-lab.lock
run_dir=/run/fairlead			# the appliance's own

namespaces="fl-client fl-server1 fl-server2 fl-server3 fl-mgmt fl-box fl-sw"
servers="1 2 3"

say() { echo "lab: $*" >&2; }
die() { say "$*"; exit 1; }

# wait_until SECONDS CMD...: polls ten times a second; false when the time is over.
wait_until()
{
	local end=$((SECONDS + $1 + 1))
	shift

	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# in_ns NAME CMD...: as fl-NAME sees the world.
in_ns()
{
	local ns=fl-$1
	shift
	ip netns exec "$ns" "$@"
}
