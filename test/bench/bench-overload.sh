#!/bin/bash
# bench-overload: ten times the new connections that are accepted are offered. What comes of it, beside what the same box does at
# its best: goodput, what is refused and why, memory, and whether management answers. The device rig: memif, one worker.
#
#   processor    the worker is the limit: as many connections as it can make, then ten times as many are offered, or
#                as many as the generator can offer beside being the origin: the output says how many these were
#   members      members are the limit, by connection-limit (LIMIT each, answers DELAY_MS late each way), so low that
#                ten times as many are truly offered; what is beyond is answered with 503
#
# RUNS: pairs of best and overload; RUN_S: seconds of each; TIMES: how much is offered; CONNS: connections that may wait at
# the same time. README.md says how to read the result.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench-overload.sh" V RUNS RUN_S SCENARIOS TIMES LIMIT DELAY_MS CONNS NO_HUGE GEN_ARGS
. "$lab_dir/common.sh"
. "$bench_dir/device.sh"

runs=${RUNS:-3}
run_s=${RUN_S:-3}
times=${TIMES:-10}
limit=${LIMIT:-16}
delay_ms=${DELAY_MS:-10}
overload_conns=${CONNS:-16384}
best_conns=512
rest_s=60			# TIME-WAIT is over by then
bits=$(mktemp -d)
refusing="members_at_limit session_pool_empty members_none_up http_requests_refused tcp_cookies_sent tcp_flights_empty"
refusing="$refusing tcp_resets_withheld tcp_conns_failed"

main()
{
	local scenario

	begin overload
	trap 'snmp_stop; device_stop; rm -rf "$bits"' EXIT
	trap 'exit 130' INT TERM HUP
	device_memory_take
	echo "Overload, device rig: one worker, $runs pairs of $run_s s; medians (smallest..largest)"
	for scenario in ${SCENARIOS:-processor members}; do
		dataplane_stop
		"${scenario}_start"
		snmp_start
		measure "$scenario"
		snmp_stop
		report "$scenario"
	done
}

# ---- what is the limit ----

processor_start()
{
	best_conns=512
	dataplane_start
}

members_start()
{
	best_conns=$((3 * limit))
	sed "s/weight = 1;/weight = 1; connection-limit = $limit;/" "$bench_dir/device.conf" >"$out_bench/overload.conf"
	CONFIG=$out_bench/overload.conf DATAPLANE_ARGS="--fault p1:delay=${delay_ms}ms,dir=rx" dataplane_start
}

# ---- the agent, in a namespace of its own, since this rig has no network ----

snmpd_pid= agent_pid=
agent_space=flo-mgmt

snmp_start()
{
	ip netns add $agent_space
	ip -n $agent_space link set lo up
	cat >"$out_bench/snmpd.conf" <<-END
	agentAddress udp:127.0.0.1:161
	rocommunity public
	master agentx
	agentXSocket unix:$run_dir/agentx.sock
	END
	mkdir -p "$out_bench/snmp"
	env MIBS= SNMP_PERSISTENT_DIR="$out_bench/snmp" taskset -c $gen_core ip netns exec $agent_space \
		snmpd -f -C -c "$out_bench/snmpd.conf" -LE 3 >"$out_bench/snmpd.log" 2>&1 &
	snmpd_pid=$!
	wait_until 10 test -S "$run_dir/agentx.sock" || die_with snmpd.log
	taskset -c $gen_core "$bin/fairlead-snmp" --run-dir "$run_dir" --agentx "unix:$run_dir/agentx.sock" \
		>"$out_bench/snmp.log" 2>&1 &
	agent_pid=$!
	wait_until 20 snmp_answers || die_with snmp.log
}

snmp_stop()
{
	child_stop "$agent_pid"
	child_stop "$snmpd_pid"
	agent_pid= snmpd_pid=
	ip netns del $agent_space 2>/dev/null || :
}

snmp_answers()
{
	[ "$(env MIBDIRS="$(echo /usr/lib/erlang/lib/snmp-*/mibs)" MIBS="$bin/FAIRLEAD-MIB" taskset -c $gen_core \
		ip netns exec $agent_space snmpget -v2c -c public -t 10 -r 0 -Oqv 127.0.0.1 \
		FAIRLEAD-MIB::fairleadDataPlane.0 2>&1)" = running ]
}

