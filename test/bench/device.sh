# A rig's processes: the data plane with its management, or a plain forwarder, and the generator. Each is a child of the
# benchmark and ends with it. As it stands here they are joined by memif, which is the device rig; another one says which
# ports and in which namespaces. Sourced by benchmarks, behind test/lab/common.sh.

gen_core=0
subject_core=1
device_pages=704			# huge ones of 2 MB: data plane, generator, forwarder
run_dir=/run/fairlead-bench.$$
gen_pid= dataplane_pid= mgmtd_pid= forwarder_pid= no_huge=
pages_before=
box_in=() gen_in=()			# in front of the balancer's commands, and of the generator's
box_ports=("memif:socket=$run_dir/p0.sock,role=server" "memif:socket=$run_dir/p1.sock,role=server")
gen_ports=("memif:socket=$run_dir/p0.sock,role=client" "memif:socket=$run_dir/p1.sock,role=client")

device_memory_take()
{
	local pages=/proc/sys/vm/nr_hugepages

	mkdir -p "$run_dir"
	[ -z "${NO_HUGE:-}" ] || { no_huge=--no-huge; return 0; }
	pages_before=$(cat $pages)
	[ "$pages_before" -ge $device_pages ] || echo $device_pages 2>/dev/null >$pages || :
	if [ "$(cat /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages)" -lt $device_pages ]; then
		echo "no huge pages to be had: plain ones" >&2
		no_huge=--no-huge
	fi
}

device_stop()
{
	gen_stop
	forwarder_stop
	dataplane_stop
	[ -z "$pages_before" ] || echo "$pages_before" 2>/dev/null >/proc/sys/vm/nr_hugepages || :
	rm -rf "$run_dir"
}

# child_stop PID
child_stop()
{
	[ -n "$1" ] || return 0
	kill -TERM "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

# ---- the data plane ----

dataplane_start()
{
	[ -z "$dataplane_pid" ] || return 0
	"${box_in[@]}" "$bin/fairlead-dataplane" --run-dir "$run_dir" --spin --workers 1 --cpus $gen_core,$subject_core \
		--port "p0=${box_ports[0]}" --port "p1=${box_ports[1]}" \
		$no_huge ${DATAPLANE_ARGS:-} >"$out_bench/dataplane.log" 2>&1 &
	dataplane_pid=$!
	wait_until 30 test -S "$run_dir/dataplane.sock" || die_with dataplane.log
	"${box_in[@]}" taskset -c $gen_core "$bin/fairlead-mgmtd" --run-dir "$run_dir" --store "$run_dir/store" \
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

# Of the last whole second, as a share of 1.
worker_load()
{
	cli show workers | awk '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == "LOAD-1S") column = i }
		NR == 2 { printf "%.4f\n", $column / 100 }'
}

# Pools with the bytes of what is in use, and how much that is.
memory_used()
{
	cli show memory | awk '
		NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i }
		NR > 1 { print $1, $place["BYTES-EACH"] * $place["USED"], $place["USED"] }'
}

# ---- the forwarder ----

forwarder_start()
{
	"${box_in[@]}" "$bin/fairlead-forward" "${box_ports[@]}" $subject_core $no_huge >"$out_bench/forward.log" 2>&1 &
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
	"${gen_in[@]}" "$bin/fairlead-gen" --core $gen_core --client "${gen_ports[0]}" \
		--server "${gen_ports[1]}" --seconds "$run_s" --linger 0.5 \
		$no_huge ${GEN_ARGS:-} "$@" >"$out_bench/gen.log" 2>&1 &
	gen_pid=$!
}

# gen_said NAME, or it has ended.
gen_said()
{
	grep -q "^$1=" "$out_bench/gen.log" || ! kill -0 "$gen_pid" 2>/dev/null
}

gen_measured()
{
	wait_until $((run_s + 90)) gen_said strays || die "the generator does not end"
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

# Its figures as NAME VALUE.
gen_print() { sed -n 's/^\([a-z_0-9]*\)=\([0-9.]*\)$/\1 \2/p' "$out_bench/gen.log"; }
