# HAProxy in the appliance's place: same namespace, ports and addresses, through the kernel.
# Sourced by benchmarks.

haproxy_start()
{
	ip -n fl-box addr add 10.0.0.1/24 dev p0
	ip -n fl-box addr add 10.0.0.100/32 dev p0
	ip -n fl-box addr add 10.0.1.1/24 dev p1
	ip netns exec fl-box sysctl -q -w net.ipv4.tcp_congestion_control=reno \
		net.ipv4.ip_local_port_range="1024 65000" net.core.somaxconn=4096
	checksums_left_out on
	haproxy_conf >"$out_bench/haproxy.cfg"
	: >"$out_bench/haproxy.log"
	process_start haproxy fl-box "$out_bench/haproxy.log" \
		taskset -c $proxy_core haproxy -db -f "$out_bench/haproxy.cfg"
	near_threads_pin
}

haproxy_stop()
{
	process_stop haproxy
	checksums_left_out off
	ip -n fl-box addr flush dev p0
	ip -n fl-box addr flush dev p1
}

# A NIC would fill in and check checksums for a kernel: here nobody computes those of its packets,
# in either direction. Fairlead must not get such packets. checksums_left_out on|off
checksums_left_out()
{
	local link

	for link in fl-client:eth0 fl-server1:eth0 fl-server2:eth0 fl-server3:eth0 \
		fl-sw:c-box fl-sw:s-box fl-box:p0 fl-box:p1; do
		ip netns exec "${link%:*}" ethtool -K "${link#*:}" tx "$1" sg "$1" >/dev/null
	done
}

haproxy_pid() { process_pid haproxy; }

# It sleeps when it has nothing to do: all of its time counts.
haproxy_busy_us() { echo 0; }

haproxy_version() { haproxy -v | sed -n 's/^HAProxy version \([^ ]*\).*/\1/p'; }

# What Fairlead does too and no more: X-Forwarded-For, monitors, any idle connection to a member
# taken for any request.
haproxy_conf()
{
	cat <<-END
	global
		nbthread 1
		maxconn 9000
	defaults
		mode http
		timeout connect 3s
		timeout client 60s
		timeout server 60s
		option forwardfor
		http-reuse always
	frontend www
		bind 10.0.0.100:80 backlog 4096
		default_backend web
	backend web
		balance roundrobin
		option httpchk GET /
		default-server check inter 1s fall 2 rise 2
		server server1 10.0.1.11:80
		server server2 10.0.1.12:80
		server server3 10.0.1.13:80
	END
}
