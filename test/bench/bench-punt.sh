#!/bin/bash
# bench-punt: what a flood of SYNs at a service of the box itself (SSH on a data port) costs those who balance load:
# requests on kept connections beside a flood that goes to the kernel as far as it may, and beside the same flood at somebody
# else's Ethernet address, which is thrown away unread; in turns.
# RUNS: pairs; RUN_S: seconds of each measurement; PER_SECOND: SYNs. README.md says how to read the result.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench-punt.sh" RUNS RUN_S PER_SECOND
. "$lab_dir/common.sh"
. "$bench_dir/cores.sh"

runs=${RUNS:-5}
run_s=${RUN_S:-6}
per_second=${PER_SECOND:-50000}
declare -A mac_of=([punted]=02:00:00:00:00:01 [thrown]=02:00:00:00:00:99) # the box's, nobody's

main()
{
	begin punt
	lab_up
	in_turns "$runs" measure thrown punted
	in_turns $((3 * runs)) measure_alone thrown punted
	echo "$runs pairs of $run_s s, $per_second SYNs/s at port 22 of the box, and at nobody"
	report
	report_alone
	cli show services | awk 'NR == 1 || $1 == "ssh"'
}

# The worker has a core; the control thread, and the one that talks to the kernel, are on the other, as on a board.
lab_up()
{
	"$lab_dir/lab.sh" up >/dev/null
	trap 'cleaning_up' EXIT
	trap 'exit 130' INT TERM HUP
	links_moderate
	near_threads_pin
	cli <<<"configure
set port p0 service ssh
commit" >/dev/null
	in_ns client nft -f - <<-N
	table netdev flood {
		chain in {
			type filter hook ingress device "eth0" priority 0; policy accept;
			ip daddr 198.18.0.0/15 drop
		}
	}
	N
	ip netns exec fl-box socat -u TCP-LISTEN:22,fork,reuseaddr /dev/null &
	listener=$!
	load 64 /1k 2
}

cleaning_up()
{
	kill "${listener:-}" 2>/dev/null || :
	"$lab_dir/lab.sh" down
}

# measure KIND RUN: appends "run kind requests busy_us errors".
measure()
{
	local before flooding requests errors

	taskset -c $load_core ip netns exec fl-client "$bin/syn-flood" eth0 "${mac_of[$1]}" 10.0.0.1 22 \
		"$per_second" $((run_s + 2)) >/dev/null &
	flooding=$!
	sleep 0.5
	before=$(counter turns_busy_us)
	load 64 /1k "$run_s"
	read -r requests errors _ < <(load_numbers)
	echo "$2 $1 $requests $(($(counter turns_busy_us) - before)) $errors" >>"$samples"
	wait "$flooding"
}

# measure_alone KIND RUN: the flood without load, which on two cores differs from one run to the next by half. Not --spin: a turn
# that the kernel's polling threads interrupt counts as busy, and a worker that sleeps is hardly ever met in one. Appends
# "alone run kind share".
measure_alone()
{
	local before flooding began

	taskset -c $load_core ip netns exec fl-client "$bin/syn-flood" eth0 "${mac_of[$1]}" 10.0.0.1 22 "$per_second" 4 >/dev/null &
	flooding=$!
	sleep 0.5
	began=$(date +%s%N)
	before=$(counter turns_busy_us)
	sleep 3
	echo "$(($(counter turns_busy_us) - before)) $((($(date +%s%N) - began) / 1000))" |
		awk -v run="$2" -v kind="$1" '{ print "alone", run, kind, 100 * $1 / $2 }' >>"$samples"
	wait "$flooding"
}

# The share of its core that the worker has for the flood alone: what it can't do for others.
report_alone()
{
	awk '$1 == "alone" { print $2, $3, $4 }' "$samples" | sort -k1n -k2 | awk '
		$2 == "punted" { punted = $3 }
		$2 == "thrown" { print punted - $3, punted, $3 }' | sort -n | awk '
		{ difference[NR] = $1; punted[NR] = $2; thrown[NR] = $3 }
		END {
			i = int((NR + 1) / 2)
			printf "%-24s punted %.2f  thrown %.2f  difference %.2f (%.2f..%.2f) of %d pairs\n",
				"flood alone, % of a core", punted[i], thrown[i], difference[i], difference[1], difference[NR], NR
		}'
}

report()
{
	awk -v run_s="$run_s" '
	$1 == "alone" { next }
	{ requests[$1, $2] = $3; busy[$1, $2] = $4; errors += $5; if ($1 > runs) runs = $1 }
	END {
		row("requests/s", requests, 1 / run_s)
		row("worker busy, us/request", busy, 0)
		print "failed requests: " errors + 0
	}
	function row(name, table, factor,    run, a, b, r)
	{
		for (run = 1; run <= runs; run++) {
			a[run] = factor ? table[run, "punted"] * factor : table[run, "punted"] / requests[run, "punted"]
			b[run] = factor ? table[run, "thrown"] * factor : table[run, "thrown"] / requests[run, "thrown"]
			r[run] = a[run] / b[run]
		}
		printf "%-24s punted %.2f  thrown %.2f  ratio %.3f (%.3f..%.3f)\n", name, middle(a), middle(b), middle(r), r[1], r[runs]
	}
	function middle(v,    i, j, x)
	{
		for (i = 2; i <= runs; i++) {
			x = v[i]
			for (j = i - 1; j >= 1 && v[j] > x; j--)
				v[j + 1] = v[j]
			v[j + 1] = x
		}
		return (v[int((runs + 1) / 2)] + v[int(runs / 2) + 1]) / 2
	}' "$samples"
}

main
