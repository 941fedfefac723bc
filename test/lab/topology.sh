# Namespaces, links and addresses of the lab; lab.sh has the drawing. Sourced by it.

queues_max=8				# of a link: so many workers at most

topology_up()
{
	local ns i

	for ns in $namespaces; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
		quiet_ipv6 "$ns"
	done
	bridges_pass_all fl-sw
	bridge_add client
	bridge_add server

	link_add client c-client fl-client eth0 02:00:00:00:00:02
	link_add client c-box fl-box p0 02:00:00:00:00:01
	link_add server s-box fl-box p1 02:00:00:00:01:01
	address_add fl-client eth0 10.0.0.2/24 fd00::2/64
	default_route fl-client 10.0.0.1 fd00::1
	for i in $servers; do
		link_add server "s-server$i" "fl-server$i" eth0 "02:00:00:00:01:1$i"
		address_add "fl-server$i" eth0 "10.0.1.1$i/24" "fd00:1::1$i/64"
		default_route "fl-server$i" 10.0.1.1 fd00:1::1
	done
	management_add
	for ns in fl-client fl-server1 fl-server2 fl-server3; do
		tune_tcp "$ns"
	done
}

# Explicitly link by link: a namespace that a stray process holds lives on, and
# would keep its links.
topology_down()
{
	local ns link

	for ns in fl-sw fl-mgmt $namespaces; do
		[ -e "/run/netns/$ns" ] || continue
		for link in $(ip -n "$ns" -o link show 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/\1/'); do
			[ "$link" = lo ] || ip -n "$ns" link del "$link" 2>/dev/null || :
		done
		ip netns del "$ns" || say "cannot delete namespace $ns"
	done
	for ns in $namespaces; do
		[ ! -e "/run/netns/$ns" ] || ip netns del "$ns" 2>/dev/null || :
	done
}

# No duplicate address detection, no router solicitations: addresses work at once
# and captures show only what tests do.
quiet_ipv6()
{
	ip netns exec "$1" sysctl -q -w \
		net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.dad_transmits=0 \
		net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.router_solicitations=0 \
		net.ipv6.conf.default.autoconf=0
	[ "$1" != fl-sw ] || ip netns exec "$1" sysctl -q -w \
		net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
}

# Or bridges throw away malformed IP packets before they reach the appliance.
bridges_pass_all()
{
	[ ! -d /proc/sys/net/bridge ] || ip netns exec "$1" sysctl -q -w \
		net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 \
		net.bridge.bridge-nf-call-arptables=0
}

bridge_add()
{
	ip -n fl-sw link add "$1" type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	ip -n fl-sw link set "$1" up
}

# link_add BRIDGE BRIDGE-END NAMESPACE END MAC: with one queue in use of those that it has.
link_add()
{
	ip -n fl-sw link add "$2" numtxqueues "$queues_max" numrxqueues "$queues_max" type veth \
		peer name "$4" address "$5" numtxqueues "$queues_max" numrxqueues "$queues_max" netns "$3"
	queues_use fl-sw "$2" "$3" "$4" 1
	no_offloads fl-sw "$2"
	no_offloads "$3" "$4"
	case $4 in
	p[0-9])	ip netns exec "$3" sysctl -q -w "net.ipv6.conf.$4.disable_ipv6=1" ;;
	esac
	ip -n fl-sw link set "$2" master "$1" up
	ip -n "$3" link set "$4" up
}

# topology_queues N: the data ports' links use N queues. What goes into a veth's transmit queue comes out of the receive
# queue of that number; the bridge spreads flows over them by a hash of the kernel's own, so that a port's queue gets
# flows of every worker. Their peers keep one: a queue's number is not cleared on the way, and the bridge would obey it.
topology_queues()
{
	[ "$(queues_used fl-box p0)" != "$1" ] || return 0
	[ "$1" -le $queues_max ] || die "the lab's links have $queues_max queues"
	queues_use fl-sw c-box fl-box p0 "$1"
	queues_use fl-sw s-box fl-box p1 "$1"
}

queues_used()
{
	ip netns exec "$1" ethtool -l "$2" | awk '/^Current/ { now = 1 } now && $1 == "RX:" { print $2 }'
}

# queues_use NAMESPACE END NAMESPACE END N: an end may not send into queues that the other one does not receive from.
queues_use()
{
	local step ns end

	for step in "tx 1" "rx $5" "tx $5"; do
		for ns in "$1 $2" "$3 $4"; do
			end=${ns#* }
			# shellcheck disable=SC2086
			ip netns exec "${ns% *}" ethtool -L "$end" $step >/dev/null 2>&1 || : # as it was already
		done
	done
	[ "$(queues_used "$3" "$4")" = "$5" ] || die "$4 in $3 does not use $5 queues"
}

# Or the kernel's ends send unfinished checksums, segments of 64 KB, and VLAN tags
# beside the frame, which no wire carries.
no_offloads()
{
	ip netns exec "$1" ethtool -K "$2" tx off rx off tso off gso off gro off sg off \
		txvlan off rxvlan off tx-vlan-stag-hw-insert off rx-vlan-stag-hw-parse off >/dev/null
}

# address_add NAMESPACE LINK V4 V6
address_add()
{
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$1" addr add "$4" dev "$2" nodad
}

default_route()
{
	ip -n "$1" route add default via "$2"
	ip -n "$1" route add default via "$3"
}

management_add()
{
	ip -n fl-box link add mgmt0 type veth peer name eth0 netns fl-mgmt
	ip -n fl-box link set mgmt0 up
	ip -n fl-mgmt link set eth0 up
	address_add fl-box mgmt0 10.0.9.1/24 fd00:9::1/64
	address_add fl-mgmt eth0 10.0.9.2/24 fd00:9::2/64
	default_route fl-mgmt 10.0.9.1 fd00:9::1
}

# bbr's pacing timers cost more than everything else here, so reno where the kernel
# lets us; many short connections need many ports.
tune_tcp()
{
	ip netns exec "$1" sysctl -q -w net.ipv4.tcp_congestion_control=reno 2>/dev/null ||
		say "note: no reno in $1, it keeps the kernel's congestion control"
	ip netns exec "$1" sysctl -q -w net.ipv4.ip_local_port_range="1024 65000" \
		net.ipv4.tcp_tw_reuse=1 net.core.somaxconn=4096
}
