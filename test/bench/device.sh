# A rig's processes: the data plane with its management, or a plain forwarder, and the generator. Each is a child of the
# benchmark and ends with it. As it stands here they are joined by memif, which is the device rig; another one says which
# ports and in which namespaces. Sourced by benchmarks, behind shared.sh and test/lab/common.sh.

gen_core=0
subject_core=1
device_pages=704			# huge ones of 2 MB: data plane, generator, forwarder
run_dir=/run/fairlead-bench.$$
gen_pid= dataplane_pid= mgmtd_pid= forwarder_pid= no_huge=
pages_added=0
sample_pid= samples_failed=0
child=(setpriv --pdeathsig TERM)	# in front of whatever is started: it spins, and nobody may forget it
box_in=() gen_in=()			# in front of the balancer's commands, and of the generator's
box_ports=("memif:socket=$run_dir/p0.sock,role=server" "memif:socket=$run_dir/p1.sock,role=server")
gen_ports=("memif:socket=$run_dir/p0.sock,role=client" "memif:socket=$run_dir/p1.sock,role=client")

device_memory_take()
{
	local pages=/proc/sys/vm/nr_hugepages before missing

	mkdir -p "$run_dir"
	[ -z "${NO_HUGE:-}" ] || { no_huge=--no-huge; return 0; }
	missing=$((device_pages - $(pages_free)))
	if [ $missing -gt 0 ]; then
		before=$(cat $pages)
		echo $((before + missing)) 2>/dev/null >$pages || :
		pages_added=$(($(cat $pages) - before))
	fi
	if [ "$(pages_free)" -lt $device_pages ]; then
		echo "no huge pages to be had: plain ones" >&2
		no_huge=--no-huge
	fi
}

pages_free() { cat /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages; }

# Others may have added some meanwhile: only what was added here goes.
device_memory_give()
{
	local pages=/proc/sys/vm/nr_hugepages

	[ "$pages_added" -eq 0 ] || echo $(($(cat $pages) - pages_added)) 2>/dev/null >$pages || :
	pages_added=0
}

device_stop()
{
	child_stop "$sample_pid" 90	# it has to stop its own
	sample_pid=
	subject_stop
	device_memory_give
	rm -rf "$run_dir"
}

# Whoever is measured, and the generator.
subject_stop()
{
	gen_stop
	forwarder_stop
	dataplane_stop
}

