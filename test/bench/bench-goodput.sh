#!/bin/bash
# bench-goodput: how much of a bad link one TCP connection gets, Fairlead's end of it against
# Linux's, in pairs that run at the same time through the same bump. README.md says what is set up
# how, and how to read the table.
#
#   DURATION=30  seconds of a run     RUNS=5   pairs a point    SIDE=4  points side by side
#   POINTS=      those of them whose LOSS:RTT:DIRECTION matches one of these patterns, for example
#                POINTS='1:*:download 5:100:*'; all by default
#   PCAP=yes     leaves recordings of the headers, of what the box and the Linux end saw
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
[ -e /etc/fairlead-sdk ] || exec "$bench_dir/../../images/sdk/enter.sh" env DURATION="${DURATION:-}" \
	RUNS="${RUNS:-}" SIDE="${SIDE:-}" POINTS="${POINTS:-}" PCAP="${PCAP:-}" V="${V:-}" "$bench_dir/bench-goodput.sh"
. "$lab_dir/common.sh"
. "$lab_dir/process.sh"
. "$lab_dir/topology.sh"
. "$bench_dir/goodput-net.sh"

say() { echo "bench-goodput: $*" >&2; }

duration_s=${DURATION:-30}
runs=${RUNS:-5}
side=${SIDE:-4}
out_lab=$top/out/bench/goodput
state_dir=/run/fairlead-goodput
run_dir=$state_dir/box
samples=$out_lab/samples.txt
rate_mbit=100
clean_wire=delay=1ms,rate=10mbit,buffer=100kb

