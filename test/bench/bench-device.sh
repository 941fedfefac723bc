#!/bin/bash
# bench-device: what the balancer does on a port that costs little. fairlead-gen on one core is clients and origin, the
# data plane's worker has the other; memif in copy mode between them.
#
# RUNS: how often each workload; RUN_S: seconds of each; WORKLOADS: which; RATE: requests/s of the open loop; IDLE: idle connections;
# CONFIG: another configuration than device.conf; NO_HUGE=1: plain pages; GEN_ARGS, DATAPLANE_ARGS: options for either.
# README.md says how to read the result.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench-device.sh" V RUNS RUN_S WORKLOADS RATE IDLE NO_HUGE CONFIG GEN_ARGS DATAPLANE_ARGS
. "$lab_dir/common.sh"
. "$bench_dir/device.sh"

say() { echo "bench-device: $*" >&2; }

runs=${RUNS:-3}
run_s=${RUN_S:-3}
workloads=${WORKLOADS:-forwarder keepalive pipeline connect connect-both open bulk idle}
idle_conns=${IDLE:-20000}

main()
{
	local workload run

	begin device
	trap 'trap "" INT TERM HUP; device_stop' EXIT
	trap 'trap "" INT TERM HUP; exit 130' INT TERM HUP
	taskset -pc $gen_core $$ >/dev/null	# the other one is the worker's alone
	device_memory_take
	for workload in $workloads; do
		for ((run = 1; run <= runs; run++)); do
			say "run $run: $workload"
			case $workload in
			forwarder) sample "$workload $run" forwarder_run ;;
			*) sample "$workload $run" balancer_run "$workload" ;;
			esac
		done
	done
	echo "Device rig: memif in copy mode, one worker, ${no_huge:+plain pages, }$runs runs of $run_s s; medians (smallest..largest)"
	awk -f "$bench_dir/runs.awk" -f "$bench_dir/device.awk" "$samples"
	samples_judged
}

forwarder_run()
{
	forwarder_start
	load_run --workload keepalive --target 10.0.1.11:80
	gen_end
	gen_print
	forwarder_stop
	sed -n 's/^forward_busy_share=/subject_busy_share /p' "$out_bench/forward.log"
}

balancer_run()
{
	local args=() share

	dataplane_start
	case $1 in
	open) args=(--rate "$(open_rate)") ;;
	idle) idle_run; return ;;
	esac
	load_run --workload "$1" "${args[@]}"
	share=$(worker_load) || die "the worker's load is not known"
	echo "subject_busy_share $share"
	gen_end
	gen_print
}

# load_run ARGUMENT...: until its figures are there; the load goes on.
load_run()
{
	generate --linger 30 "$@"
	gen_expect measuring
	sleep "$run_s"			# and asks for nothing meanwhile
	gen_measured
}

# Half of what kept connections came to in this run, unless RATE says something else.
open_rate()
{
	[ -z "${RATE:-}" ] || { echo "$RATE"; return; }
	awk '$1 == "keepalive" && $3 == "requests_per_s" { sum += $4; n++ }
		END { printf "%d\n", n ? sum / n / 2 : 100000 }' "$samples"
}

idle_run()
{
	memory_used >"$out_bench/memory.before"
	generate --linger 30 --workload idle --conns "$idle_conns"
	gen_expect idle_conns
	sleep 2.5			# the pools' figures are a moment old
	memory_used >"$out_bench/memory.idle"
	memory_grown "$out_bench/memory.before" "$out_bench/memory.idle" "$idle_conns" || die "fewer connections than there should be"
	gen_measured
	gen_end
	gen_print
}

main