# child_stop PID [SECONDS]: asks, and insists after a while.
child_stop()
{
	[ -n "$1" ] || return 0
	kill -TERM "$1" 2>/dev/null || :
	wait_until "${2:-15}" child_ended "$1" || kill -KILL "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

child_ended() { ! kill -0 "$1" 2>/dev/null || grep -qs '^State:.Z' "/proc/$1/status"; }

# ---- samples ----

# sample WHAT COMMAND ARGUMENT...: what the command prints, lines of NAME VALUE, is added to the samples behind WHAT. It has a
# process of its own, and ends with all that it started: one that fails costs its own lines, and is said in the table.
sample()
{
	local what=$1 lines=$out_bench/sample.txt
	shift

	( trap 'trap "" TERM HUP; subject_stop' EXIT; trap 'exit 130' TERM HUP; "$@" >"$lines" ) &
	sample_pid=$!
	if ! wait "$sample_pid"; then
		say "failed: $what"
		echo "failed 1" >"$lines"
		samples_failed=$((samples_failed + 1))
	fi
	sample_pid=
	sed "s/^/$what /" "$lines" >>"$samples"
}

# What the benchmark ends with, behind its table.
samples_judged()
{
	[ $samples_failed = 0 ] || die "$samples_failed samples failed"
}

# ---- the data plane ----

dataplane_start()
{
	[ -z "$dataplane_pid" ] || return 0
	"${child[@]}" "${box_in[@]}" "$bin/fairlead-dataplane" --run-dir "$run_dir" --spin --workers 1 --cpus $gen_core,$subject_core \
		--port "p0=${box_ports[0]}" --port "p1=${box_ports[1]}" \
		$no_huge ${DATAPLANE_ARGS:-} >"$out_bench/dataplane.log" 2>&1 &
	dataplane_pid=$!
	wait_until 30 test -S "$run_dir/dataplane.sock" || die_with dataplane.log
	"${child[@]}" "${box_in[@]}" taskset -c $gen_core "$bin/fairlead-mgmtd" --run-dir "$run_dir" --store "$run_dir/store" \
		--config "${CONFIG:-$bench_dir/device.conf}" >"$out_bench/mgmtd.log" 2>&1 &
	mgmtd_pid=$!
	wait_until 30 test -S "$run_dir/mgmtd.sock" || die_with mgmtd.log
}

dataplane_stop()
{
	child_stop "$mgmtd_pid"
	child_stop "$dataplane_pid"
	mgmtd_pid= dataplane_pid=
	rm -rf "$run_dir"/*
}

die_with()
{
	tail -n 20 "$out_bench/$1" >&2
	die "see $1"
}

cli() { taskset -c $gen_core "$bin/fairlead" --run-dir "$run_dir" "$@"; }

# Of the last whole second, as a share of 1. False: it is not there.
worker_load()
{
	cli show workers | awk '
		NR == 1 { columns = NF; for (i = 1; i <= NF; i++) if ($i == "LOAD-1S") column = i }
		NR == 2 && column && NF == columns { printf "%.4f\n", $column / 100; found = 1 }
		END { exit !found }'
}

# Pools with the bytes of what is in use, and how much that is.
memory_used()
{
	cli show memory | awk '
		NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i }
		NR > 1 && place["BYTES-EACH"] && place["USED"] { print $1, $place["BYTES-EACH"] * $place["USED"], $place["USED"]; found = 1 }
		END { exit !found }'
}

# memory_grown BEFORE AFTER CONNS: lines of idle_PART_bytes and idle_bytes, what there is more for each connection. Where the parts have
# tcp_conns: for each of those that there are more, with those kept to members, which are of the same kind. False: too few.
memory_grown()
{
	awk -v conns="$3" '
		FNR == NR { bytes[$1] = $2; used[$1] = $3; next }
		{ more[$1] = $2 - bytes[$1]; sum += more[$1] }
		$1 == "tcp_conns" { there = $3 - used[$1]; few = there < 0.99 * conns; conns = there }
		END {
			if (few || !sum)
				exit 1
			for (name in more)
				printf "idle_%s_bytes %.1f\n", name, more[name] / conns
			printf "idle_bytes %.1f\n", sum / conns
		}
	' "$1" "$2"
}

# ---- the forwarder ----

forwarder_start()
{
	"${child[@]}" "${box_in[@]}" "$bin/fairlead-forward" "${box_ports[@]}" $subject_core $no_huge >"$out_bench/forward.log" 2>&1 &
	forwarder_pid=$!
	wait_until 30 grep -q ready "$out_bench/forward.log" || die_with forward.log
}

forwarder_stop()
{
	child_stop "$forwarder_pid"
	forwarder_pid=
}

# ---- the generator ----

# generate ARGUMENT...: in the background; what it says goes to gen.log.
generate()
{
	"${child[@]}" "${gen_in[@]}" "$bin/fairlead-gen" --core $gen_core --client "${gen_ports[0]}" \
		--server "${gen_ports[1]}" --seconds "$run_s" --linger 0.5 \
		$no_huge ${GEN_ARGS:-} "$@" >"$out_bench/gen.log" 2>&1 &
	gen_pid=$!
}

# gen_said NAME, or it has ended.
gen_said()
{
	grep -q "^$1=" "$out_bench/gen.log" || ! kill -0 "$gen_pid" 2>/dev/null
}

# gen_expect NAME: until it has said so.
gen_expect()
{
	wait_until $((run_s + 90)) gen_said "$1" || die "the generator does not come to '$1'"
	grep -q "^$1=" "$out_bench/gen.log" || die_with gen.log
}

gen_measured() { gen_expect strays; }

# It lingers, with its load, and has shown what that is for.
gen_end()
{
	kill -TERM "$gen_pid" 2>/dev/null || :
	gen_wait
}

gen_wait()
{
	wait "$gen_pid" || die_with gen.log
	gen_pid=
}

gen_stop()
{
	child_stop "$gen_pid"
	gen_pid=
}

# Its figures as NAME VALUE. Latencies and errors of nothing look good.
gen_print()
{
	grep -qE '^(requests=[1-9]|workload=idle$)' "$out_bench/gen.log" || die "nothing was answered"
	sed -n 's/^\([a-z_0-9]*\)=\([0-9.]*\)$/\1 \2/p' "$out_bench/gen.log"
}
