#!/bin/bash
# The lab: real clients and servers around a real Fairlead, in network namespaces.
#
#                     fl-sw
#                  ___________                                  ___________
#   fl-client     |           |           fl-box               |           |      fl-server1
#   .2 ::2 eth0---|  client   |---p0   +----------+    p1------|  server   |---eth0 .11 ::11
#                 |  (bridge) |  .1 ---|          |--- .1      |  (bridge) |      fl-server2
#   10.0.0.0/24   |           |  ::1   | fairlead |    ::1     |           |---eth0 .12 ::12
#   fd00::/64     |___________|        |          |            |           |      fl-server3
#                                      +----------+ 10.0.1.0/24|           |---eth0 .13 ::13
#   virtual servers: 10.0.0.100-199        | mgmt0  fd00:1::/64|___________|
#                    fd00::100-199         | 10.0.9.1/24 fd00:9::1/64
#                                          | eth0
#                                       fl-mgmt .2 ::2
#
# p0 and p1 have no address in the kernel: Fairlead owns them through AF_XDP. Each
# peer's default route is the appliance, the appliance's is the client.
#
# With FL_BOX=image the appliance is a machine that boots its image: test/image/machine.sh has its drawing.
#
#   lab.sh up                  everything; reads V, CONFIG, FAULT and WORKERS; FL_BOX=image and BOARD
#   lab.sh down                all of it, also after a crash
#   lab.sh status              who holds the lab and what runs
#   lab.sh box start|stop      the appliance's programs alone (same variables as up)
#   lab.sh dataplane start|stop, lab.sh mgmtd start|stop
#                              one of the two alone; for the data plane FL_PRELOAD=library
#                              and FL_DATAPLANE_ARGS="--more arguments", FL_P0=spec of its port p0
#   lab.sh snmp start|stop     snmpd and the sub-agent
#   lab.sh server start|stop N one web server; FL_ACCESS_LOG=off without its log
set -euo pipefail

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e /etc/fairlead-sdk ] || exec "$lab_dir/../../images/sdk/enter.sh" "$lab_dir/lab.sh" "$@"

. "$lab_dir/common.sh"
. "$lab_dir/process.sh"
. "$lab_dir/topology.sh"
. "$lab_dir/servers.sh"
. "$lab_dir/box.sh"
. "$lab_dir/../image/machine.sh"

main()
{
	case "${1:-} ${2:-}" in
	"up ")			lab_up ;;
	"down ")		lab_down ;;
	"status ")		lab_status ;;
	"box start")		need_lab; box_start ;;
	"box stop")		need_lab; box_stop ;;
	"dataplane start")	need_lab; dataplane_start ;;
	"dataplane stop")	need_lab; process_stop dataplane ;;
	"mgmtd start")		need_lab; mgmtd_start ;;
	"mgmtd stop")		need_lab; process_stop mgmtd ;;
	"snmp start")		need_lab; snmp_start ;;
	"snmp stop")		need_lab; snmp_stop ;;
	"server start")		need_lab; server_start "$3" ;;
	"server stop")		need_lab; server_stop "$3" ;;
	*)	die "usage: lab.sh up|down|status, lab.sh box|dataplane|mgmtd|snmp start|stop, lab.sh server start|stop N" ;;
	esac
}

lab_up()
{
	box_check
	lock_take
	trap 'code=$?; trap - EXIT; say "lab-up failed, removing what it made"; lab_down; exit $code' EXIT
	trap 'exit 130' INT TERM HUP
	topology_up
	servers_up
	box_start
	trap - EXIT INT TERM HUP
	lab_usage
}

# Works from any state, so each step stands alone and asks nothing of the others.
lab_down()
{
	box_stop
	servers_down
	process_stop_all
	topology_down
	box_memory_restore
	rm -rf "$state_dir" "$run_dir"
	rm -f "$lock_file"
}

need_lab()
{
	[ -e "$lock_file" ] || die "there is no lab: make lab-up"
}

# The lock is the lab's, not a process's: it stays when lab-up has ended. One whose
# lab is gone (a reboot, a power cut) is nobody's.
lock_take()
{
	local ns left=

	mkdir -p /run
	if [ -e "$lock_file" ]; then
		for ns in $namespaces; do
			[ -e "/run/netns/$ns" ] && left=$ns
		done
		if [ -z "$left" ] && ! kill -0 "$(lock_field pid)" 2>/dev/null; then
			say "removing the lock of a lab that is gone"
			rm -f "$lock_file"
		fi
	fi
	if ! (set -o noclobber; lock_text >"$lock_file") 2>/dev/null; then
		die "a lab is up on this machine (one at a time): pid $(lock_field pid), user $(lock_field user)," \
			"since $(lock_field time), checkout $(lock_field checkout). make lab-down removes it"
	fi
	mkdir -p "$state_dir" "$out_lab"
	echo "${FL_BOX:-processes}" >"$state_dir/box"
}

lock_text()
{
	printf 'pid %s\nuser %s\ntime %s\ncheckout %s\n' \
		$$ "${SUDO_USER:-$(id -un)}" "$(date -Is)" "$top"
}

lock_field()
{
	sed -n "s/^$1 //p" "$lock_file" 2>/dev/null
}

lab_usage()
{
	cat <<-EOF2
	lab: up. The appliance is in fl-box, its log in out/lab/dataplane.log and mgmtd.log.
	  ip netns exec fl-client curl http://10.0.0.100/        type http     [fd00::100]:80 likewise
	  ip netns exec fl-client curl http://10.0.0.101/        type tcp      [fd00::101]:80 likewise
	  make cli CMD="show pools"                              make lab-down ends it
	  ip netns exec fl-mgmt snmpwalk -v2c -c public 10.0.9.1 1.3.6.1.4.1.8072.9999.9999
	EOF2
}

lab_status()
{
	local ns name

	if [ ! -e "$lock_file" ]; then
		echo "no lab is up"
		return
	fi
	echo "lab of checkout $(lock_field checkout), user $(lock_field user), since $(lock_field time)"
	for ns in $namespaces; do
		[ -e "/run/netns/$ns" ] && echo "  namespace $ns" || echo "  namespace $ns is missing"
	done
	for name in $(process_names); do
		process_alive "$name" && echo "  $name runs, pid $(process_pid "$name")" || echo "  $name has ended"
	done
}

main "$@"
