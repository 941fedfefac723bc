# The wire rig's peers, in Fairlead's place: the same namespace, ports, addresses and core, through the kernel. Each does
# what Fairlead does and no more: X-Forwarded-For, the headers passed on as they are, no log, any idle connection to a
# server taken for any request. Sourced by bench-wire.sh.
#
# What is set beyond that is what makes them fastest; where two workloads want different things, the configuration is
# that workload's.

peer_pid=

haproxy_version() { haproxy -v | sed -n 's/^HAProxy version \([0-9.]*\).*/\1/p'; }
nginx_version() { nginx -v 2>&1 | sed 's,.*/,,'; }

# peer_start PEER WORKLOAD
peer_start()
{
	local conf=$out_bench/$1-$2.conf command

	kernel_path on
	near_threads_pin
	"$1_conf" "$2" >"$conf"
	case $1 in
	haproxy) command=(haproxy -db -f "$conf") ;;
	nginx) command=(nginx -e "$out_bench/nginx.log" -c "$conf") ;;
	esac
	"${child[@]}" "${box_in[@]}" taskset -c $subject_core "${command[@]}" >"$out_bench/$1.log" 2>&1 &
	peer_pid=$!
	wait_until 30 peer_listens && kill -0 "$peer_pid" 2>/dev/null || die_with "$1.log"
}

# Or it has ended.
peer_listens()
{
	"${box_in[@]}" ss -Hltn 'sport = :80' | grep -q . || ! kill -0 "$peer_pid" 2>/dev/null
}

peer_stop()
{
	[ -n "$peer_pid" ] || return 0
	child_stop "$peer_pid"
	peer_pid=
	kernel_path off
}

# Every process of the peer: resident memory in bytes.
peer_memory()
{
	local pid sum=0 kb

	for pid in $peer_pid $(cat "/proc/$peer_pid/task/$peer_pid/children"); do
		kb=$(awk '$1 == "Rss:" { print $2 }' "/proc/$pid/smaps_rollup")
		sum=$((sum + kb * 1024))
	done
	echo $sum
}

# One thread; two buffers of 64 KB for large bodies and splice() where that pays, by HAProxy's own judgement; for latency it
# polls, as ours does; a connection is accepted when its request is there.
haproxy_conf()
{
	local buffer=16384 conns=9500 global= splice= server="pool-purge-delay 60s"

	case $1 in
	bulk) buffer=65536 conns=2000 splice="option splice-auto" ;;	# each may take descriptors of a pipe, too
	open) global="busy-polling" ;;
	idle) server="pool-max-conn 0" ;;
	esac
	cat <<-END
	global
		nbthread 1
		maxconn $conns
		tune.bufsize $buffer
		$global
	defaults
		mode http
		timeout connect 3s
		timeout client 600s
		timeout server 600s
		timeout http-keep-alive 600s
		option forwardfor
		http-reuse always
		$splice
	frontend www
		bind 10.0.0.100:80 backlog 8192 defer-accept
		default_backend web
	backend web
		balance roundrobin
		option httpchk GET /
		default-server check inter 1s fall 4 rise 1 $server
		server server1 10.0.1.11:80
		server server2 10.0.1.12:80
		server server3 10.0.1.13:80
	END
}

# One worker; bodies pass in memory, never by a file; the origin's Server and Date instead of its own.
nginx_conf()
{
	local kept=512 buffers="16 16k" busy=32k

	case $1 in
	bulk) buffers="32 64k" busy=1m ;;
	idle) kept=1 ;;
	esac
	cat <<-END
	daemon off;
	user root;
	worker_processes 1;
	worker_rlimit_nofile 19900;
	pid $out_bench/nginx.pid;
	error_log $out_bench/nginx.log error;
	events {
		use epoll;
		worker_connections 19500;
		multi_accept on;
		accept_mutex off;
	}
	http {
		access_log off;
		sendfile on;
		tcp_nodelay on;
		keepalive_timeout 600s;
		keepalive_requests 1000000000;
		upstream web {
			server 10.0.1.11:80;
			server 10.0.1.12:80;
			server 10.0.1.13:80;
			keepalive $kept;
			keepalive_requests 1000000000;
		}
		server {
			listen 10.0.0.100:80 reuseport backlog=8192 deferred;
			location / {
				proxy_pass http://web;
				proxy_http_version 1.1;
				proxy_set_header Connection "";
				proxy_set_header Host \$http_host;
				proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
				proxy_pass_header Server;
				proxy_pass_header Date;
				proxy_buffer_size 16k;
				proxy_buffers $buffers;
				proxy_busy_buffers_size $busy;
				proxy_max_temp_file_size 0;
			}
		}
	}
	END
}
