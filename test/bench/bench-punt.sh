#!/bin/bash
# bench-punt: what a flood of SYNs at a service of the box itself (SSH on a data port) costs those who balance load, on the
# device rig: fairlead-gen keeps the worker busy with requests on kept connections, and sends the flood beside them from the
# same thread, which has time for both. The flood is off and on in turns of BEAT_MS, whose requests are compared; in turns
# it goes to the kernel as far as it may, or to somebody else's Ethernet address, where it is thrown away unread.
#
# RUNS: of each of the two; RUN_S: seconds of each, a multiple of twice a beat; PER_SECOND: SYNs. README.md says how to read the result.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench-punt.sh" V RUNS RUN_S PER_SECOND BEAT_MS GEN_ARGS DATAPLANE_ARGS
. "$lab_dir/common.sh"
. "$bench_dir/device.sh"

runs=${RUNS:-7}
run_s=${RUN_S:-4}
per_second=${PER_SECOND:-50000}
declare -A flood_args=([punted]="" [thrown]="--flood-mac 02:00:00:00:00:99")
beat_ms=${BEAT_MS:-50}
ns=flb-punt				# the kernel's ends of the ports have addresses there
box_in=(ip netns exec $ns)
listener=

main()
{
	begin punt
	trap 'trap "" INT TERM HUP; cleaning_up' EXIT
	trap 'trap "" INT TERM HUP; exit 130' INT TERM HUP
	taskset -pc $gen_core $$ >/dev/null	# the other one is the worker's alone
	ns_up
	in_turns "$runs" run_of punted thrown
	echo "$per_second SYNs/s on and off for $beat_ms ms, $runs runs of $run_s s each, ${no_huge:+plain pages; }medians (smallest..largest)"
	awk -f "$bench_dir/punt.awk" "$samples"
	awk 'NR == 1 || $1 == "ssh"' "$out_bench/services.txt"
	samples_judged
}

ns_up()
{
	ip netns add $ns
	ip -n $ns link set lo up
	device_memory_take
	"${box_in[@]}" socat -u TCP-LISTEN:22,fork,reuseaddr /dev/null &
	listener=$!
}

cleaning_up()
{
	child_stop "$listener"
	device_stop
	ip netns del $ns 2>/dev/null || :
}

# run_of KIND RUN
run_of() { sample "$1 $2" measure "$1"; }

# measure KIND: lines of NAME VALUE. The data plane is a new one: nothing waits in it from the run before.
measure()
{
	dataplane_start
	cli <<<"configure
set port p0 service ssh
commit" >/dev/null
	generate --workload keepalive --linger 30 --flood "$per_second" --flood-beat "$beat_ms" ${flood_args[$1]}
	gen_measured
	echo "subject_busy_share $(worker_load)"
	cli show services >"$out_bench/services.txt"
	gen_end
	gen_print
}

main
