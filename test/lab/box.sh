# The appliance: Fairlead's programs in fl-box, and the SNMP master there. Sourced by lab.sh.

huge_pages=512				# of 2 MB: the data plane takes all its memory at start

# Before anything is made: a missing program or file is said at once.
box_check()
{
	local config

	! box_is_machine || { machine_check; return; }
	[ -x "$bin/fairlead-dataplane" ] && [ -x "$bin/fairlead-mgmtd" ] && [ -x "$bin/fairlead" ] &&
		[ -x "$bin/fairlead-snmp" ] && [ -r "$bin/FAIRLEAD-MIB" ] ||
		die "out/$V has no programs: make V=$V"
	config=$(box_config)
	[ -r "$config" ] || die "cannot read the configuration $config"
}

box_config()
{
	realpath -m "${CONFIG:-$lab_dir/default.conf}"
}

# A machine with the image, or our programs on this kernel: as the lab was made.
box_is_machine()
{
	[ "$(cat "$state_dir/box" 2>/dev/null || echo "${FL_BOX:-processes}")" = image ]
}

box_start()
{
	box_check
	! box_is_machine || { machine_start; return; }
	dataplane_start
	mgmtd_start
	snmp_start
	wait_until 10 members_up || {
		"$bin/fairlead" --run-dir "$run_dir" show pools >&2 || :
		say "note: not every member is up 10 s after the start"
	}
}

box_stop()
{
	! box_is_machine || { machine_stop; return; }
	snmp_stop
	process_stop mgmtd
	process_stop dataplane
}

dataplane_start()
{
	local args=(--run-dir "$run_dir" --port "p0=${FL_P0:-af_xdp:iface=p0}" --port p1=af_xdp:iface=p1) fault
	local workers=${WORKERS:-1}

	topology_queues "$workers"
	for fault in ${FAULT:-}; do
		args+=(--fault "$fault")
	done
	args+=(--workers "$workers")
	box_memory_take || {
		say "note: no huge pages to be had, the data plane runs on plain pages"
		args+=(--no-huge)
	}
	rm -f "$run_dir/dataplane.sock"
	mkdir -p "$run_dir"
	: >"$out_lab/dataplane.log"
	process_start dataplane fl-box "$out_lab/dataplane.log" env ${FL_PRELOAD:+LD_PRELOAD="$FL_PRELOAD"} \
		"$bin/fairlead-dataplane" "${args[@]}" ${FL_DATAPLANE_ARGS:-}
	wait_for_socket dataplane 30
}

mgmtd_start()
{
	rm -f "$run_dir/mgmtd.sock"
	: >"$out_lab/mgmtd.log"
	process_start mgmtd fl-box "$out_lab/mgmtd.log" "$bin/fairlead-mgmtd" \
		--run-dir "$run_dir" --store "$run_dir/store" --config "$(box_config)"
	wait_for_socket mgmtd 10
}

# Debian's snmpd on mgmt0, and our sub-agent behind it. Neither waits for the other.
snmp_start()
{
	mkdir -p "$out_lab/snmp"
	cat >"$out_lab/snmpd.conf" <<-END
	agentAddress udp:10.0.9.1:161,udp6:[fd00:9::1]:161
	rocommunity public
	rocommunity6 public
	master agentx
	agentXSocket unix:$run_dir/agentx.sock
	END
	: >"$out_lab/snmpd.log"
	: >"$out_lab/snmp.log"
	process_start snmpd fl-box "$out_lab/snmpd.log" env MIBS= SNMP_PERSISTENT_DIR="$out_lab/snmp" \
		snmpd -f -C -c "$out_lab/snmpd.conf" -LEw
	process_start snmp fl-box "$out_lab/snmp.log" \
		"$bin/fairlead-snmp" --run-dir "$run_dir" --agentx "unix:$run_dir/agentx.sock"
}

snmp_stop()
{
	process_stop snmp
	process_stop snmpd
}

# wait_for_socket NAME SECONDS: dead or silent is told with the end of its log.
wait_for_socket()
{
	wait_until "$2" socket_or_dead "$1" || :
	process_alive "$1" && [ -S "$run_dir/$1.sock" ] && return
	say "the end of out/lab/$1.log:"
	tail -n 20 "$out_lab/$1.log" >&2
	process_alive "$1" && die "fairlead-$1 made no socket within $2 s"
	die "fairlead-$1 ended at its start"
}

socket_or_dead()
{
	[ -S "$run_dir/$1.sock" ] || ! process_alive "$1"
}

members_up()
{
	"$bin/fairlead" --run-dir "$run_dir" show pools 2>/dev/null |
		awk 'NR > 1 { n++; up += $2 == "up" } END { exit !(n && up == n) }'
}

# Huge pages if the kernel gives them; what was there before comes back at lab-down.
box_memory_take()
{
	local before=/proc/sys/vm/nr_hugepages

	[ "$(huge_pages_free)" -ge "$huge_pages" ] && return
	[ -e "$state_dir/hugepages" ] || cp "$before" "$state_dir/hugepages"
	echo "$huge_pages" 2>/dev/null >"$before" || :
	[ "$(cat "$before")" -ge "$huge_pages" ] && wait_until 2 huge_pages_are_free
}

# A process that was killed gives them back a moment later.
huge_pages_are_free() { [ "$(huge_pages_free)" -ge "$huge_pages" ]; }

box_memory_restore()
{
	[ -e "$state_dir/hugepages" ] || return 0
	cat "$state_dir/hugepages" 2>/dev/null >/proc/sys/vm/nr_hugepages || :
}

huge_pages_free()
{
	cat /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages 2>/dev/null || echo 0
}
