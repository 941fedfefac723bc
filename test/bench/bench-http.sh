#!/bin/bash
# bench-http: HTTP requests on kept connections, Fairlead against HAProxy, in one lab, in turns.
# RUNS: how often each; RUN_S: seconds of each measurement. README.md says how to read the result.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench-http.sh" RUNS RUN_S
. "$lab_dir/common.sh"
. "$lab_dir/process.sh"
. "$bench_dir/cores.sh"
. "$bench_dir/haproxy.sh"

runs=${RUNS:-5}
run_s=${RUN_S:-6}
conns=256
paths="/1k /"

main()
{
	begin http
	lab_up
	in_turns "$runs" run_of fairlead haproxy
	echo "HTTP, $conns connections, $runs runs of $run_s s, in turns; HAProxy $(haproxy_version)"
	awk -f "$bench_dir/report.awk" "$samples"
}

# The data plane is started anew for each run; mgmtd stays and idles.
lab_up()
{
	FL_ACCESS_LOG=off taskset -c $load_core "$lab_dir/lab.sh" up >/dev/null
	trap '"$lab_dir/lab.sh" down' EXIT
	trap 'exit 130' INT TERM HUP
	"$lab_dir/lab.sh" dataplane stop
	links_moderate
}

# run_of PROXY RUN
run_of()
{
	local path

	"$1_start"
	wait_until 10 answers || die "$1 does not answer"
	load $conns / 2
	for path in $paths; do
		measure "$1" "$2" "$path" >>"$samples"
	done
	"$1_stop"
}

# ---- Fairlead ----

# --spin as on a board: without sleep, a worker's time is either work or empty turns.
fairlead_start()
{
	FL_DATAPLANE_ARGS=--spin taskset -c $proxy_core "$lab_dir/lab.sh" dataplane start
	near_threads_pin
	wait_until 10 members_up
}

fairlead_stop() { "$lab_dir/lab.sh" dataplane stop; }

members_up()
{
	! cli show pools | grep -qw down && cli show pools | grep -qw up
}

fairlead_pid() { process_pid dataplane; }

fairlead_busy_us() { counter turns_busy_us; }

# ---- one measurement ----

answers() { in_ns client curl -s -f -m 1 -o /dev/null http://10.0.0.100/; }

# measure PROXY RUN PATH: a line of the form that report.awk explains.
measure()
{
	local before after

	before=$(accounts "$1")
	load $conns "$3" "$run_s"
	after=$(accounts "$1")
	echo "$3 $1 $2 $(load_numbers) $before $after"
}

# accounts PROXY: time, the process, kernel threads, busy turns, both cores; so far, in ns.
accounts()
{
	local busy_us

	busy_us=$("$1_busy_us")
	echo "$(date +%s%N) $(threads_ns $(ls "/proc/$("$1_pid")/task")) $(near_kernel_ns)" \
		"$((busy_us * 1000)) $(core_busy_ns $load_core) $(core_busy_ns $proxy_core)"
}

main
