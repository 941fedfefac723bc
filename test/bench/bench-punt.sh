#!/bin/bash
# bench-punt: what a flood of SYNs at a service of the box itself (SSH on a data port) costs those who balance load, on the
# device rig: fairlead-gen keeps the worker busy with requests on kept connections, and sends the flood beside them from the
# same thread, which has time for both. In turns without a flood, with one that goes to the kernel as far as it may, and with
# the same at somebody else's Ethernet address, which is thrown away unread.
#
# RUNS: rounds of the three; RUN_S: seconds of each measurement; PER_SECOND: SYNs. README.md says how to read the result.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench-punt.sh" V RUNS RUN_S PER_SECOND GEN_ARGS DATAPLANE_ARGS
. "$lab_dir/common.sh"
. "$bench_dir/device.sh"

runs=${RUNS:-7}
run_s=${RUN_S:-4}
per_second=${PER_SECOND:-50000}
kinds=(none punted thrown)
declare -A flood=([none]="" [punted]="--flood $per_second" [thrown]="--flood $per_second --flood-mac 02:00:00:00:00:99")
ns=flb-punt				# the kernel's ends of the ports have addresses there
box_in=(ip netns exec $ns)
listener=

main()
{
	local run i

	begin punt
	trap cleaning_up EXIT
	trap 'exit 130' INT TERM HUP
	box_up
	for ((run = 0; run < runs; run++)); do
		for i in 0 1 2; do
			measure "${kinds[(run + i) % 3]}" $run >>"$samples"
		done
	done
	echo "$runs rounds of $run_s s each, $per_second SYNs/s at port 22 of the box, and at nobody; medians (smallest..largest)"
	report
	cli show services | awk 'NR == 1 || $1 == "ssh"'
}

box_up()
{
	ip netns add $ns
	ip -n $ns link set lo up
	device_memory_take
	dataplane_start
	cli <<<"configure
set port p0 service ssh
commit" >/dev/null
	taskset -c $gen_core "${box_in[@]}" socat -u TCP-LISTEN:22,fork,reuseaddr /dev/null &
	listener=$!
}

cleaning_up()
{
	child_stop "$listener"
	device_stop
	ip netns del $ns 2>/dev/null || :
}

# measure KIND RUN: lines of KIND RUN NAME VALUE.
measure()
{
	generate --workload keepalive ${flood[$1]}
	gen_measured
	echo "$1 $2 subject_busy_share $(worker_load)"
	gen_wait
	gen_print | sed "s/^/$1 $2 /"
}

report()
{
	awk '
	{ value[$1, $3, $2] = $4; if ($2 >= runs) runs = $2 + 1 }
	$3 == "errors" { errors += $4 }
	END {
		for (run = 0; run < runs; run++) {
			flood[run] = value["punted", "flood_per_s", run]
			busy[run] = 100 * value["none", "subject_busy_share", run]
			none[run] = value["none", "requests_per_s", run]
			punted[run] = 100 * (1 - value["punted", "requests_per_s", run] / none[run])
			thrown[run] = 100 * (1 - value["thrown", "requests_per_s", run] / none[run])
			punt[run] = 100 * (1 - value["punted", "requests_per_s", run] / value["thrown", "requests_per_s", run])
		}
		row("requests/s without a flood", none, "%.0f")
		row("worker busy then, %", busy, "%.1f")
		row("SYNs/s sent", flood, "%.0f")
		row("punted flood costs, % of requests", punted, "%.2f")
		row("thrown flood costs, % of requests", thrown, "%.2f")
		row("punted beside thrown, %", punt, "%.2f")
		print "errors: " errors + 0
		exit errors != 0
	}
	function row(name, v, format,    i, j, x)
	{
		for (i = 1; i < runs; i++) {
			x = v[i]
			for (j = i - 1; j >= 0 && v[j] > x; j--)
				v[j + 1] = v[j]
			v[j + 1] = x
		}
		printf "%-36s " format " (" format ".." format ")\n", name,
			(v[int((runs - 1) / 2)] + v[int(runs / 2)]) / 2, v[0], v[runs - 1]
	}' "$samples"
}

main
