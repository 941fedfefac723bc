# The network of bench-goodput, and the box in it. Sourced by bench-goodput.sh.
#
#   flg-c0 eth0 --- c0 [flg-bump] s0 ---.             .--- p0 [flg-box] p1 --- eth0 flg-member
#   flg-c1 eth0 --- c1 [        ] s1 ---| sw0 [flg-sw]|       .1        .1      .11
#   ...                                 '-------------'--- eth0 flg-linux
#   10.0.0.10, .11, ...                                    .50        10.0.0.0/24, 10.0.1.0/24
#
# A client a leg: even ones talk to the box, odd ones to flg-linux, through one and the same bump.

virtual_server=10.0.0.100
linux_server=10.0.0.50
flow_port=7000
cc_allowed=/proc/sys/net/ipv4/tcp_allowed_congestion_control

# net_up LEGS
net_up()
{
	local ns i

	cubic_allow
	namespaces="flg-sw flg-bump flg-box flg-linux flg-member"
	for ((i = 0; i < $1; i++)); do
		namespaces+=" flg-c$i"
	done
	for ns in $namespaces; do
		ip netns add "$ns"
		ip netns exec "$ns" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
		ip -n "$ns" link set lo up
	done
	ip -n flg-sw link add sw0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	ip -n flg-sw link set sw0 up
	for ((i = 0; i < $1; i++)); do
		pair flg-c$i eth0 flg-bump c$i
		pair flg-sw l$i flg-bump s$i
		ip -n flg-sw link set l$i master sw0
		ip -n flg-c$i addr add 10.0.0.$((10 + i))/24 dev eth0
		kernel_tcp flg-c$i
	done
	pair flg-sw box flg-box p0
	pair flg-sw linux flg-linux eth0
	pair flg-box p1 flg-member eth0
	ip -n flg-sw link set box master sw0
	ip -n flg-sw link set linux master sw0
	ip -n flg-linux addr add $linux_server/24 dev eth0
	ip -n flg-member addr add 10.0.1.11/24 dev eth0
	ip -n flg-member route add default via 10.0.1.1
	kernel_tcp flg-linux
	kernel_tcp flg-member
}

# What was made, or what a killed run left.
net_down()
{
	local ns

	for ns in $(ip netns list | awk '$1 ~ /^flg-/ { print $1 }'); do
		ip netns pids "$ns" | xargs -r kill -KILL 2>/dev/null || :
		ip netns del "$ns" || say "cannot delete namespace $ns"
	done
}

# It is the machine's own list, not a namespace's; what it was comes back at the end.
cubic_allow()
{
	grep -qw cubic $cc_allowed && return
	cat $cc_allowed >"$state_dir/cc_allowed"
	echo "$(cat $cc_allowed) cubic" >$cc_allowed || die "this kernel has no cubic"
}

cubic_restore()
{
	[ ! -e "$state_dir/cc_allowed" ] || cat "$state_dir/cc_allowed" >$cc_allowed
}

# pair NAMESPACE LINK NAMESPACE LINK
pair()
{
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
	no_offloads "$1" "$2"
	no_offloads "$3" "$4"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# As Linux comes, but: cubic, nothing remembered from one connection for the next, and buffers that
# may grow beyond what fills the largest link and its queue twice over.
kernel_tcp()
{
	ip netns exec "$1" sysctl -q -w net.ipv4.tcp_congestion_control=cubic || die "no cubic in $1"
	ip netns exec "$1" sysctl -q -w net.ipv4.tcp_no_metrics_save=1 \
		net.ipv4.tcp_rmem="4096 131072 16777216" net.ipv4.tcp_wmem="4096 16384 16777216"
}

box_up()
{
	mkdir -p "$run_dir"
	cat >"$out_lab/box.conf" <<-END
	version = 1;
	ports = ( { name = "p0"; addresses = [ "10.0.0.1/24" ]; },
	          { name = "p1"; addresses = [ "10.0.1.1/24" ]; } );
	pools = ( { name = "flows"; method = "round-robin";
	            members = ( { address = "10.0.1.11"; port = $flow_port; weight = 1; } ); } );
	virtual-servers = ( { name = "flow"; address = "$virtual_server"; port = $flow_port; type = "tcp"; pool = "flows"; } );
	END
	# A kernel's TCP waits for no turn on a core, and on a board nor does ours: sleeps of 500 us would be
	# 1% of a round trip of 20 ms.
	process_start dataplane flg-box "$out_lab/dataplane.log" chrt -f 5 "$bin/fairlead-dataplane" --run-dir "$run_dir" \
		--port p0=af_xdp:iface=p0 --port p1=af_xdp:iface=p1 --no-huge --mem-mb 512 --mbufs 98303 --idle-sleep-us 50 --conns 1024 --sessions 1024
	wait_until 30 test -S "$run_dir/dataplane.sock" || die "the data plane does not start: $out_lab/dataplane.log"
	process_start mgmtd flg-box "$out_lab/mgmtd.log" "$bin/fairlead-mgmtd" \
		--run-dir "$run_dir" --store "$run_dir/store" --config "$out_lab/box.conf"
	wait_until 10 test -S "$run_dir/mgmtd.sock" || die "mgmtd does not start: $out_lab/mgmtd.log"
	process_start linux flg-linux "$out_lab/linux.log" "$bin/bench-flow" serve $flow_port
	process_start member flg-member "$out_lab/member.log" "$bin/bench-flow" serve $flow_port
}