main()
{
	local points batch=() point

	mapfile -t points < <(selected)
	[ ${#points[@]} -gt 0 ] || die "no point matches POINTS='$POINTS': they are LOSS:RTT:DIRECTION, as 1:20:download"
	mkdir -p "$state_dir"
	exec 9>"$state_dir/lock"
	flock -n 9 || die "another bench-goodput runs"
	rm -rf "$out_lab"
	mkdir -p "$out_lab"
	# Signals come more than once, by the process group and by who waits for us: only the first one counts.
	trap 'code=$?; trap "" INT TERM HUP; trap - EXIT; down; exit $code' EXIT
	trap 'trap "" INT TERM HUP; exit 130' INT TERM HUP
	net_down
	net_up $((2 * side))
	box_up
	wait_until 10 reachable || die "nothing answers at $virtual_server"
	for point in "${points[@]}"; do
		batch+=("$point")
		[ ${#batch[@]} -lt "$side" ] || { batch_run "${batch[@]}"; batch=(); }
	done
	[ ${#batch[@]} = 0 ] || batch_run "${batch[@]}"
	report
}

down()
{
	local name

	for name in $(process_names); do
		process_stop "$name"
	done
	net_down
	cubic_restore
	rm -rf "$state_dir"
}

# Light ones and heavy ones mixed, so that no batch takes all there is of the cores.
selected()
{
	local loss rtt way pattern

	for rtt in 20 100; do
		for way in download upload; do
			for loss in 0 5 0.1 1; do
				for pattern in ${POINTS:-"*"}; do
					# shellcheck disable=SC2053 # it is a pattern
					[[ $loss:$rtt:$way == $pattern ]] && { echo "$loss $rtt $way"; break; }
				done
			done
		done
	done
}

# Without faults, the first time: the box, the member and all neighbours are there.
reachable()
{
	process_alive bump || bump_start 0 c0 s0 $clean_wire || return 1
	ip netns exec flg-c0 timeout 2 "$bin/bench-flow" download $virtual_server $flow_port 0.1 >/dev/null 2>&1 &&
		process_stop bump
}

# batch_run POINT...: all runs of these points.
batch_run()
{
	local run

	for ((run = 1; run <= runs; run++)); do
		say "run $run of $runs: $(printf '%s, ' "$@")$duration_s s"
		run_once "$run" "$@"
	done
}

# run_once RUN POINT...: one pair of each, at the same time. The seed is the run's number.
run_once()
{
	local run=$1 legs=() clean=() i=0 point loss rtt way
	shift

	for point in "$@"; do
		read -r loss rtt way <<<"$point"
		legs+=("c$i" "s$i" "$(faults "$loss" "$rtt" "$run")")
		legs+=("c$((i + 1))" "s$((i + 1))" "$(faults "$loss" "$rtt" "$run")")
		clean+=("c$i" "s$i" "$clean_wire" "c$((i + 1))" "s$((i + 1))" "$clean_wire")
		i=$((i + 2))
	done
	# Neighbours are found on a wire without faults: then both flows of a pair meet the same ones from
	# their first frame on. Where slow start ends for a seed decides much of a run.
	bump_start 0 "${clean[@]}"
	flows_all "$i" 0.2 "$@" >/dev/null 2>&1
	process_stop bump
	bump_start "$run" "${legs[@]}"
	[ -z "${PCAP:-}" ] || record "$run"
	flows_all "$i" "$duration_s" "$@"
	[ -z "${PCAP:-}" ] || { process_stop "pcap-box"; process_stop "pcap-linux"; }
	process_stop bump
	i=0
	for point in "$@"; do
		echo "$point $run $(cat "$out_lab/flow.$i" "$out_lab/flow.$((i + 1))" | tr '\n' ' ')" >>"$samples"
		i=$((i + 2))
	done
}

# faults LOSS RTT SEED: half of the delay each way, and a buffer of one bandwidth-delay product.
faults()
{
	echo "loss=$1%,delay=$(awk -v rtt="$2" 'BEGIN { print rtt / 2 }')ms,rate=${rate_mbit}mbit,buffer=$((rate_mbit * $2 / 8))kb,seed=$3"
}

bump_start()
{
	local run=$1 log
	shift

	log=$out_lab/bump.$run.log
	: >"$log"
	process_start bump flg-bump "$log" "$bin/fairlead-bump" "$@"
	wait_until 10 grep -q ^ready "$log" || { cat "$log" >&2; die "the bump does not start"; }
}

# flows_all LEGS SECONDS POINT...
flows_all()
{
	local legs=$1 seconds=$2 i=0 pids=() pid
	shift 2

	for point in "$@"; do
		flow $i "${point##* }" $virtual_server "$seconds" & pids+=($!)
		flow $((i + 1)) "${point##* }" $linux_server "$seconds" & pids+=($!)
		i=$((i + 2))
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || :
	done
}

# flow LEG DIRECTION ADDRESS SECONDS: what does not work counts as nothing carried, and is said.
flow()
{
	ip netns exec "flg-c$1" timeout $((${4%.*} + 40)) "$bin/bench-flow" "$2" "$3" $flow_port "$4" >"$out_lab/flow.$1" ||
		echo 0 >"$out_lab/flow.$1"
}

record()
{
	process_start pcap-box flg-sw "$out_lab/pcap.log" tcpdump -Z root -i box -s 120 -B 16384 -w "$out_lab/box.$1.pcap" tcp
	process_start pcap-linux flg-sw "$out_lab/pcap.log" tcpdump -Z root -i linux -s 120 -B 16384 -w "$out_lab/linux.$1.pcap" tcp
	sleep 1
}

report()
{
	echo "Goodput of one connection, $rate_mbit Mbit/s, a queue of one bandwidth-delay product, cubic on both;"
	echo "$runs paired runs of $duration_s s, medians; the spread is that of the runs"
	sort -k3,3 -k2,2n -k1,1n "$samples" | awk -f "$bench_dir/goodput.awk"
	grep -h ^turns "$out_lab"/bump.*.log | awk '
		{ n += $2; late += $7; worst = $9 > worst ? $9 : worst }
		END { printf "the bump: %.3f%% of its turns over 1 ms late, the worst %.1f ms\n", 100 * late / (n ? n : 1), worst / 1000 }'
}

main
