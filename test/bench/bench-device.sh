#!/bin/bash
# bench-device: what the balancer does on a port that costs little. fairlead-gen on one core is clients and origin, the
# data plane's worker has the other; memif in copy mode between them.
#
# RUNS: how often each workload; RUN_S: seconds of each; WORKLOADS: which; RATE: requests/s of the open loop; IDLE: idle connections.
# README.md says how to read the result.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench-device.sh" V RUNS RUN_S WORKLOADS RATE IDLE GEN_ARGS DATAPLANE_ARGS
. "$lab_dir/common.sh"
. "$bench_dir/device.sh"

runs=${RUNS:-3}
run_s=${RUN_S:-3}
workloads=${WORKLOADS:-forwarder keepalive pipeline connect connect-both open bulk idle}
idle_conns=${IDLE:-20000}

main()
{
	local workload run

	begin device
	trap device_stop EXIT
	trap 'exit 130' INT TERM HUP
	device_memory_take
	for workload in $workloads; do
		for ((run = 1; run <= runs; run++)); do
			run_of "$workload" "$run" >>"$samples"
		done
	done
	echo "Device rig: memif in copy mode, one worker, $runs runs of $run_s s; medians (smallest..largest)"
	awk -f "$bench_dir/device.awk" "$samples"
}

# run_of WORKLOAD RUN: lines of WORKLOAD RUN NAME VALUE.
run_of()
{
	case $1 in
	forwarder) forwarder_run ;;
	*) balancer_run "$1" ;;
	esac >"$out_bench/run.txt"
	sed "s/^/$1 $2 /" "$out_bench/run.txt"
}

forwarder_run()
{
	dataplane_stop
	forwarder_start
	generate --workload keepalive --target 10.0.1.11:80
	gen_wait
	gen_print
	forwarder_stop
	sed -n 's/^forward_busy_share=/subject_busy_share /p' "$out_bench/forward.log"
}

balancer_run()
{
	local args=()

	dataplane_stop			# a new one: nothing waits in it from the run before
	dataplane_start
	case $1 in
	open) args=(--rate "$(open_rate)") ;;
	idle) args=(--conns "$idle_conns" --linger 60) ;;
	esac
	[ "$1" != idle ] || memory_used >"$out_bench/memory.before"
	generate --workload "$1" "${args[@]}"
	[ "$1" != idle ] || idle_memory
	gen_measured
	echo "subject_busy_share $(worker_load)"
	[ "$1" != idle ] || kill -TERM "$gen_pid"	# it has shown what it is for
	gen_wait
	gen_print
}

# Half of what kept connections came to in this run, unless RATE says something else.
open_rate()
{
	[ -z "${RATE:-}" ] || { echo "$RATE"; return; }
	awk '$1 == "keepalive" && $3 == "requests_per_s" { sum += $4; n++ }
		END { printf "%d\n", n ? sum / n / 2 : 100000 }' "$samples"
}

# What is held beyond what was held before, for each connection that is there beyond those: the clients', and what is
# kept of the members', which are of the same kind.
idle_memory()
{
	wait_until 60 gen_said idle_conns || die "the idle connections did not open"
	sleep 2.5			# the pools' figures are a moment old
	memory_used >"$out_bench/memory.idle"
	awk '
		FNR == NR { bytes[$1] = $2; used[$1] = $3; next }
		{ more[$1] = $2 - bytes[$1]; sum += more[$1] }
		$1 == "tcp_conns" { conns = $3 - used[$1] }
		END {
			for (name in more)
				printf "idle_%s_bytes %.1f\n", name, conns ? more[name] / conns : 0
			printf "idle_bytes %.1f\n", conns ? sum / conns : 0
		}
	' "$out_bench/memory.before" "$out_bench/memory.idle"
}

main
