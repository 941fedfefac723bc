#!/bin/bash
# bench-wire: Fairlead and its peers side by side. fairlead-gen on one core is clients and origin by AF_XDP, each balancer in
# turn has the other core, with what the kernel does for it; veth between them. fairlead-forward shows what that wire carries.
#
# RUNS: how often each; RUN_S: seconds of each sample; WORKLOADS, SUBJECTS: which; IDLE: idle connections; FLUSH_US,
# FLUSH_OPEN_US: how long a port's polling waits, under full load and where latency is measured; NO_HUGE=1: plain pages.
# README.md says how to read the result.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench-wire.sh" V RUNS RUN_S WORKLOADS SUBJECTS IDLE FLUSH_US FLUSH_OPEN_US NO_HUGE GEN_ARGS DATAPLANE_ARGS
. "$lab_dir/common.sh"
. "$lab_dir/process.sh"
. "$lab_dir/topology.sh"
. "$bench_dir/cores.sh"
. "$bench_dir/device.sh"
. "$bench_dir/wire-net.sh"
. "$bench_dir/wire-peers.sh"

say() { echo "bench-wire: $*" >&2; }

runs=${RUNS:-3}
run_s=${RUN_S:-3}
workloads=${WORKLOADS:-forwarder keepalive connect connect-both bulk open idle}
subjects=${SUBJECTS:-fairlead haproxy nginx}
idle_conns=${IDLE:-5000}
state_dir=/run/fairlead-wire
run_dir=$state_dir/box
box_in=(ip netns exec flw-box) gen_in=(ip netns exec flw-gen)
box_ports=(af_xdp:iface=flwp0 af_xdp:iface=flwp1)
gen_ports=(af_xdp:iface=flwg0 af_xdp:iface=flwg1)

main()
{
	local run workload

	begin wire
	alone
	trap 'code=$?; trap "" INT TERM HUP; trap - EXIT; down; exit $code' EXIT
	trap 'trap "" INT TERM HUP; exit 130' INT TERM HUP
	wire_down
	taskset -pc $load_core $$ >/dev/null
	ulimit -n "$(ulimit -Hn)"
	wire_up
	device_memory_take
	for ((run = 1; run <= runs; run++)); do
		for workload in $workloads; do
			in_turn "$workload" "$run"
		done
	done
	table
	samples_judged
}

# One a machine; whose lock it is is told by pid and start time, so that a killed one's does not stay.
alone()
{
	mkdir -p "$state_dir"
	process_alive bench && die "another bench-wire runs, pid $(process_pid bench)"
	echo "$$ $(start_time $$)" >"$state_dir/bench.pid"
}

down()
{
	device_stop
	wire_down
	rm -rf "$state_dir"
}

# in_turn WORKLOAD RUN: each of them once, another one first each time.
in_turn()
{
	local order=($subjects) i one

	[ "$1" != forwarder ] || order=(forwarder)
	for ((i = 0; i < ${#order[@]}; i++)); do
		one=${order[(i + $2 - 1) % ${#order[@]}]}
		say "run $2: $1, $one"
		sample "$one $1 $2" measure "$one" "$1" "$2"
	done
}

# measure SUBJECT WORKLOAD RUN: lines of NAME VALUE.
measure()
{
	local args=() before after share workload=$2

	case $2 in
	forwarder) workload=keepalive args=(--target 10.0.1.11:80) ;;
	open) args=(--rate "$(open_rate "$3")") ;;
	idle) args=(--conns "$idle_conns") ;;
	esac
	flush_after "$([ "$2" = open ] && echo "${FLUSH_OPEN_US:-20}" || echo "${FLUSH_US:-50}")"
	subject_start "$1" "$2"
	[ "$2" != idle ] || idle_before "$1"
	generate --workload "$workload" --warmup 0.7 --linger 30 "${args[@]}"
	[ "$2" = idle ] || gen_expect ready
	far_threads_pin
	[ "$2" != idle ] || { idle_after "$1"; return; }
	gen_expect measuring
	before=$(core_account)
	sleep "$run_s"
	gen_measured
	after=$(core_account)
	core_used $before $after
	if [ "$1" = fairlead ]; then
		share=$(worker_load) || die "the worker's load is not known"
		echo "worker_share $share"
	fi
	gen_end
	gen_print
}

# Half of what the best peer did with kept connections in this run.
open_rate()
{
	awk -v run="$1" '
		$1 != "fairlead" && $2 == "keepalive" && $3 == run && $4 == "requests_per_s" && $5 > most { most = $5 }
		END { printf "%d\n", most ? most / 2 : 30000 }' "$samples"
}

# ---- who is measured ----

# subject_start SUBJECT WORKLOAD
subject_start()
{
	near_threads_pin
	case $1 in
	fairlead) dataplane_start; near_threads_pin ;;
	forwarder) forwarder_start; near_threads_pin ;;
	*) peer_start "$1" "$2" ;;
	esac
}

subject_stop()
{
	gen_stop
	forwarder_stop
	dataplane_stop
	peer_stop
}

# ---- memory of idle connections ----

idle_before()
{
	memory_of "$1" >"$out_bench/memory.before"
}

idle_after()
{
	gen_expect idle_conns
	sleep 2.5			# pools' figures are a moment old, and server connections are let go of
	memory_of "$1" >"$out_bench/memory.idle"
	memory_grown "$out_bench/memory.before" "$out_bench/memory.idle" "$idle_conns" || die "fewer connections than there should be"
	gen_measured
	gen_end
	gen_print
}

# memory_of SUBJECT: parts with their bytes.
memory_of()
{
	case $1 in
	fairlead) memory_used ;;
	*)
		echo "process $(peer_memory)"
		kernel_memory
		;;
	esac
}

# The kernel's objects of TCP connections; sockets of all namespaces, of which the others' hold still. Of directory entries
# and open files there are many, which don't: each socket has one.
kernel_memory()
{
	awk '
		$1 ~ /^(TCP|sock_inode_cache|eventpoll_epi|filp|dentry)$/ { used[$1] = $2; bytes[$1] = $6 ? $6 * 4096 / $5 : $4 }
		END {
			print "tcp", used["TCP"] * bytes["TCP"]
			print "socket", used["sock_inode_cache"] * (bytes["sock_inode_cache"] + bytes["filp"] + bytes["dentry"])
			print "epoll", used["eventpoll_epi"] * bytes["eventpoll_epi"]
		}' /proc/slabinfo
}

# ---- the result ----

table()
{
	echo "Wire rig: the generator on AF_XDP over veth, core $load_core; balancers on core $proxy_core; $runs runs of $run_s s, in turns"
	echo "fairlead: its own data plane on AF_XDP, one worker, --spin; haproxy $(haproxy_version), nginx $(nginx_version): the" \
		"kernel's TCP; forwarder: AF_XDP"
	echo "Configurations of the peers: out/bench/{haproxy,nginx}-WORKLOAD.conf"
	awk -f "$bench_dir/runs.awk" -f "$bench_dir/wire.awk" "$samples"
}

main
