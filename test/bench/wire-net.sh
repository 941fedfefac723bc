# The wire rig's network: two links between the generator and whoever is measured. Sourced by bench-wire.sh, behind
# test/lab's common.sh and topology.sh and cores.sh.
#
#   core 0: flw-gen { flwg0 -------- flwp0 } flw-box: core 1
#                   { flwg1 -------- flwp1 }
#     clients and origin at once           p0: 10.0.0.1/24, 10.0.0.100, p1: 10.0.1.1/24
#
# Both ends of a link are set up alike: as NICs that moderate their interrupts.

far_links="flw-gen:flwg0 flw-gen:flwg1"
near_links="flw-box:flwp0 flw-box:flwp1"
wire_ns="flw-gen flw-box"

wire_up()
{
	local ns

	for ns in $wire_ns; do
		ip netns add "$ns"
		ip netns exec "$ns" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
		ip -n "$ns" link set lo up
	done
	link_pair flwg0 flwp0
	link_pair flwg1 flwp1
	links_moderate
	kernel_tune
}

# What was made, or what a killed run left. A process that holds a namespace would keep its links.
wire_down()
{
	local ns

	for ns in $wire_ns; do
		[ -e "/run/netns/$ns" ] || continue
		ip netns pids "$ns" | xargs -r kill -KILL 2>/dev/null || :
	done
	for ns in $wire_ns; do
		[ -e "/run/netns/$ns" ] || continue
		ip -n "$ns" link del flwp0 2>/dev/null || :
		ip -n "$ns" link del flwp1 2>/dev/null || :
		ip netns del "$ns" || say "cannot delete namespace $ns"
	done
}

# link_pair FAR NEAR: one queue each way. Frames are whole, with their checksums: a program of XDP gets nothing else right.
link_pair()
{
	ip -n flw-gen link add "$1" numtxqueues 1 numrxqueues 1 type veth \
		peer name "$2" numtxqueues 1 numrxqueues 1 netns flw-box
	no_offloads flw-gen "$1"
	no_offloads flw-box "$2"
	ip -n flw-gen link set "$1" up
	ip -n flw-box link set "$2" up
}

# What a kernel needs to serve as a proxy, in the namespace that it has.
kernel_tune()
{
	ip netns exec flw-box sysctl -q -w net.ipv4.tcp_congestion_control=reno \
		net.ipv4.ip_local_port_range="1024 65000" net.core.somaxconn=8192 net.ipv4.tcp_max_syn_backlog=8192 \
		net.ipv4.tcp_tw_reuse=1 net.ipv4.tcp_no_metrics_save=1
}

# kernel_path on|off: the box's ports with the kernel's addresses, and what its TCP does with large segments. It cuts them
# itself, checksums and all, before they enter the link: as late as can be where no NIC does it.
kernel_path()
{
	local link

	for link in flwp0 flwp1; do
		ip netns exec flw-box ethtool -K $link sg "$1" gso "$1" >/dev/null
		ip -n flw-box addr flush dev $link
	done
	[ "$1" = on ] || return 0
	ip -n flw-box addr add 10.0.0.1/24 dev flwp0
	ip -n flw-box addr add 10.0.0.100/32 dev flwp0
	ip -n flw-box addr add 10.0.1.1/24 dev flwp1
	ip -n flw-box route replace default via 10.0.0.2
}

# flush_after US: how long a port's polling waits for more. Shorter is kinder to latency and dearer.
flush_after()
{
	local link

	for link in $far_links $near_links; do
		link_set "${link%:*}" "${link#*:}" gro_flush_timeout $(($1 * 1000))
	done
}

# Whoever opened or closed the far ends' XDP sockets: the polling threads are new then.
far_threads_pin()
{
	threads_pin "$far_links" $load_core
}