# ---- a scenario: lines of SCENARIO KIND RUN NAME VALUE ----

measure()
{
	local run best

	rest_note "$1" before 0
	for ((run = 1; run <= runs; run++)); do
		load_of "$1" best $run --conns $best_conns
		best=$(awk -v of="$1" '$1 == of && $2 == "best" && $4 == "requests_per_s" { v = $5 } END { printf "%d\n", v }' "$samples")
		[ "$best" -gt 0 ] || die "nothing was answered"
		load_of "$1" overload $run --conns $overload_conns --rate $((times * best)) --arrivals even
	done
	rest_note "$1" after 0
}

# load_of SCENARIO KIND RUN ARGUMENT...
load_of()
{
	local scenario=$1 kind=$2 run=$3
	shift 3

	cli show counters >"$bits/counters"
	cli show drops all >"$bits/drops"
	generate --workload connect "$@" --linger 2
	wait_until $((run_s + 60)) gen_said measuring
	sleep 0.5				# the pools' figures are a moment old
	management_note "$scenario" "$kind" "$run"
	state_note "$scenario" "$kind" "$run"
	gen_measured
	note "$scenario" "$kind" "$run" worker_load "$(worker_load)"
	grew "$bits/counters" "show counters" "$refusing" | sed "s/^/$scenario $kind $run refused:/" >>"$samples"
	grew "$bits/drops" "show drops all" "" | sed "s/^/$scenario $kind $run drop:/" >>"$samples"
	gen_wait
	gen_print | sed "s/^/$scenario $kind $run /" >>"$samples"
}

# note SCENARIO KIND RUN NAME VALUE
note() { echo "$*" >>"$samples"; }

# How long an operator waits meanwhile.
management_note()
{
	local try

	for try in 1 2 3; do
		note "$@" cli_ms "$(milliseconds cli show virtual-servers)"
		note "$@" snmp_ms "$(milliseconds snmp_answers)"
	done
}

# A command that fails has no time.
milliseconds()
{
	local began

	began=$(date +%s%N)
	"$@" >/dev/null && echo "$((($(date +%s%N) - began) / 100000))" | sed 's/\(.\)$/.\1/; s/^\./0./' || echo failed
}

# What is in use, and what the processes have of the kernel.
state_note()
{
	local name

	cli show memory | awk -v at="$*" '
		NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i }
		NR > 1 { print at, "used:" $1, $place["USED"]; print at, "all:" $1, $place["BYTES-EACH"] * $place["USED"] }' >>"$samples"
	note "$@" dataplane_kb "$(resident_kb "$dataplane_pid")"
	note "$@" mgmtd_kb "$(resident_kb "$mgmtd_pid")"
}

resident_kb() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }

# Connections have ended, TIME-WAIT too; kept ones to members may stay. Somebody has to be there for that: a generator with one
# connection, whose origin resets what it does not know.
rest_note()
{
	generate --workload idle --conns 1 --linger 600
	wait_until 30 gen_said strays || die "the generator does not begin"
	wait_until $rest_s is_at_rest || say "not at rest after $rest_s s"
	state_note "$@"
	gen_stop
}

is_at_rest()
{
	local left kept

	sleep 1
	left=$(cli show memory | awk '
		NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i }
		$1 == "tcp_conns" { conns = $place["USED"] }
		$1 == "sessions" { sessions = $place["USED"] }
		END { print sessions ? 1000000 : conns }')
	kept=$(cli show counters | awk '$1 == "http_server_conns_kept" { print $2 }')
	[ "$left" -le $((kept + 8)) ]
}

# grew FILE COMMAND NAMES: lines of NAME DIFFERENCE, of all names if none is given.
grew()
{
	cli $2 | awk -v names=" $3 " '
		FNR == NR { before[$1] = $2; next }
		(names == "  " || index(names, " " $1 " ")) && $2 ~ /^[0-9]+$/ && $2 > before[$1] { print $1, $2 - before[$1] }' "$1" -
}

# ---- the result ----

report()
{
	echo
	awk -v of="$1" -v times="$times" -v run_s="$run_s" -f "$bench_dir/runs.awk" -f "$bench_dir/overload.awk" "$samples"
}

main
